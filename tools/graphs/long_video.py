"""A film of many segments that keeps its person and its place, and a meter that shows whether it does."""

from __future__ import annotations

from tools.graph import Graph, group, node, note

from .common import BLUE, GOLD, GREEN, MODEL, PICTURE, SAMPLE, draft, draft_group

START = """## Long video
Press **Run**: the whole example film in short segments, held together by **Continuity**, and measured.

**Your own:** *Load Image* in place of the picture, *Load Video* \u2192 *Get Video Components* for the film, minutes or
an hour of it. If its camera moves, choose *film* in Track Background."""
POSES = """**Smooth** takes out the tremble and fills short gaps. **Adapt** puts the motion on the body in the picture;
*ground* keeps feet on the floor, *keep inside* keeps everything in the picture, both for the whole film alike."""
DRIFT = """Every segment hands its faults on to the next. **Continuity** starts each from the picture instead,
cross-fades the seams and keeps the background. Set it to *plain* to see what it is good for.
**Drift Meter** shows how far each segment has gone from the picture: flat is good."""
SAFE = """Finished segments are kept. After *Cancel* or a crash queue the same again: the film goes on where it was, and
each finished segment plays on the node meanwhile."""

DETECTOR = {"detector": (2, 0)}
POSED = {"reference": (1, 0), "reference_poses": (3, 0), "poses": (6, 0)}

NODES = (
    node(1, "HumanDiTExample", (20, 60), (300, 110), values={"picture": PICTURE}),
    node(2, "HumanDiTLoadPoseDetector", (380, 60), (270, 150)),
    node(
        3, "HumanDiTDetectPose", (380, 280), (270, 320), title="Pose of the picture",
        links={**DETECTOR, "images": (1, 0)},
    ),
    node(
        4, "HumanDiTDetectPose", (380, 670), (270, 320), title="Poses of the film",
        links={**DETECTOR, "images": (1, 1), "fps": (1, 2)},
    ),
    node(5, "HumanDiTSmoothPose", (700, 60), (290, 250), links={"poses": (4, 0)}),
    node(
        6, "HumanDiTAdaptPose", (700, 380), (290, 540),
        links={"reference_poses": (3, 0), "poses": (5, 0), "picture": (1, 0)},
        values={"ground": True, "keep_inside": True},
    ),
    node(7, "HumanDiTDrawPose", (380, 1060), (270, 180), links={"poses": (6, 0)}),
    node(8, "PreviewImage", (700, 990), (290, 250), title="Driving poses", links={"images": (7, 0)}),
    node(
        9, "HumanDiTTrackBackground", (1060, 60), (310, 420),
        links={"images": (1, 1), "fps": (1, 2), "poses": (4, 0)}, values={"mode": "still"},
    ),
    node(10, "HumanDiTContinuity", (1060, 550), (310, 290)),
    node(11, "HumanDiTLoadModel", (1410, 60), (310, 160)),
    node(12, "HumanDiTLoadVAE", (1410, 290), (310, 70)),
    node(
        13, "HumanDiTSample", (1410, 430), (310, 620),
        links={"model": (11, 0), "vae": (12, 0), **POSED, "background": (9, 0), "continuity": (10, 0)},
        values={**SAMPLE, "frames": 0, "segment_frames": 17},
    ),
    node(
        14, "HumanDiTDriftMeter", (1760, 620), (330, 250), links={"images": (13, 0), **POSED, "fps": (13, 1)},
        values={"segment_frames": 17},
    ),
    node(15, "PreviewImage", (1760, 940), (330, 300), title="Drift", links={"images": (14, 0)}),
    node(16, "CreateVideo", (1760, 60), (330, 80), links={"images": (13, 0), "fps": (13, 1)}),
    node(
        17, "SaveVideo", (1760, 210), (330, 340), links={"video": (16, 0)}, values={"filename_prefix": "humandit/long"}
    ),
    note(18, "Start here", (20, 230), (300, 280), START),
    note(19, "About the poses", (20, 560), (300, 190), POSES),
    note(20, "About drift", (1060, 910), (310, 270), DRIFT),
    note(21, "About the model", (20, 800), (300, 150), MODEL),
    note(22, "Cancel and go on", (20, 1000), (300, 180), SAFE),
    *draft(23, (2130, -20), {**POSED, "detector": (2, 0)}),
)  # fmt: skip
GROUPS = (
    group("Picture and film", (0, -20), (340, 1290), BLUE),
    group("Poses", (360, -20), (650, 1290), GREEN),
    group("Video", (1040, -20), (1070, 1290), GOLD),
    draft_group((2130, -20), (700, 1290)),
)
GRAPH = Graph(
    "long-video",
    "5b7c9f0e-41d6-4a0f-9d0b-7c3e0d6f2a94",
    NODES,
    GROUPS,
    {"scale": 0.58, "offset": [110, 220]},
)
