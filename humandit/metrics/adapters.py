"""How well an adapter puts one person's motion on another's body, where the true bones are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np

from ..pose import skeleton as coco
from ..pose.adapt import NECK, Points, adapt, limb_vectors, part_vectors
from ..pose.sequence import PoseSequence

SHORT = 0.03
"""Bones that show less than this share of the body have no direction worth measuring."""
AFFINE_POINTS = [coco.INDEX[f"{side}_{j}"] for side in ("left", "right") for j in ("shoulder", "hip", "eye", "ear")]

Adapter = Callable[[PoseSequence, PoseSequence], PoseSequence]


@runtime_checkable
class TruePair(Protocol):
    """What an adapter is given, and what it should make; see ``data.synthetic.pairs``.

    Attributes:
        reference: one frame. template: T frames, as a detector would see them.
        truth: [T, N, 2] pixels, the true limbs at the reference's scale.
        body: the reference's true size in its picture, pixels.
        parts: "head" and "hands": [T, N, 2] pixels, true distances on them.
        counted: [T, N] bool, limbs whose error counts.
    """

    @property
    def reference(self) -> PoseSequence: ...

    @property
    def template(self) -> PoseSequence: ...

    @property
    def truth(self) -> np.ndarray: ...

    @property
    def body(self) -> float: ...

    @property
    def parts(self) -> dict[str, np.ndarray]: ...

    @property
    def counted(self) -> np.ndarray: ...


def unadapted(reference: PoseSequence, template: PoseSequence) -> PoseSequence:
    """The template as it is, stretched to the reference's canvas: what happens without an adapter."""
    return template.resized(reference.canvas)


def affine(reference: PoseSequence, template: PoseSequence) -> PoseSequence:
    """One scale and shift for the whole film (MimicMotion's ``dwpose/preprocess.py``, own code): heights of neck,
    nose, shoulders, hips, eyes and ears fitted by least squares over all frames, widths by the same scale."""
    ref, source = Points.of(reference), Points.of(template.resized(reference.canvas))
    picks = [coco.INDEX["nose"], NECK, *AFFINE_POINTS]
    both = source.seen[:, picks] & ref.seen[:, picks]
    y, x = source.xy[:, picks, 1][both], source.xy[:, picks, 0][both]
    to = np.broadcast_to(ref.xy[:, picks], (len(template), len(picks), 2))[both]
    scale, down = np.polyfit(y, to[:, 1], 1)
    right = (to[:, 0] - x * scale).mean()
    xy = source.xy[:, : coco.COUNT] * scale + [right, down]
    return replace(template, xy=xy.astype(np.float32), canvas=reference.canvas)


ADAPTERS: dict[str, Adapter] = {
    "none": unadapted,
    "affine": affine,
    "paper": lambda reference, template: adapt(reference, template, mode="paper"),
    "robust": lambda reference, template: adapt(reference, template, mode="robust"),
}


def errors(result: PoseSequence, pair: TruePair) -> tuple[np.ndarray, np.ndarray]:
    """Bone-length errors in percent of the body, and direction errors in degrees, over the counted bones of all
    frames [N]."""
    made = limb_vectors(result.xy.astype(np.float64))
    long, wanted = np.linalg.norm(made, axis=-1), np.linalg.norm(pair.truth, axis=-1)
    turn = np.arctan2(made[..., 1], made[..., 0]) - np.arctan2(pair.truth[..., 1], pair.truth[..., 0])
    degrees = np.abs(np.degrees((turn + np.pi) % (2 * np.pi) - np.pi))
    shown = (wanted > SHORT * pair.body) & pair.counted
    return (100 * np.abs(long - wanted) / pair.body)[pair.counted], degrees[shown]


def size_errors(result: PoseSequence, pair: TruePair) -> dict[str, float]:
    """Part ("head", "hands") -> error of its size in percent; trembling along the true distances averages out."""
    made = part_vectors(result.xy.astype(np.float64))
    sizes = {part: (made[part] * truth).sum() / (truth**2).sum() for part, truth in pair.parts.items()}
    return {part: 100 * abs(float(size) - 1) for part, size in sizes.items()}


def adapter_scores(pairs: Sequence[TruePair]) -> dict[str, dict[str, float]]:
    """Adapter -> bone_error_mean and bone_error_p95 (percent of the body), angle_error_deg (mean), head_error and
    hands_error (percent of their size), over all pairs."""
    return {
        name: _scores([adapter(p.reference, p.template) for p in pairs], pairs) for name, adapter in ADAPTERS.items()
    }


def _scores(results: Sequence[PoseSequence], pairs: Sequence[TruePair]) -> dict[str, float]:
    each = [errors(result, pair) for result, pair in zip(results, pairs, strict=True)]
    length, angle = (np.concatenate(parts) for parts in zip(*each, strict=True))
    sizes = [size_errors(result, pair) for result, pair in zip(results, pairs, strict=True)]
    return {
        "bone_error_mean": float(length.mean()),
        "bone_error_p95": float(np.percentile(length, 95)),
        "angle_error_deg": float(angle.mean()),
        **{f"{part}_error": float(np.mean([size[part] for size in sizes])) for part in sizes[0]},
    }
