"""A picture and nothing else: the person in it moves, by poses that the motion model makes up."""

from __future__ import annotations

from tools.graph import Graph, group, node, note

from .common import BLUE, GOLD, GREEN, MODEL, PICTURE, SAMPLE, draft, draft_group

START = """## Bring a still to life
Press **Run**: the person in the example picture begins to move. No film is needed; the motion is made up.

**Your own:** put *Load Image* in place of the example. One person, the whole body in view, works best. For another
motion change the *seed* of Generate Motion."""
MOTION = """**Generate Motion** goes on from the pose in the picture and plays what it made. *seconds*: any length; a
longer motion begins like a shorter one of the same seed. *energy*: 0 hardly moves, 0.5 is usual, 1 is wild. *keep
inside* follows the person as a cameraman would. To give it a manner, connect somebody's poses to *example*."""
POSES = """**Detect** finds 133 keypoints; look whether they sit right, everything follows from them. **Draw** only
shows the poses that drive the video."""
VIDEO = """Films of any length: segments of 8k + 1 frames follow each other, each starting from the last frame of the
one before. Frames **0** takes the whole motion: choose its length in Generate Motion."""

SAMPLE_LINKS = {"model": (3, 0), "vae": (4, 0), "reference": (1, 0), "reference_poses": (5, 0), "poses": (7, 0)}
DRAFTED = {"reference": (1, 0), "reference_poses": (5, 0), "poses": (7, 0), "detector": (2, 0)}

NODES = (
    node(1, "HumanDiTExample", (20, 60), (300, 155), values={"picture": PICTURE}),
    node(2, "HumanDiTLoadPoseDetector", (380, 60), (314, 205)),
    node(3, "HumanDiTLoadModel", (1120, 60), (300, 180)),
    node(4, "HumanDiTLoadVAE", (1120, 300), (300, 90)),
    node(
        5, "HumanDiTDetectPose", (380, 325), (310, 585), title="Pose of the picture",
        links={"detector": (2, 0), "images": (1, 0)},
    ),
    node(6, "HumanDiTLoadMotion", (380, 970), (310, 90)),
    node(
        7, "HumanDiTGenerateMotion", (740, 60), (320, 700), links={"motion_model": (6, 0), "poses": (5, 0)},
        values={"seconds": 4.0, "energy": 0.5, "seed": 1},
    ),
    node(8, "HumanDiTDrawPose", (740, 820), (320, 170), links={"poses": (7, 0)}),
    node(9, "PreviewImage", (740, 1050), (320, 370), title="Driving poses", links={"images": (8, 0)}),
    node(10, "HumanDiTSample", (1460, 60), (300, 950), links=SAMPLE_LINKS, values={**SAMPLE, "frames": 0}),
    node(11, "CreateVideo", (1800, 60), (330, 90), links={"images": (10, 0), "fps": (10, 1)}),
    node(
        12, "SaveVideo", (1800, 210), (330, 470), links={"video": (11, 0)}, values={"filename_prefix": "humandit/film"}
    ),
    note(13, "Start here", (20, 275), (300, 260), START),
    note(14, "About the motion", (20, 595), (300, 260), MOTION),
    note(15, "About the poses", (380, 1120), (310, 140), POSES),
    note(16, "About the model", (1120, 450), (300, 140), MODEL),
    note(17, "About the length", (1120, 650), (300, 160), VIDEO),
    *draft(18, (2170, -20), DRAFTED),
)  # fmt: skip
GROUPS = (
    group("Picture", (0, -20), (340, 1465), BLUE),
    group("Poses", (360, -20), (720, 1465), GREEN),
    group("Video", (1100, -20), (1050, 1465), GOLD),
    draft_group((2170, -20), (700, 1465)),
)
GRAPH = Graph(
    "bring-a-still-to-life",
    "8ec99ef4-0909-418f-85bb-a49cd70b9e56",
    NODES,
    GROUPS,
    {"scale": 0.6, "offset": [110, 215]},
)
