"""A picture and a film: the person in the picture moves as the one in the film does."""

from __future__ import annotations

from tools.graph import Graph, group, node, note

from .common import BLUE, GOLD, GREEN, MODEL, PICTURE, SAMPLE, draft, draft_group

START = """## Animate a picture
Press **Run**: the person in the example picture moves the way the person in the example film does.

**Your own:** put *Load Image* in place of the picture, and *Load Video* \u2192 *Get Video Components* in place of the
frames and their fps. One person, the whole body in view, works best."""
POSES = """**Detect** finds 133 keypoints in every frame. Several people? Write *largest* as the person, run, and click
the one you want. **Adapt** gives the film's poses the bone lengths and the place of the person in the picture, and
shows the fit; *ground* keeps feet on the floor, *keep inside* keeps hands in the picture. **Draw** only shows them."""
VIDEO = """Films of any length: segments of 8k + 1 frames follow each other, each starting from the last frame of the
one before. Width and height are multiples of 16. Frames **0** takes the whole film."""

SAMPLE_LINKS = {"model": (3, 0), "vae": (4, 0), "reference": (1, 0), "reference_poses": (5, 0), "poses": (7, 0)}
STILL = {"detector": (2, 0), "images": (1, 0)}
FILM = {"detector": (2, 0), "images": (1, 1), "fps": (1, 2)}
ADAPT = {"reference_poses": (5, 0), "poses": (6, 0), "picture": (1, 0)}

NODES = (
    node(1, "HumanDiTExample", (20, 60), (300, 155), values={"picture": PICTURE}),
    node(2, "HumanDiTLoadPoseDetector", (380, 60), (314, 205)),
    node(3, "HumanDiTLoadModel", (1090, 60), (300, 180)),
    node(4, "HumanDiTLoadVAE", (1090, 300), (300, 90)),
    node(5, "HumanDiTDetectPose", (380, 325), (290, 570), title="Pose of the picture", links=STILL),
    node(6, "HumanDiTDetectPose", (380, 955), (290, 570), title="Poses of the film", links=FILM),
    node(7, "HumanDiTAdaptPose", (730, 60), (290, 700), links=ADAPT),
    node(8, "HumanDiTDrawPose", (730, 820), (290, 170), links={"poses": (7, 0)}),
    node(9, "PreviewImage", (730, 1050), (290, 340), title="Driving poses", links={"images": (8, 0)}),
    node(10, "HumanDiTSample", (1430, 60), (300, 950), links=SAMPLE_LINKS, values=SAMPLE),
    node(11, "CreateVideo", (1770, 60), (330, 90), links={"images": (10, 0), "fps": (10, 1)}),
    node(
        12, "SaveVideo", (1770, 210), (330, 470), links={"video": (11, 0)}, values={"filename_prefix": "humandit/film"}
    ),
    note(13, "Start here", (20, 275), (300, 260), START),
    note(14, "About the poses", (20, 595), (300, 230), POSES),
    note(15, "About the model", (1090, 450), (300, 140), MODEL),
    note(16, "About the length", (1090, 650), (300, 160), VIDEO),
    *draft(17, (2140, -20), {"reference": (1, 0), "reference_poses": (5, 0), "poses": (7, 0), "detector": (2, 0)}),
)
GROUPS = (
    group("Picture and film", (0, -20), (340, 1570), BLUE),
    group("Poses", (360, -20), (690, 1570), GREEN),
    group("Video", (1070, -20), (1050, 1570), GOLD),
    draft_group((2140, -20), (700, 1570)),
)
GRAPH = Graph(
    "animate-a-picture",
    "6f0b6d0c-5a2e-4d0e-9d57-0d4f4cf3a1b2",
    NODES,
    GROUPS,
    {"scale": 0.6, "offset": [110, 215]},
)
