"""Films of rendered people with one fault each, planted on purpose."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np

from humandit.data.synthetic import render_clip
from humandit.data.synthetic.crossing import render_crossing
from humandit.media.write import write_mp4
from humandit.pose import skeleton as coco

SIZE, FRAMES, FPS = 512, 36, 12.5
GOOD = (2, 3, 4, 9, 10, 18)
"""Scenes in which the person, both hands and the face are always in sight."""


@cache
def scene(seed: int, frames: int = FRAMES):
    return render_clip(seed, "train", frames, SIZE, FPS)


@dataclass(frozen=True)
class Planted:
    """A film's frames, and the rule that must name what is wrong with it; None for a good one. ``cuts``: of them.
    ``kept``: clips that stay."""

    frames: Callable[[], np.ndarray]
    rule: str | None = None
    cuts: int = 0
    kept: int = 0


def blurred(frames: np.ndarray, sigma: float) -> np.ndarray:
    import cv2

    return np.stack([cv2.GaussianBlur(f, (0, 0), sigma) for f in frames])


def blurred_part(seed: int, part: slice | None, sigma: float) -> np.ndarray:
    """Only hands (None: both) or the mouth are out of focus."""
    import cv2

    clip = scene(seed)
    soft, out = blurred(clip.frames, sigma), clip.frames.copy()
    parts = [coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE] if part is None else [part]
    for t in range(len(out)):
        mask = np.zeros(out.shape[1:3], np.uint8)
        for points in parts:
            xy = clip.poses.xy[t, points]
            cv2.circle(mask, tuple(int(v) for v in xy.mean(0)), int(np.ptp(xy, 0).max() * 0.8) + 8, 1, -1)
        out[t][mask > 0] = soft[t][mask > 0]
    return out


def written(frames: np.ndarray, text: str, lines: int, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Frames with ``lines`` of white writing with black edges, from below upwards, and its exact mask [H, W] bool."""
    import cv2

    height, width = frames.shape[1:3]
    mask = np.zeros((height, width), np.uint8)
    step = int(34 * scale) + 6
    for line in range(lines):
        at = (int(0.06 * width), height - 14 - line * step)
        cv2.putText(mask, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, 2, 6, cv2.LINE_AA)
        cv2.putText(mask, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, 3, 2, cv2.LINE_AA)
    out = frames.copy()
    out[:, mask > 0] = 0
    out[:, mask == 3] = 255
    return out, mask > 0


def compressed(frames: np.ndarray, quality: int) -> np.ndarray:
    import cv2

    return np.stack([cv2.imdecode(cv2.imencode(".jpg", f, [1, quality])[1], 1) for f in frames])


def small_in(frames: np.ndarray, side: int, seed: int) -> np.ndarray:
    """The film, ``side`` pixels large, in the middle of another scene's empty backdrop."""
    import cv2

    wide = np.repeat(empty(seed)[None], len(frames), 0)
    start = (SIZE - side) // 2
    wide[:, start : start + side, start : start + side] = np.stack([cv2.resize(f, (side, side)) for f in frames])
    return wide


def empty(seed: int) -> np.ndarray:
    """A scene's backdrop without its person."""
    import cv2

    clip = scene(seed)
    hole = cv2.dilate(clip.mask[0].astype(np.uint8), np.ones((15, 15)))
    return cv2.inpaint(np.ascontiguousarray(clip.frames[0]), hole, 7, cv2.INPAINT_TELEA)


def sky() -> np.ndarray:
    """An evening sky that grows lighter."""
    down = np.linspace(60, 190, SIZE)[None, :, None, None] * np.array([0.6, 0.8, 1.0])
    return np.repeat(down + 20 * np.linspace(0, 1, FRAMES)[:, None, None, None], SIZE, 2).astype(np.uint8)


def flickering(frames: np.ndarray) -> np.ndarray:
    """Fades to black and back again."""
    light = 0.72 + 0.28 * np.cos(np.linspace(0, 4 * np.pi, len(frames)))
    return (frames * light[:, None, None, None]).astype(np.uint8)


def jumping(frames: np.ndarray) -> np.ndarray:
    """The picture leaps to and fro by half its side: the same colours, so no cut shows."""
    shift = [(-SIZE // 4, SIZE // 4)[t // 9 % 2] for t in range(len(frames))]
    return np.stack([np.roll(f, s, axis=1) for f, s in zip(frames, shift, strict=True)])


def without_hands(seed: int) -> np.ndarray:
    """What hands would hold is black cloth: a disc over each."""
    import cv2

    clip = scene(seed)
    out = clip.frames.copy()
    for t, frame in enumerate(out):
        for part in (coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE):
            xy = clip.poses.xy[t, part]
            cv2.circle(frame, tuple(int(v) for v in xy.mean(0)), int(np.ptp(xy, 0).max()) + 8, (40, 40, 40), -1)
    return out


FILMS: dict[str, Planted] = {
    **{f"good-{seed}": Planted(lambda seed=seed: scene(seed).frames, kept=1) for seed in GOOD},
    "cut": Planted(lambda: np.concatenate([scene(2).frames, scene(9).frames]), cuts=1, kept=2),
    "subtitles": Planted(lambda: written(scene(3).frames, "and then she said", 1, 0.9)[0], kept=1),
    "cuts-too-short": Planted(lambda: np.concatenate([scene(s).frames[:14] for s in (3, 9, 2)]), "frames", cuts=2),
    "too-short": Planted(lambda: scene(4).frames[:20], "frames"),
    "two-people": Planted(lambda: render_crossing(0, "train", FRAMES).frames, "others"),
    "blurred": Planted(lambda: blurred(scene(3).frames, 3.0), "mean_quality"),
    "blurred-moment": Planted(lambda: np.concatenate([scene(3).frames[:20], blurred(scene(3).frames[20:26], 4.0),
                                                      scene(3).frames[26:]]), "worst_quality"),
    "blurred-hands": Planted(lambda: blurred_part(3, None, 2.0), "hand_clarity"),
    "compressed": Planted(lambda: compressed(scene(2).frames, 3), "mean_quality"),
    "hands-hidden": Planted(lambda: without_hands(3), "hands_visible"),
    "tiny": Planted(lambda: small_in(scene(3).frames, 150, 2), "side"),
    "fading": Planted(lambda: flickering(scene(2).frames), "histogram_variance"),
    "jumping": Planted(lambda: jumping(scene(10).frames), "joint_speed"),
    "nobody": Planted(sky, "person"),
    "writing": Planted(lambda: written(scene(10).frames, "BUY ONE GET ONE", 5, 1.5)[0], "text_share"),
}  # fmt: skip
"""Name -> film."""
BROKEN = {
    "broken-cut-off": "cannot be decoded",
    "broken-empty": "0 bytes",
    "broken-text": "cannot be decoded",
    "broken-sound": "no picture",
}
"""Name -> what its problem says."""


def write_film(path: Path, frames: np.ndarray, fps: float = FPS) -> Path:
    write_mp4(path, frames, fps, quality=12)
    return path


def write_broken(folder: Path) -> None:
    """The files of :data:`BROKEN`."""
    whole = write_film(folder / "whole.mp4", scene(3).frames).read_bytes()
    (folder / "whole.mp4").unlink()
    (folder / "broken-cut-off.mp4").write_bytes(whole[: len(whole) // 5])
    (folder / "broken-empty.mp4").write_bytes(b"")
    (folder / "broken-text.mp4").write_text("no film at all")
    write_sound(folder / "broken-sound.mp4")


def write_sound(path: Path) -> None:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), "fltp", "mono")
        frame.rate = 44100
        container.mux([*stream.encode(frame), *stream.encode()])


def write_rotated(path: Path, frames: np.ndarray) -> Path:
    """A film as a phone held upright makes it: lying pictures, and a word that says how to turn them."""
    write_film(path, np.ascontiguousarray(np.rot90(frames, 1, (1, 2))))
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    one = 0x10000
    data[at : at + 36] = struct.pack(">9i", 0, one, 0, -one, 0, 0, frames.shape[1] * one, 0, 0x40000000)
    path.write_bytes(bytes(data))
    return path


def write_uneven(path: Path, frames: np.ndarray, seconds: np.ndarray) -> Path:
    """A film whose frames are shown at ``seconds``, as phones and screen recorders make them."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"crf": "12", "bf": "0"})
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for frame, second in zip(frames, seconds, strict=True):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            picture.pts, picture.time_base = round(second * 1000), Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


def tell(text: str) -> None:
    """A measured figure, shown by ``pytest -s``."""
    sys.stdout.write(f"\n{text}\n")
