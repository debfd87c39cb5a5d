"""Films and pictures to files, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InvalidMedia, MissingDependency

QUALITY = 16
"""x264's constant rate factor: 0 is lossless, 18 already looks so."""
REPEATABLE = {"x264-params": "no-mbtree=1"}
"""x264's macroblock tree reads memory that nobody wrote: with it the same film differs from one time to the next."""


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its place when the block ends, or vanishes when it fails."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.chmod(0o644)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_mp4(
    path: str | Path, frames: Iterable[np.ndarray], fps: float, quality: int = QUALITY, repeatable: bool = False
) -> int:
    """Write H.264, yuv420p, playable while it loads. Returns the number of frames written.

    Args:
        path: ends in ``.mp4``; replaced only when the whole film is written.
        frames: [T, H, W, 3] uint8 RGB, or an iterable of [H, W, 3] so that a long film streams through.
        fps: > 0.
        quality: x264's constant rate factor, 0 (lossless) to 51.
        repeatable: the same frames give the same bytes, every time and with any number of cores; slower.

    An odd width or height grows by one repeated pixel: the format holds even sizes only.
    """
    path = Path(path)
    if path.suffix.lower() != ".mp4":
        raise InvalidMedia(f"A film is written as .mp4, got {path.name!r}. Name the output with .mp4.")
    if not (np.isfinite(fps) and fps > 0):
        raise InvalidMedia(f"fps must be greater than 0, got {fps}.")
    with whole_file(path) as part:
        count = _encode(part, frames, Fraction(float(fps)).limit_denominator(1001), quality, repeatable)
        if count == 0:
            raise InvalidMedia(f"A film needs at least one frame, got none for {path.name}.")
    return count


def write_image(path: str | Path, image: np.ndarray) -> None:
    """Write one [H, W, 3] uint8 RGB picture; the suffix names the format."""
    from PIL import Image

    path = Path(path)
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg", ".webp"):
        raise InvalidMedia(f"A picture is written as .png, .jpg or .webp, got {path.name!r}.")
    with whole_file(path) as part:
        Image.fromarray(_checked(image, image.shape)).save(part)


def _encode(part: Path, frames: Iterable[np.ndarray], rate: Fraction, quality: int, repeatable: bool) -> int:
    try:
        import av
    except ImportError as error:
        raise MissingDependency("Writing films needs PyAV. Run: pip install av") from error
    count, stream, shape = 0, None, None
    with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        for image in frames:
            if stream is None:
                shape = image.shape
                stream = _stream(container, shape, rate, quality, REPEATABLE if repeatable else {})
                stream.codec_context.thread_count = 1 if repeatable else 0
            frame = av.VideoFrame.from_ndarray(_even(_checked(image, shape)), format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709")
            frame.pts = count
            container.mux(stream.encode(frame))
            count += 1
        if stream is not None:
            container.mux(stream.encode())
    return count


def _stream(container: Any, shape: tuple[int, ...], rate: Fraction, quality: int, more: Mapping[str, str]) -> Any:
    if len(shape) != 3 or shape[2] != 3:
        raise InvalidMedia(f"Frames must be [height, width, 3], got {list(shape)}.")
    stream = container.add_stream("libx264", rate=rate, options={"crf": str(quality), "preset": "medium", **more})
    stream.height, stream.width = shape[0] + shape[0] % 2, shape[1] + shape[1] % 2
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / rate
    context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709, as every browser assumes for HD
    context.color_range = 1
    return stream


def _checked(image: np.ndarray, shape: tuple[int, ...] | None) -> np.ndarray:
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.shape != shape:
        wanted = list(shape or ())
        raise InvalidMedia(f"Frames must be uint8 {wanted} like the first, got {image.dtype} {list(image.shape)}.")
    return np.ascontiguousarray(image)


def _even(image: np.ndarray) -> np.ndarray:
    rows, columns = image.shape[0] % 2, image.shape[1] % 2
    return np.pad(image, ((0, rows), (0, columns), (0, 0)), "edge") if rows or columns else image
