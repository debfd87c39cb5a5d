"""Detectors: frames in, people's COCO-WholeBody keypoints out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import InvalidWeights, MissingDependency
from .protocol import Detector, Sighting

if TYPE_CHECKING:
    from .persons import PersonNet
    from .topdown import PoseNet

__all__ = ["DETECTORS", "WHOLE_FRAME", "Detector", "Sighting", "load_detector"]

DETECTORS = ("mediapipe", "dwpose", "rtmw", "rtmpose", "vitpose", "sapiens")
WHOLE_FRAME = "none"
"""Stands for a person net that is not there: the whole frame is taken for one person."""


def load_detector(
    name: str = "mediapipe",
    folder: str | Path | None = None,
    device: str | None = None,
    weights: str | Path | None = None,
    person_weights: str | Path | None = None,
) -> Detector:
    """The detector called ``name``.

    Args:
        name: one of ``DETECTORS``.
        folder: where the nets lie; the cache is searched next.
        device: a wish. The detector's ``device`` says what it really runs on.
        weights: file of the pose net; None searches the folder and the cache. Sapiens files run code and are never
            searched for.
        person_weights: file of the person net, or ``WHOLE_FRAME``; None searches, and goes on with the whole frame
            where there is none.
    """
    if name not in DETECTORS:
        raise MissingDependency(f"Unknown pose detector {name!r}; known are {', '.join(DETECTORS)}.")
    if name == "mediapipe":
        return _mediapipe(folder, weights or person_weights)
    from .nets import cache_folder
    from .topdown import TopDownDetector

    folders = [*([Path(folder)] if folder else []), cache_folder()]
    pose = _pose_net(name, folders, weights, device)
    return TopDownDetector(name, pose, _person_net(folders, person_weights, device))


def _mediapipe(folder: str | Path | None, weights: str | Path | None) -> Detector:
    if weights:
        others = ", ".join(DETECTORS[1:])
        raise InvalidWeights(f"The mediapipe detector brings its own nets; {weights} needs one of {others}.")
    from .mediapipe import MediaPipeDetector

    return MediaPipeDetector.load(folder)


def _pose_net(name: str, folders: list[Path], weights: str | Path | None, device: str | None) -> PoseNet:
    if name == "sapiens":
        if weights is None:
            raise MissingDependency(
                "Name the Sapiens file (_torchscript.pt2): such files run code, so none is chosen for you. "
                "Where to get one: python -m humandit weights list"
            )
        from .sapiens import SapiensNet

        return SapiensNet(weights, device)
    from .choose import choose
    from .simcc import SimccNet
    from .vitpose import HeatmapNet

    return (HeatmapNet if name == "vitpose" else SimccNet)(weights or choose(name, folders), device)


def _person_net(folders: list[Path], weights: str | Path | None, device: str | None) -> PersonNet | None:
    from .choose import PERSON, search
    from .persons import PersonNet

    found = weights or search(PERSON, folders)
    return None if found is None or found == WHOLE_FRAME else PersonNet(found, device)
