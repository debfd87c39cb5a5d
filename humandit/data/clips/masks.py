"""The person's masks: one that fits, for training, and a wide one beside which background points may lie."""

from __future__ import annotations

import numpy as np

from ...pose.background.person import PersonMasks, person_masks
from ...pose.detect import Detector
from ...pose.sequence import PoseSequence


def masks_of(frames: np.ndarray, poses: PoseSequence, detector: Detector) -> tuple[np.ndarray, np.ndarray]:
    """Two [T, H, W] bool of frames [T, H, W, 3]: as the detector's nets cut the person out, and that together with the
    body painted thickly along its points.

    On rendered people the first has precision 0.97 and recall 0.98, the second 0.54 and 1.00. A detector that cuts
    nobody out, or not in some frame, leaves the painted body for both.
    """
    painted = np.stack(list(person_masks(poses)))
    if not isinstance(detector, PersonMasks):
        return painted, painted
    fitting = np.stack(list(detector.person_masks(frames, poses)))
    nobody = ~np.asarray(fitting.any((1, 2)))
    fitting = np.where(nobody[:, None, None], painted, fitting)
    return fitting, fitting | painted
