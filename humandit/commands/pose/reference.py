"""Our detector beside MediaPipe's own Holistic: real films in, agreement and speed out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...pose.detect import Detector


def compare(detector: Detector, films: Sequence[str] | None, rounds: int) -> dict[str, float]:
    """Scores of :mod:`humandit.metrics.reference`; those of agreement from the first round.

    ``smoothed_agreement_px``: with the reference's own smoothing on, which ours leaves to Smooth Pose.
    """
    from ...media.read import read_film
    from ...metrics.holistic import Holistic, environment
    from ...metrics.reference import agreement, side_by_side, speed

    frames = [read_film(path).frames for path in _paths(films, rounds)]
    python = environment()
    with Holistic(python) as plain:
        pairs = side_by_side(detector, plain, frames, rounds)
    with Holistic(python, smooth=True) as smoothed:
        calm = agreement([(ours, smoothed(film)) for (ours, _), film in zip(pairs, frames, strict=False)])
    scores = {**speed(pairs), **agreement(pairs[: len(frames)]), "smoothed_agreement_px": calm["agreement_px"]}
    return {**scores, "films": len(frames), "rounds": rounds}


def _paths(films: Sequence[str] | None, rounds: int) -> list[Path]:
    from ...errors import HumanDiTError
    from ...wheels import cache_root

    paths = [Path(film) for film in films] if films else sorted((cache_root() / "films").glob("*.webp"))
    if not paths or rounds < 1:
        raise HumanDiTError(
            f"The reference needs films of a person and at least one round, got {len(paths)} and {rounds}. "
            "Name films with --films, or fetch those of the tests: python -m tools.fetch"
        )
    return paths
