"""A film's motion and a prompt, with the public CogVideoX-Fun weights: no picture, any person."""

from __future__ import annotations

from humandit.weights.full_size import FUN_POSE, T5, VAE
from tools.graph import Graph, group, node, note

from .common import BLUE, GOLD, GREEN, NEGATIVE, PICTURE, TEXT_ENCODER

START = """## CogVideoX-Fun-Pose
The dancer's motion, and anybody you can describe. Fetch the three files that the notes name, then press
**Run**. It takes a graphics card; with less than 16 GB of its own choose *dtype* fp8 in Load Model.

**Your own:** *Load Video* \u2192 *Get Video Components* in place of the film, and other words in the prompt."""
FILES = f"""**Model** ({FUN_POSE.size}), *{FUN_POSE.repository}* on Hugging Face: save
**{FUN_POSE.path}** as *models/{FUN_POSE.place}*.

**VAE** ({VAE.size}), *{VAE.repository}*: **{VAE.name}** into *models/{VAE.folder}*.

Licence of both: CogVideoX License. Free for research; commercial use needs a registration."""
POSES = """**Detect** finds 133 keypoints in every frame; everybody in the film is drawn. These weights take **no
picture**: who is in the film comes from the prompt. For a picture use the workflow *vctrl-picture-pose*."""
LENGTH = """The weights learnt **49 frames** at 8 a second. A longer film is made of windows of 49 that overlap and are
averaged: neighbours agree on the person, far ones may drift. *frames* 0 takes the whole film. Sides are multiples of
16; keep the shape of the film, or people are cut."""
PROMPT = (
    "A young woman in a red coat and white sneakers dances on an empty beach at sunset. Warm light, soft shadows, the "
    "sea behind her. Full body in view, steady camera, sharp, photographic."
)

NODES = (
    node(1, "HumanDiTExample", (20, 60), (300, 155), values={"picture": PICTURE}),
    node(2, "HumanDiTLoadPoseDetector", (380, 60), (314, 205)),
    node(3, "HumanDiTDetectPose", (380, 325), (314, 590), links={"detector": (2, 0), "images": (1, 1), "fps": (1, 2)}),
    node(4, "HumanDiTDrawPose", (380, 975), (314, 170), links={"poses": (3, 0)}, values={"lines": "dwpose"}),
    node(5, "PreviewImage", (380, 1205), (314, 365), title="Driving poses", links={"images": (4, 0)}),
    node(6, "CLIPLoader", (750, 60), (400, 120), values={"clip_name": T5.name, "type": "sd3"}),
    node(
        7, "HumanDiTPrompt", (750, 240), (400, 360), links={"clip": (6, 0)},
        values={"prompt": PROMPT, "negative_prompt": NEGATIVE},
    ),
    node(8, "HumanDiTLoadModel", (1230, 60), (320, 180), values={"model": FUN_POSE.name, "dtype": "bf16"}),
    node(9, "HumanDiTLoadVAE", (1230, 300), (320, 90), values={"vae": VAE.name}),
    node(
        10, "HumanDiTFunPose", (1600, 60), (320, 700),
        links={"model": (8, 0), "vae": (9, 0), "poses": (3, 0), "positive": (7, 0), "negative": (7, 1)},
        values={"width": 512, "height": 512, "frames": 0, "seed": 1},
    ),
    node(11, "CreateVideo", (1970, 60), (330, 90), links={"images": (10, 0), "fps": (10, 1)}),
    node(
        12, "SaveVideo", (1970, 210), (330, 470), links={"video": (11, 0)},
        values={"filename_prefix": "humandit/fun-pose"},
    ),
    note(13, "Start here", (20, 275), (300, 240), START),
    note(14, "About the poses", (20, 575), (300, 170), POSES),
    note(15, "The text encoder", (750, 660), (400, 210), TEXT_ENCODER),
    note(16, "The weights", (1230, 450), (320, 270), FILES),
    note(17, "About the length", (1600, 820), (320, 200), LENGTH),
)  # fmt: skip
GROUPS = (
    group("Film", (0, -20), (340, 1615), BLUE),
    group("Poses", (360, -20), (350, 1615), GREEN),
    group("Prompt", (730, -20), (440, 1615), BLUE),
    group("Video", (1210, -20), (1110, 1615), GOLD),
)
GRAPH = Graph(
    "fun-pose",
    "5b0f5c0e-9f5d-4a3e-8a55-7c1d8f3f2b64",
    NODES,
    GROUPS,
    {"scale": 0.6, "offset": [110, 215]},
    (FUN_POSE.place, VAE.place, T5.place),
)
