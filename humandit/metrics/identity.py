"""Is it still the same person: the colours of body and clothes, and the face, against the reference picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..errors import InvalidWeights, MissingDependency
from ..pose import skeleton as coco
from ..pose.sequence import PoseSequence
from .detectors import SEEN

BINS = 6
"""Steps of red, green and blue each."""
FACE_SIDE = 112
EYES_NOSE_MOUTH = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
"""Where a face of 112 x 112 has its eyes, nose and corners of the mouth: ``arcface_dst`` in insightface's
``utils/face_align.py``."""
LANDMARKS = ((36, 42), (42, 48), (30, 31), (48, 49), (54, 55))
"""The same five among the 68 face points: from, to; several are averaged."""
ARCFACE_SIZE = 512

Faces = Callable[[np.ndarray, np.ndarray], float]
"""Two faces, uint8 [112, 112, 3] -> how alike or how far apart they are."""


def palette(pixels: np.ndarray) -> np.ndarray:
    """[216] shares of the colours among uint8 pixels [N, 3]."""
    codes = (pixels.astype(np.int64) * BINS // 256) @ (BINS**2, BINS, 1)
    return np.bincount(codes, minlength=BINS**3) / max(len(pixels), 1)


def palette_frames(film: np.ndarray, masks: np.ndarray, reference: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """[T] overlap of the person's colours in every frame with those in the reference, 0..1 (Bhattacharyya).

    Args:
        film: [T, H, W, 3] uint8. masks: [T, H, W] bool, where the person should be.
        reference: [H, W, 3] uint8. mask: [H, W] bool, where the person is there.

    NaN where a mask is empty.
    """
    wanted = palette(reference[mask])
    overlaps = [np.sqrt(palette(frame[inside]) * wanted).sum() if inside.any() else np.nan
                for frame, inside in zip(film, masks, strict=True)]  # fmt: skip
    return np.array(overlaps) if mask.any() else np.full(len(film), np.nan)


def aligned_face(frame: np.ndarray, pose: PoseSequence, t: int, least: float = SEEN) -> np.ndarray | None:
    """The face of frame ``t``, uint8 [112, 112, 3], upright and centred; None where its five points are not seen.

    ``pose`` is on the frame's own canvas; a point counts as seen with a score of ``least``.
    """
    import cv2

    points = np.arange(coco.FACE_SLICE.start, coco.FACE_SLICE.stop)
    picks = [points[low:high] for low, high in LANDMARKS]
    if min(pose.score[t, pick].min() for pick in picks) < least:
        return None
    five = np.stack([pose.xy[t, pick].mean(0) for pick in picks])
    matrix = similarity(five, EYES_NOSE_MOUTH)
    return (
        None
        if matrix is None
        else cv2.warpAffine(frame, matrix, (FACE_SIDE, FACE_SIDE), borderMode=cv2.BORDER_REPLICATE)
    )


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray | None:
    """[2, 3] turn, scale and shift that bring points [N, 2] nearest to others, mirroring excluded (Umeyama 1991); None
    for points in one place."""
    a, b = source - source.mean(0), target - target.mean(0)
    spread = (a**2).sum()
    if spread < 1e-6:
        return None
    cosine, sine = (a * b).sum() / spread, (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum() / spread
    turn = np.array([[cosine, -sine], [sine, cosine]])
    return np.concatenate([turn, (target.mean(0) - turn @ source.mean(0))[:, None]], 1)


def arcface(path: Path) -> Faces:
    """Cosine similarity of ArcFace's embeddings, -1..1: CSIM. ``path`` is an ONNX net of insightface
    (``w600k_r50.onnx`` of buffalo_l): RGB of 112 x 112 in -1..1 to 512 numbers."""
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingDependency(
            "Comparing faces by ArcFace needs ONNX Runtime. Run: pip install onnxruntime"
        ) from error
    try:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has no common error class
        first = str(error).splitlines()[0]
        raise InvalidWeights(f"{path.name} cannot be opened as an ONNX net ({first}). Fetch it again.") from error
    name = session.get_inputs()[0].name

    def embedding(face: np.ndarray) -> np.ndarray:
        picture = ((face.astype(np.float32) - 127.5) / 127.5).transpose(2, 0, 1)[None]
        vector = np.asarray(session.run(None, {name: picture})[0]).ravel()
        if vector.size != ARCFACE_SIZE:
            raise InvalidWeights(f"{path.name} should give {ARCFACE_SIZE} numbers for a face, gives {vector.size}.")
        return vector / max(float(np.linalg.norm(vector)), 1e-12)

    return lambda a, b: float(embedding(a) @ embedding(b))


def face_frames(
    film: np.ndarray, found: PoseSequence, truth: PoseSequence, face: np.ndarray | None, compare: Faces, least: float
) -> np.ndarray:
    """[T] ``compare`` of every frame's face with the reference's ``face``.

    Args:
        film: [T, H, W, 3]. found: poses detected in it. truth: true poses; frames whose face is not in sight are left
            out. least: score from which a detected point counts.

    NaN where the face is not in sight, or was not found.
    """
    out = np.full(len(film), np.nan)
    for t in range(len(film)):
        if face is not None and aligned_face(film[t], truth, t) is not None:
            shown = aligned_face(film[t], found, t, least)
            out[t] = np.nan if shown is None else compare(shown, face)
    return out


def found_frames(
    film: np.ndarray, found: PoseSequence, truth: PoseSequence, face: np.ndarray | None, least: float
) -> np.ndarray:
    """[T] 1 where a face that should be seen was found, 0 where not, NaN where none should; see :func:`face_frames`."""
    compared = face_frames(film, found, truth, face, lambda a, b: 1.0, least)
    wanted = [face is not None and aligned_face(film[t], truth, t) is not None for t in range(len(film))]
    return np.where(wanted, np.nan_to_num(compared, nan=0.0), np.nan)
