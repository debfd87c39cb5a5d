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
    node(1, "HumanDiTExample", (20, 60), (300, 155), values={"picture": PICTURE}),
    node(2, "HumanDiTLoadPoseDetector", (380, 60), (314, 205)),
    node(
        3, "HumanDiTDetectPose", (380, 325), (290, 570), title="Pose of the picture",
        links={**DETECTOR, "images": (1, 0)},
    ),
    node(
        4, "HumanDiTDetectPose", (380, 955), (290, 570), title="Poses of the film",
        links={**DETECTOR, "images": (1, 1), "fps": (1, 2)},
    ),
    node(5, "HumanDiTSmoothPose", (730, 60), (290, 350), links={"poses": (4, 0)}),
    node(
        6, "HumanDiTAdaptPose", (730, 470), (290, 740),
        links={"reference_poses": (3, 0), "poses": (5, 0), "picture": (1, 0)},
        values={"ground": True, "keep_inside": True},
    ),
    node(7, "HumanDiTDrawPose", (1050, 60), (310, 170), links={"poses": (6, 0)}),
    node(8, "PreviewImage", (1050, 290), (310, 360), title="Driving poses", links={"images": (7, 0)}),
    node(
        9, "HumanDiTTrackBackground", (1050, 710), (310, 680),
        links={"images": (1, 1), "fps": (1, 2), "poses": (4, 0)}, values={"mode": "still"},
    ),
    node(10, "HumanDiTContinuity", (1420, 450), (310, 300)),
    node(11, "HumanDiTLoadModel", (1420, 60), (310, 180)),
    node(12, "HumanDiTLoadVAE", (1420, 300), (310, 90)),
    node(
        13, "HumanDiTSample", (1760, 60), (310, 950),
        links={"model": (11, 0), "vae": (12, 0), **POSED, "background": (9, 0), "continuity": (10, 0)},
        values={**SAMPLE, "frames": 0, "segment_frames": 17},
    ),
    node(
        14, "HumanDiTDriftMeter", (2100, 740), (330, 300), links={"images": (13, 0), **POSED, "fps": (13, 1)},
        values={"segment_frames": 17},
    ),
    node(15, "PreviewImage", (1760, 1130), (670, 340), title="Drift", links={"images": (14, 0)}),
    node(16, "CreateVideo", (2100, 60), (330, 90), links={"images": (13, 0), "fps": (13, 1)}),
    node(
        17, "SaveVideo", (2100, 210), (330, 470), links={"video": (16, 0)}, values={"filename_prefix": "humandit/long"}
    ),
    note(18, "Start here", (20, 275), (300, 280), START),
    note(19, "About the poses", (20, 615), (300, 190), POSES),
    note(20, "About drift", (1420, 810), (310, 270), DRIFT),
    note(21, "About the model", (20, 865), (300, 150), MODEL),
    note(22, "Cancel and go on", (20, 1075), (300, 180), SAFE),
    *draft(23, (2470, -20), {**POSED, "detector": (2, 0)}),
)  # fmt: skip
GROUPS = (
    group("Picture and film", (0, -20), (340, 1570), BLUE),
    group("Poses", (360, -20), (1020, 1570), GREEN),
    group("Video", (1400, -20), (1050, 1570), GOLD),
    draft_group((2470, -20), (700, 1570)),
)
GRAPH = Graph(
    "long-video",
    "5b7c9f0e-41d6-4a0f-9d0b-7c3e0d6f2a94",
    NODES,
    GROUPS,
    {"scale": 0.6, "offset": [110, 215]},
)
