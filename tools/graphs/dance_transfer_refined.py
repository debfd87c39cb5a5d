"""A picture and a film, with the film's poses led out of the picture's and mended by the motion model."""

from __future__ import annotations

from tools.graph import Graph, group, node, note

from .common import BLUE, GOLD, GREEN, MODEL, PICTURE, SAMPLE, draft, draft_group

START = """## Dance transfer, refined
Press **Run**: the person in the example picture leaves their own pose without a jump and dances as the person in the
example film does.

**Your own:** put *Load Image* in place of the picture, and *Load Video* \u2192 *Get Video Components* in place of the
frames and their fps. One person, the whole body in view, works best."""
POSES = """**Detect** finds 133 keypoints in every frame. **Adapt** gives the film's poses the bone lengths and the
place of the person in the picture. **Refine** comes after it. The two **Draw Pose** show the poses before and after
it; the right ones drive the video."""
REFINE = """**Refine Motion** makes a bridge from the picture's pose to the film's first one, *tau* frames long, so the
film begins that much later. Then it steadies what trembles and fills in what was lost. *body*, *hands*, *face*: 1
takes the model's points, 0 keeps the film's. Motion too soft? Lower *body*. Only the hands are bad? Set *body* and
*face* to 0. The start jumps? Raise *tau*."""
VIDEO = """Films of any length: segments of 8k + 1 frames follow each other, each starting from the last frame of the
one before. Frames **0** takes the bridge and the whole film."""

SAMPLE_LINKS = {"model": (3, 0), "vae": (4, 0), "reference": (1, 0), "reference_poses": (5, 0), "poses": (9, 0)}
STILL = {"detector": (2, 0), "images": (1, 0)}
FILM = {"detector": (2, 0), "images": (1, 1), "fps": (1, 2)}
ADAPT = {"reference_poses": (5, 0), "poses": (6, 0), "picture": (1, 0)}
REFINED = {"motion_model": (8, 0), "reference_poses": (5, 0), "poses": (7, 0)}
DRAFTED = {"reference": (1, 0), "reference_poses": (5, 0), "poses": (9, 0), "detector": (2, 0)}

NODES = (
    node(1, "HumanDiTExample", (20, 60), (300, 155), values={"picture": PICTURE}),
    node(2, "HumanDiTLoadPoseDetector", (380, 60), (314, 205)),
    node(3, "HumanDiTLoadModel", (1470, 60), (300, 180)),
    node(4, "HumanDiTLoadVAE", (1470, 300), (300, 90)),
    node(5, "HumanDiTDetectPose", (380, 325), (310, 585), title="Pose of the picture", links=STILL),
    node(6, "HumanDiTDetectPose", (380, 970), (310, 585), title="Poses of the film", links=FILM),
    node(7, "HumanDiTAdaptPose", (740, 60), (310, 720), links=ADAPT),
    node(8, "HumanDiTLoadMotion", (1100, 60), (310, 90)),
    node(9, "HumanDiTRefineMotion", (1100, 210), (310, 680), links=REFINED, values={"tau": 8, "seed": 1}),
    node(10, "HumanDiTDrawPose", (740, 840), (310, 170), links={"poses": (7, 0)}),
    node(11, "PreviewImage", (740, 1070), (310, 360), title="Poses before refining", links={"images": (10, 0)}),
    node(12, "HumanDiTDrawPose", (1100, 950), (310, 170), links={"poses": (9, 0)}),
    node(13, "PreviewImage", (1100, 1180), (310, 360), title="Driving poses", links={"images": (12, 0)}),
    node(14, "HumanDiTSample", (1810, 60), (300, 950), links=SAMPLE_LINKS, values=SAMPLE),
    node(15, "CreateVideo", (2150, 60), (330, 90), links={"images": (14, 0), "fps": (14, 1)}),
    node(
        16, "SaveVideo", (2150, 210), (330, 470), links={"video": (15, 0)}, values={"filename_prefix": "humandit/film"}
    ),
    note(17, "Start here", (20, 275), (300, 290), START),
    note(18, "About the poses", (20, 625), (300, 190), POSES),
    note(19, "About refining", (20, 875), (300, 290), REFINE),
    note(20, "About the model", (1470, 450), (300, 140), MODEL),
    note(21, "About the length", (1470, 650), (300, 160), VIDEO),
    *draft(22, (2520, -20), DRAFTED),
)
GROUPS = (
    group("Picture and film", (0, -20), (340, 1600), BLUE),
    group("Poses", (360, -20), (1070, 1600), GREEN),
    group("Video", (1450, -20), (1050, 1600), GOLD),
    draft_group((2520, -20), (700, 1600)),
)
GRAPH = Graph(
    "dance-transfer-refined",
    "d2313855-e040-4f25-a52c-5b058ac90d45",
    NODES,
    GROUPS,
    {"scale": 0.6, "offset": [110, 215]},
)
