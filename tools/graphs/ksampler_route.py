"""One segment by ComfyUI's own sampler: for those who like to hold the knobs themselves."""

from __future__ import annotations

from tools.graph import Graph, group, node, note

from .common import BLUE, GOLD, GREEN, MODEL, PICTURE

START = """## By KSampler
Press **Run**: one segment of 25 frames through ComfyUI's own **KSampler**. LoRA loaders, schedulers, guidance nodes and
everything else that works on a MODEL goes between the loader and the sampler.

For a film of any length use *HumanDiT Sample*, as *animate-a-picture* does."""
POSES = """**Detect** finds 133 keypoints in every frame, **Adapt** gives them the bones and the place of the person in
the picture. **Draw** only shows them."""
SAMPLER = """*euler* with *simple* (DDIM), *denoise* 1. The bundled model: **2** steps, *cfg* **1**. Others, as in the
paper: **20** and **1.5**. cfg works on the poses: the negative side sees the picture alone; 1 takes half the work.

**Finish** goes over hands, faces and cloth of the bundled model's frames."""
NEXT = """To go on: take the **last** decoded frame as *reference* of a second **Condition** and put 24 into its
*start*. The first decoded frame is the reference picture itself: *ImageFromBatch* cuts it off."""

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
    node(
        5, "HumanDiTAdaptPose", (730, 60), (290, 700),
        links={"reference_poses": (3, 0), "poses": (4, 0), "picture": (1, 0)},
    ),
    node(6, "HumanDiTDrawPose", (730, 820), (290, 170), links={"poses": (5, 0)}),
    node(7, "PreviewImage", (730, 1050), (290, 340), title="Driving poses", links={"images": (6, 0)}),
    node(8, "HumanDiTLoadModel", (1090, 60), (300, 180)),
    node(9, "HumanDiTLoadVAE", (1090, 300), (300, 90)),
    node(
        10, "HumanDiTCondition", (1090, 450), (300, 235),
        links={"vae": (9, 0), "reference": (1, 0), "reference_poses": (3, 0), "poses": (5, 0)},
        values={"width": 192, "height": 192, "frames": 25},
    ),
    node(
        11, "KSampler", (1430, 60), (300, 585),
        links={"model": (8, 0), "positive": (10, 0), "negative": (10, 1), "latent_image": (10, 2)},
        values={"seed": 1, "steps": 2, "cfg": 1.0, "sampler_name": "euler", "scheduler": "simple", "denoise": 1.0},
    ),
    node(12, "VAEDecode", (1430, 705), (300, 60), links={"samples": (11, 0), "vae": (9, 0)}),
    node(13, "CreateVideo", (1770, 60), (320, 90), links={"images": (20, 0)}, values={"fps": 12.5}),
    node(
        14, "SaveVideo", (1770, 210), (320, 470), links={"video": (13, 0)},
        values={"filename_prefix": "humandit/segment"},
    ),
    note(15, "Start here", (20, 275), (300, 280), START),
    note(16, "About the poses", (20, 615), (300, 160), POSES),
    note(17, "About the model", (1090, 745), (300, 150), MODEL),
    note(18, "About the sampler", (1430, 965), (300, 230), SAMPLER),
    note(19, "The next segment", (1770, 740), (320, 170), NEXT),
    node(
        20, "HumanDiTFinish", (1430, 825), (300, 80), links={"model": (8, 0), "positive": (10, 0), "images": (12, 0)}
    ),
)  # fmt: skip
GROUPS = (
    group("Picture and film", (0, -20), (340, 1570), BLUE),
    group("Poses", (360, -20), (690, 1570), GREEN),
    group("Video", (1070, -20), (1040, 1570), GOLD),
)
GRAPH = Graph(
    "ksampler-route",
    "b0d5e1f7-52c4-49a8-8a1f-6c0b94d2e3a5",
    NODES,
    GROUPS,
    {"scale": 0.6, "offset": [110, 215]},
)
