"""Pictures of the help pages, ``web/docs/images/NODE.webp``: the bundled example, before and after each node.

``python -m tools.help_pictures [--only NODE ...] [--look FOLDER]`` draws them; ``--look`` also writes PNG copies.
What has a time axis plays. Nodes that load, save or only tell something have none; the pose editor's is a screenshot.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tools.host import ROOT

from . import films, poses

IMAGES = ROOT / "web" / "docs" / "images"
PICTURES: dict[str, Callable[[], np.ndarray]] = {
    "HumanDiTExample": films.example,
    "HumanDiTDetectPose": poses.detect_pose,
    "HumanDiTAdaptPose": poses.adapt_pose,
    "HumanDiTSmoothPose": poses.smooth_pose,
    "HumanDiTDrawPose": poses.draw_pose,
    "HumanDiTGenerateMotion": poses.generate_motion,
    "HumanDiTRefineMotion": poses.refine_motion_,
    "HumanDiTTrackBackground": poses.track_background,
    "HumanDiTPlan": films.plan,
    "HumanDiTDraft": films.draft,
    "HumanDiTSample": films.sample,
    "HumanDiTCondition": films.condition,
    "HumanDiTContinuity": films.continuity,
    "HumanDiTDriftMeter": films.drift,
    "HumanDiTCompare": films.compare,
    "HumanDiTLoadVAE": films.load_vae,
    "HumanDiTFunPose": films.fun_pose,
    "HumanDiTVCtrl": films.vctrl,
}
"""Type of a node -> what draws its picture [H, W, 3], or film [T, H, W, 3]."""
