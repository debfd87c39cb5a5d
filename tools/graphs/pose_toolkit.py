"""The pose side alone: a film's motion on a picture's body, drawn and exported for other models."""

from __future__ import annotations

from tools.graph import Graph, group, node, note

from .common import BLUE, GOLD, GREEN, PICTURE

START = """## Pose toolkit
Press **Run**: the dancer's motion, on the body of the person in the picture, as a film of skeletons and a file of
keypoints. No video model is used: it takes seconds on any machine.

**Your own:** *Load Image* in place of the picture; *Load Video* \u2192 *Get Video Components* for the frames."""
POSES = """**Detect** finds 133 keypoints. **Smooth** takes out the tremble, fills short gaps and brings the motion to
16 frames per second, what Wan models know. **Adapt** gives it the bones and the place of the person in the picture."""
EDIT = """Run once, then press *Edit poses*: the skeleton plays, and every joint can be dragged; the frames around it
follow. Corrections stay in the workflow."""
OTHERS = """## Where it goes
**Wan-Animate, VACE, SCAIL, LTX, Fun-Control:** connect the drawn *IMAGE*, or load the saved film, where they take a
control or pose video. Set *width* and *height* of Draw Pose to the size that you render.
**Nodes that want keypoints:** *POSE_KEYPOINT* in two dialects, for the ControlNet preprocessors and for SDPose."""
FILES = """The film goes to *output/humandit*, the keypoints to *output/poses*. *HumanDiT Load Pose* reads them
again, and files of OpenPose, MMPose and Sapiens."""

NODES = (
    node(1, "HumanDiTExample", (20, 60), (300, 155), values={"picture": PICTURE}),
    node(2, "HumanDiTLoadPoseDetector", (380, 60), (314, 205)),
    node(
        3, "HumanDiTDetectPose", (380, 325), (290, 570), title="Pose of the picture",
        links={"detector": (2, 0), "images": (1, 0)},
    ),
    node(
        4, "HumanDiTDetectPose", (380, 955), (290, 570), title="Poses of the film",
        links={"detector": (2, 0), "images": (1, 1), "fps": (1, 2)},
    ),
    node(5, "HumanDiTSmoothPose", (730, 60), (290, 350), links={"poses": (4, 0)}, values={"fps": 16.0}),
    node(6, "HumanDiTEditPose", (730, 470), (400, 575), links={"poses": (5, 0)}),
    node(7, "HumanDiTDrawPose", (1520, 60), (290, 170), links={"poses": (17, 0)}, values={"lines": "dwpose"}),
    node(8, "PreviewImage", (1520, 290), (290, 340), title="Driving poses", links={"images": (7, 0)}),
    node(9, "CreateVideo", (1850, 60), (310, 90), links={"images": (7, 0)}, values={"fps": 16.0}),
    node(
        10, "SaveVideo", (1850, 210), (310, 450), links={"video": (9, 0)},
        values={"filename_prefix": "humandit/poses"},
    ),
    node(11, "HumanDiTPoseToKeypoint", (1520, 690), (290, 130), links={"poses": (17, 0)}),
    node(
        12, "HumanDiTSavePose", (1850, 720), (310, 160), links={"poses": (11, 0)},
        values={"filename_prefix": "poses/humandit", "format": "POSE_KEYPOINT (aux)"},
    ),
    note(13, "Start here", (20, 275), (300, 270), START),
    note(14, "About the poses", (20, 605), (300, 200), POSES),
    note(15, "For other models", (1520, 940), (640, 200), OTHERS),
    note(16, "About the files", (20, 865), (300, 160), FILES),
    node(
        17, "HumanDiTAdaptPose", (1170, 60), (290, 700),
        links={"reference_poses": (3, 0), "poses": (6, 0), "picture": (1, 0)},
    ),
    note(18, "Correct by hand", (1170, 820), (290, 200), EDIT),
)  # fmt: skip
GROUPS = (
    group("Picture and film", (0, -20), (340, 1570), BLUE),
    group("Poses", (360, -20), (1120, 1570), GREEN),
    group("Drawn and saved", (1500, -20), (680, 1570), GOLD),
)
GRAPH = Graph(
    "pose-toolkit",
    "3c1a1f58-7a53-4b62-9f0e-2f4b1b8f6c71",
    NODES,
    GROUPS,
    {"scale": 0.6, "offset": [110, 215]},
)
