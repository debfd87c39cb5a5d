"""A picture and a film's motion, with the public CogVideoX-5b-I2V and PP-VCtrl's side network."""

from __future__ import annotations

from humandit.weights.full_size import I2V, T5, VAE, VCTRL
from tools.graph import Graph, group, node, note

from .common import BLUE, GOLD, GREEN, NEGATIVE, PICTURE, TEXT_ENCODER, draft, draft_group

START = """## VCtrl: picture and pose
The person in the picture moves as the one in the film does, with public weights of full size. Fetch the files that
the notes name, then press **Run**. It takes a graphics card; with less than 16 GB of its own choose *dtype* fp8.

The **draft** at the right needs no files and no card.

**Your own:** *Load Image* in place of the picture, *Load Video* \u2192 *Get Video Components* in place of the film."""
POSES = """**Detect** finds 133 keypoints. **Adapt** gives the film's poses the bone lengths and the place of the
person in the picture. The picture's own pose is drawn first, so the film begins without a jump."""
FILES = f"""**Model** ({I2V.size}), *{I2V.repository}* on Hugging Face: **{I2V.name}** into *models/{I2V.folder}*.

**VAE** ({VAE.size}), from there too: **{VAE.name}** into *models/{VAE.folder}*.

Licence of both: CogVideoX License. Free for research; commercial use needs a registration."""
SIDE = f"""*{VCTRL.repository}* on Hugging Face (licence on its page): fetch **{VCTRL.path}**
({VCTRL.size}) and convert it once:

`{VCTRL.conversion}`

Put the result into *models/{VCTRL.folder}*. For 720 × 480 take the *horizontal* one."""
LENGTH = """Segments of **49 frames** follow each other, each starting from the last frame of the one before: any
length. The weights know 480 × 720 and 720 × 480 alone. *layout*: *spacing* for V2 weights, *even* for the first."""
PROMPT = (
    "A person in a green striped T-shirt and brown shorts dances barefoot in front of a plain turquoise wall. Full "
    "body in view, steady camera, even light, sharp."
)

STILL = {"detector": (2, 0), "images": (1, 0)}
FILM = {"detector": (2, 0), "images": (1, 1), "fps": (1, 2)}
ADAPT = {"reference_poses": (3, 0), "poses": (4, 0), "picture": (1, 0)}
FOLLOW = {
    "model": (10, 0), "vae": (11, 0), "vctrl": (12, 0), "reference": (1, 0), "poses": (5, 0), "reference_poses": (3, 0),
    "positive": (9, 0), "negative": (9, 1),
}  # fmt: skip
DRAFTED = {"reference": (1, 0), "reference_poses": (3, 0), "poses": (5, 0), "detector": (2, 0)}

NODES = (
    node(1, "HumanDiTExample", (20, 60), (300, 155), values={"picture": PICTURE}),
    node(2, "HumanDiTLoadPoseDetector", (380, 60), (314, 205)),
    node(3, "HumanDiTDetectPose", (380, 325), (290, 570), title="Pose of the picture", links=STILL),
    node(4, "HumanDiTDetectPose", (380, 955), (290, 570), title="Poses of the film", links=FILM),
    node(5, "HumanDiTAdaptPose", (730, 60), (290, 700), links=ADAPT),
    node(6, "HumanDiTDrawPose", (730, 820), (290, 170), links={"poses": (5, 0)}, values={"lines": "dwpose"}),
    node(7, "PreviewImage", (730, 1050), (290, 340), title="Driving poses", links={"images": (6, 0)}),
    node(8, "CLIPLoader", (1100, 60), (400, 120), values={"clip_name": T5.name, "type": "sd3"}),
    node(
        9, "HumanDiTPrompt", (1100, 240), (400, 360), links={"clip": (8, 0)},
        values={"prompt": PROMPT, "negative_prompt": NEGATIVE},
    ),
    node(10, "HumanDiTLoadModel", (1580, 60), (320, 180), values={"model": I2V.name, "dtype": "bf16"}),
    node(11, "HumanDiTLoadVAE", (1580, 300), (320, 90), values={"vae": VAE.name}),
    node(12, "HumanDiTLoadVCtrl", (1580, 450), (320, 140), values={"vctrl": VCTRL.name}),
    node(
        13, "HumanDiTVCtrl", (1950, 60), (320, 1000), links=FOLLOW,
        values={"width": 480, "height": 720, "frames": 48, "seed": 1},
    ),
    node(14, "CreateVideo", (2320, 60), (330, 90), links={"images": (13, 0), "fps": (13, 1)}),
    node(
        15, "SaveVideo", (2320, 210), (330, 630), links={"video": (14, 0)},
        values={"filename_prefix": "humandit/vctrl"},
    ),
    note(16, "Start here", (20, 275), (300, 290), START),
    note(17, "About the poses", (20, 625), (300, 160), POSES),
    note(18, "The text encoder", (1100, 660), (400, 210), TEXT_ENCODER),
    note(19, "The weights", (1580, 650), (320, 260), FILES),
    note(20, "The side network", (1580, 970), (320, 300), SIDE),
    note(21, "About the length", (1950, 1120), (320, 200), LENGTH),
    *draft(22, (2690, -20), DRAFTED, 630, width=480, height=720, frames=48, fps=8.0),
)  # fmt: skip
GROUPS = (
    group("Picture and film", (0, -20), (340, 1570), BLUE),
    group("Poses", (360, -20), (680, 1570), GREEN),
    group("Prompt", (1080, -20), (440, 1570), BLUE),
    group("Video", (1560, -20), (1110, 1570), GOLD),
    draft_group((2690, -20), (700, 1570)),
)
GRAPH = Graph(
    "vctrl-picture-pose",
    "e2a7c6b1-3d48-4f0a-b7c9-1a5d92e04f38",
    NODES,
    GROUPS,
    {"scale": 0.6, "offset": [110, 215]},
    (I2V.place, VAE.place, VCTRL.place, T5.place),
)
