"""Two films against each other, without a truth to know: figures frame by frame, and where they differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import InvalidMedia
from ..media.frames import fit_frames
from ..types import Canvas
from .backbones.stages import random_stages
from .figures import BY_NAME
from .image import WINDOW, l1_frames, psnr_frames, ssim_frames, ssim_map
from .perceptual import Perceptual

NAMES = ("l1", "psnr", "ssim", "perceptual")
GAIN = 4
"""A difference of a quarter of the range is as hot as it gets."""
GAP = 6
BAND, TEXT = 26, 15
"""Pixels: height of the labels, and of their letters."""
PAPER, INK = (24, 24, 24), (235, 235, 235)


@dataclass(frozen=True)
class Compared:
    """Two films of one length and size.

    Attributes:
        a, b: uint8 [T, H, W, 3].
        figures: "l1", "psnr", "ssim", "perceptual" -> [T].
        notes: what was done to make them alike, in sentences.
    """

    a: np.ndarray
    b: np.ndarray
    figures: Mapping[str, np.ndarray]
    notes: tuple[str, ...] = ()

    @property
    def worst(self) -> int:
        """The frame whose structure differs most, from 0."""
        return int(np.argmin(self.figures["ssim"]))


def compare_films(a: np.ndarray, b: np.ndarray, on_frame: Callable[[int], None] = lambda done: None) -> Compared:
    """Compare frame t of ``a`` with frame t of ``b``; uint8 [T, H, W, 3] each.

    The longer film is cut to the shorter, and ``b`` is brought to ``a``'s size; the notes say so.

    Raises:
        InvalidMedia: films smaller than the window that structure is measured in.
    """
    if min(a.shape[1:3]) < WINDOW:
        raise InvalidMedia(
            f"Films are compared from {WINDOW} x {WINDOW} pixels on, got {a.shape[2]} x {a.shape[1]}. Give larger ones."
        )
    a, b, notes = alike(a, b)
    net = Perceptual(random_stages())
    rows = []
    for t in range(len(a)):
        one, two = a[t : t + 1], b[t : t + 1]
        seen = net.frames(net.stages(one), net.stages(two))
        rows.append([l1_frames(one, two), psnr_frames(one, two), ssim_frames(ssim_map(one, two)), seen])
        on_frame(t + 1)
    return Compared(a, b, dict(zip(NAMES, np.array(rows)[..., 0].T, strict=True)), notes)


def alike(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Both films in one length and size, and what was done for it."""
    notes = []
    if len(a) != len(b):
        frames = min(len(a), len(b))
        notes.append(f"A has {len(a)} frames and B {len(b)}: the first {frames} were compared.")
        a, b = a[:frames], b[:frames]
    if a.shape[1:3] != b.shape[1:3]:
        (height, width), (tall, wide) = a.shape[1:3], b.shape[1:3]
        notes.append(f"B was scaled from {wide}x{tall} to A's {width}x{height}.")
        b = fit_frames(b, Canvas(width, height), "fit")
    return a, b, tuple(notes)


def heat(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """uint8 [T, H, W, 3]: mean difference of each pixel's colours, from black over red to yellow."""
    import cv2

    level = np.abs(a.astype(np.int16) - b.astype(np.int16)).mean(-1) * GAIN
    return np.stack(
        [cv2.applyColorMap(each, cv2.COLORMAP_INFERNO)[..., ::-1] for each in level.clip(0, 255).astype(np.uint8)]
    )


def side_by_side(films: Sequence[tuple[str, np.ndarray]]) -> np.ndarray:
    """uint8 [T, h, w, 3]: labelled films of one shape in a row, each below its label."""
    height, width = films[0][1].shape[1:3]
    columns: list[np.ndarray] = []
    for label, film in films:
        band = np.broadcast_to(_label(label, width), (len(film), BAND, width, 3))
        gap = np.full((len(film), BAND + height, GAP, 3), PAPER, np.uint8)
        columns += [np.concatenate([band, film], axis=1), gap]
    return np.concatenate(columns[:-1], axis=2)


def report(compared: Compared, label_a: str = "A", label_b: str = "B") -> str:
    """What was found, in lines for people."""
    height, width = compared.a.shape[1:3]
    frames = f"{len(compared.a)} frame{'s' * (len(compared.a) != 1)}"
    lines = [f"{label_a} and {label_b}: {frames} of {width}x{height}", *compared.notes]
    for name, values in compared.figures.items():
        figure = BY_NAME[name]
        lines.append(
            f"{name} {values.mean():.{figure.digits}f} ({values.min():.{figure.digits}f} to "
            f"{values.max():.{figure.digits}f}), {'higher' if figure.higher else 'lower'} is closer"
        )
    lines.append(f"They differ most in frame {compared.worst + 1}.")
    return "\n".join(lines)


def _label(text: str, width: int) -> np.ndarray:
    """[BAND, width, 3] with the text, cut where it is too long."""
    from PIL import Image, ImageDraw, ImageFont

    band = Image.new("RGB", (width, BAND), PAPER)
    ImageDraw.Draw(band).text((6, 3), text, fill=INK, font=ImageFont.load_default(TEXT))
    return np.asarray(band)
