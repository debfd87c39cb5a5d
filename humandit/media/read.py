"""Pictures and films from files, as uint8 RGB arrays. Whatever cannot be used becomes ``InvalidMedia``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InvalidMedia, MissingDependency

DEFAULT_FPS = 16.0
"""Speed of an animation whose file names none (animated WebP may store durations of 0)."""
MAX_FPS = 240.0
"""A stated speed above this is a container's time base, not a speed."""
PICTURES = "PNG, JPEG, WebP"
FILMS = "MP4, WebM, GIF, animated WebP"


@dataclass(frozen=True)
class Film:
    """Frames of one size at one speed.

    Attributes:
        frames: [T, H, W, 3] uint8 RGB, T >= 1.
        fps: frames per second, > 0.
    """

    frames: np.ndarray
    fps: float

    def __len__(self) -> int:
        return len(self.frames)


def read_image(path: str | Path) -> np.ndarray:
    """[H, W, 3] uint8 RGB, upright as its EXIF tag says. An animation gives its first frame."""
    path = _existing(path, "a picture", PICTURES)
    with _opened_by_pillow(path, "a picture", PICTURES) as image:
        return _upright(image)


def read_film(
    path: str | Path, max_frames: int | None = None, *, min_frames: int = 2, fps: float | None = None
) -> Film:
    """The film's frames, at most ``max_frames`` from the start.

    Args:
        path: MP4, WebM, GIF or any film that PyAV decodes, or an animated WebP or PNG.
        max_frames: stop after so many frames; None reads all.
        min_frames: fewer frames than this are refused. 1 lets a still pass as a film.
        fps: overrides the speed that the file states.
    """
    path = _existing(path, "a film", FILMS)
    if max_frames is not None and max_frames < min_frames:
        raise InvalidMedia(f"max_frames must be at least {min_frames} for {path.name}, got {max_frames}.")
    if fps is not None and not 0 < fps <= MAX_FPS:
        raise InvalidMedia(f"fps must lie in 0..{MAX_FPS:g}, got {fps}.")
    film = _read_with_pillow(path, max_frames) if _pillow_reads(path) else _read_with_av(path, max_frames)
    if len(film) < min_frames:
        raise InvalidMedia(
            f"{path.name} has {len(film)} frame{'s' * (len(film) != 1)}, a film needs at least {min_frames}. "
            f"Give a film ({FILMS}), not a still."
        )
    return film if fps is None else Film(film.frames, float(fps))


def read_frames(path: str | Path, max_frames: int | None = None) -> Film:
    """A film, or a picture as a film of one frame."""
    return read_film(path, max_frames, min_frames=1)


def _existing(path: str | Path, wanted: str, kinds: str) -> Path:
    path = Path(path)
    if not path.is_file():
        found = "a folder" if path.is_dir() else "nothing"
        raise InvalidMedia(f"Expected {wanted} ({kinds}) at {path}, found {found} there. Check the path.")
    if path.stat().st_size == 0:
        raise InvalidMedia(f"Expected {wanted} ({kinds}), {path.name} is empty (0 bytes). Copy or save it again.")
    return path


@contextmanager
def _opened_by_pillow(path: Path, wanted: str, kinds: str) -> Iterator[Any]:
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise MissingDependency("Reading pictures needs Pillow. Run: pip install pillow") from error
    try:
        with Image.open(path) as image:
            yield image
    except InvalidMedia:
        raise
    except UnidentifiedImageError as error:
        raise InvalidMedia(f"{path.name} is not {wanted}. Expected {kinds}; convert it to one of these.") from error
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise InvalidMedia(f"{path.name} is damaged or too large: {error}. Expected {wanted} ({kinds}).") from error


def _upright(image: Any) -> np.ndarray:
    from PIL import ImageOps

    return np.asarray(ImageOps.exif_transpose(image).convert("RGB"), np.uint8)


def _pillow_reads(path: Path) -> bool:
    """Stills and animated WebP and PNG; GIF goes to PyAV, which knows its timing too."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            return image.format not in ("GIF", "MPEG")
    except Exception:  # any file that Pillow cannot open is for the film decoder to judge
        return False


def _read_with_pillow(path: Path, max_frames: int | None) -> Film:
    with _opened_by_pillow(path, "a film", FILMS) as image:
        count = getattr(image, "n_frames", 1)
        count = count if max_frames is None else min(count, max_frames)
        frames, durations = [], []
        for index in range(count):
            image.seek(index)
            frames.append(_upright(image))
            durations.append(float(image.info.get("duration") or 0))
        return Film(np.stack(frames), _speed(durations))


def _speed(durations_ms: list[float]) -> float:
    mean = float(np.mean(durations_ms))
    return min(1000.0 / mean, MAX_FPS) if mean > 0 else DEFAULT_FPS


def _read_with_av(path: Path, max_frames: int | None) -> Film:
    try:
        import av
        from av.error import FFmpegError
    except ImportError as error:
        raise MissingDependency("Reading films needs PyAV. Run: pip install av") from error
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise InvalidMedia(f"{path.name} has sound but no picture. Expected a film ({FILMS}).")
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            frames, times = _decoded(container, stream, max_frames)
            rate = stream.average_rate
    except (FFmpegError, OSError, ValueError) as error:
        if isinstance(error, InvalidMedia):
            raise
        raise InvalidMedia(
            f"{path.name} is not a film that can be decoded ({getattr(error, 'strerror', None) or error}). "
            f"Expected {FILMS}; convert it to one of these."
        ) from error
    if not frames:
        raise InvalidMedia(f"{path.name} holds no frame (duration 0). Expected a film ({FILMS}); export it again.")
    if len({f.shape for f in frames}) > 1:
        raise InvalidMedia(f"{path.name} changes its size midway. Expected frames of one size; convert it to MP4.")
    return Film(np.stack(frames), _stated_or_measured(rate, times))


def _decoded(container: Any, stream: Any, max_frames: int | None) -> tuple[list[np.ndarray], list[float | None]]:
    frames, times = [], []
    for frame in container.decode(stream):
        turns = round((getattr(frame, "rotation", 0) or 0) / 90)
        frames.append(np.rot90(frame.to_ndarray(format="rgb24"), turns))
        times.append(frame.time)
        if max_frames is not None and len(frames) >= max_frames:
            break
    return frames, times


def _stated_or_measured(rate: Any, times: list[float | None]) -> float:
    """The stated speed, or the mean of the time stamps where the file states none or a time base."""
    known = [t for t in times if t is not None]
    measured = (len(known) - 1) / (known[-1] - known[0]) if len(known) > 1 and known[-1] > known[0] else None
    if rate and 0 < rate <= MAX_FPS:
        return float(rate)
    return measured if measured and measured <= MAX_FPS else DEFAULT_FPS
