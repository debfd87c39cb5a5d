"""The rivals of a model, by name: who makes films of the same clips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from ...metrics.evaluate import TrueClip
    from ...pipeline import Models
    from ...pose.sequence import PoseSequence
    from ...video.sample import Sampling

WHAT = {
    "puppet": "the picture cut along its skeleton and moved by the poses (HumanDiT Draft), with the person's true mask",
    "no_guidance": "the model at guidance 1, whatever its own",
    "guided": "the model at guidance 1.5, the paper's, whatever its own",
    "shuffled_pose": "the model with the next clip's poses",
    "no_pose": "the model without poses",
    "no_prefix": "the model with a grey picture in the reference's place",
    "against": "other weights",
    "repeat_reference": "the reference picture, standing still",
    "vae_only": "the truth through the autoencoder: as good as this model could get",
    "ground_truth": "the truth: how well the detector itself does",
}
"""Name -> what it is, in the table's order."""
NAMES = tuple(WHAT)


@dataclass(frozen=True)
class Field:
    """What all rivals share.

    Attributes:
        models: the model under test. against: other weights, or None.
        frames: of a segment with its prefix. segments: of each clip.
        seed: of the noise. batch: clips denoised together, where there is one segment.
        continuity: name of what is done against drift (``video/continuity``).
        steps, guidance: of sampling; None for those that each model is best asked for.
    """

    models: Models
    against: Models | None = None
    frames: int = 17
    segments: int = 1
    seed: int = 0
    batch: int = 8
    continuity: str = "plain"
    steps: int | None = None
    guidance: float | None = None

    def made(
        self,
        clips: Sequence[TrueClip],
        poses: Sequence[PoseSequence] | None,
        guidance: float | None = None,
        models: Models | None = None,
    ) -> Iterable[np.ndarray]:
        """Films of a model, one per clip, as they are finished."""
        from ...metrics import rivals
        from ...video.continuity import continuity

        models = models or self.models
        sampling = self.sampling_of(models, guidance)
        if self.segments == 1:
            return rivals.sampled(clips, models, sampling, poses, self.batch)
        return rivals.chained(clips, models, sampling, poses, self.frames, continuity(self.continuity))

    def sampling_of(self, models: Models, guidance: float | None = None) -> Sampling:
        """How films of ``models`` are sampled; ``guidance`` instead of everybody's."""
        from ...video.presets import usual_sampling

        scale = self.guidance if guidance is None else guidance
        return usual_sampling(models.dit.config, steps=self.steps, guidance=scale, seed=self.seed)

    def films(self, name: str, clips: Sequence[TrueClip]) -> Iterable[np.ndarray] | None:
        """Films of "model" or one of :data:`NAMES`; None where there are no other weights."""
        from ...diffusion.guidance import POSE_GUIDANCE
        from ...metrics import rivals

        poses = [clip.poses for clip in clips]
        makers = {
            "model": lambda: self.made(clips, poses),
            "puppet": lambda: rivals.puppet(clips),
            "no_guidance": lambda: self.made(clips, poses, guidance=1),
            "guided": lambda: self.made(clips, poses, guidance=POSE_GUIDANCE),
            "shuffled_pose": lambda: self.made(clips, rivals.shuffled(clips)),
            "no_pose": lambda: self.made(clips, None),
            "no_prefix": lambda: self.made(rivals.without_prefix(clips), poses),
            "against": lambda: None if self.against is None else self.made(clips, poses, models=self.against),
            "repeat_reference": lambda: rivals.repeat_reference(clips),
            "vae_only": lambda: rivals.through_vae(clips, self.models.vae, self.device),
            "ground_truth": lambda: rivals.ground_truth(clips),
        }
        return makers[name]()

    @property
    def device(self) -> str:
        return str(next(self.models.dit.parameters()).device)
