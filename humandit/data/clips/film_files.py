"""Files of films: when their frames are shown, and the frames, upright and in their order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import InvalidMedia
from ...media.read import DEFAULT_FPS, MAX_FPS

STILLS = (".webp", ".png", ".apng")
"""Animations that Pillow reads; PyAV reads everything else."""


def open_file(path: Path) -> Decoded | Animation:
    """The reader of a file: ``times`` [N] s of its frames, and ``frames()``, [H, W, 3] uint8 RGB each.

    Raises:
        InvalidMedia: nothing that can be read, no picture, or a still.
    """
    return Animation(path) if path.suffix.lower() in STILLS else Decoded(path)


class Decoded:
    """A film through PyAV. Times come from the packets, before anything is decoded."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.times = np.array(self._times())

    def _times(self) -> list[float]:
        import av

        try:
            with av.open(str(self.path)) as container:
                stream = _picture(container, self.path.name)
                found = [p.pts for p in container.demux(stream) if p.size]
                base, rate = float(stream.time_base or 0), float(stream.average_rate or 0)
        except av.FFmpegError as error:
            raise InvalidMedia(_undecodable(self.path.name, error)) from error
        known = sorted(t for t in found if t is not None)
        if len(known) == len(found) > 0 and len(set(known)) == len(known) and base > 0:
            return [t * base for t in known]
        return [i / (rate if 0 < rate <= MAX_FPS else DEFAULT_FPS) for i in range(len(found))]

    def frames(self) -> Iterator[np.ndarray]:
        import av

        try:
            with av.open(str(self.path)) as container:
                stream = _picture(container, self.path.name)
                stream.thread_type = "AUTO"
                for frame in container.decode(stream):
                    turns = round((getattr(frame, "rotation", 0) or 0) / 90)
                    yield np.ascontiguousarray(np.rot90(frame.to_ndarray(format="rgb24"), turns))
        except av.FFmpegError as error:
            raise InvalidMedia(_undecodable(self.path.name, error)) from error


def _picture(container: Any, name: str) -> Any:
    if not container.streams.video:
        raise InvalidMedia(f"{name} has no picture. Expected a film.")
    return container.streams.video[0]


def _undecodable(name: str, error: Exception) -> str:
    words = getattr(error, "strerror", None) or error
    return f"{name} cannot be decoded ({words}). Convert it to MP4, or copy it again."


class Animation:
    """An animated WebP or PNG through Pillow."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._opened() as image:
            count = getattr(image, "n_frames", 1)
            if count < 2:
                raise InvalidMedia(f"{path.name} is a still. Expected a film.")
            lengths = []
            for number in range(count):
                image.seek(number)
                self._loaded(image, number)  # before that, nothing is said of a WebP's frame
                lengths.append(float(image.info.get("duration") or 0) / 1000)
        usual = 1 / DEFAULT_FPS
        lengths = [length or usual for length in lengths] if any(lengths) else [usual] * count
        self.times = np.concatenate([[0], np.cumsum(lengths)[:-1]])

    def _opened(self) -> Any:
        from PIL import Image, UnidentifiedImageError

        try:
            return Image.open(self.path)
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
            raise InvalidMedia(f"{self.path.name} is no animation that can be read: {error}.") from error

    def frames(self) -> Iterator[np.ndarray]:
        from PIL import ImageOps

        with self._opened() as image:
            for number in range(len(self.times)):
                image.seek(number)
                self._loaded(image, number)
                yield np.asarray(ImageOps.exif_transpose(image).convert("RGB"), np.uint8)

    def _loaded(self, image: Any, number: int) -> None:
        try:
            image.load()
        except (OSError, EOFError, SyntaxError, ValueError) as error:
            raise InvalidMedia(f"{self.path.name} is damaged at frame {number}: {error}. Export it again.") from error
