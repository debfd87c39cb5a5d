"""Loaders: video model, video autoencoder, pose detector."""

from __future__ import annotations

from pathlib import Path

from comfy_api.latest import io

from . import host, host_files, missing
from .types import DetectorSocket, schema

FORMATS = ["default", "fp32", "fp16", "bf16", "fp8"]
DETECTORS = ["mediapipe", "dwpose", "rtmw", "rtmpose", "vitpose", "sapiens"]
AUTOMATIC = "automatic"
"""The one file in the folder that fits."""
WHOLE_PICTURE = "none (whole picture)"
"""No person net: the picture is taken for one person."""


class HumanDiTLoadModel(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTLoadModel",
            display_name="HumanDiT Load Model",
            category="HumanDiT/load",
            description="Loads a pose-guided video model. It works with core samplers and LoRA loaders too. "
            "What it is and the licence of its weights are shown on the node.",
            search_aliases=["humandit checkpoint", "animate person model", "pose to video model", "cogvideox"],
            hidden=[io.Hidden.unique_id],
            inputs=[
                io.Combo.Input(
                    "model",
                    host_files.weight_files("diffusion_models"),
                    tooltip="'mini (bundled)' runs anywhere at 192 px. Larger HumanDiT or CogVideoX 5B weights (5b, "
                    "5b-I2V, 1.5, Fun Pose and Control) are listed from models/diffusion_models; of a sharded model "
                    "choose any part.",
                ),
                io.Combo.Input(
                    "dtype",
                    FORMATS,
                    default="default",
                    tooltip="Number format of the weights in memory. 'default' fits the model and your device; "
                    "choose bf16 to halve the memory of a large model, fp8 to halve it again at some loss, fp32 to "
                    "compare results exactly. fp16 can make black frames with the 5B models.",
                ),
            ],
            outputs=[io.Model.Output("video_model", display_name="MODEL", tooltip="For HumanDiT Sample or KSampler.")],
        )

    @classmethod
    def validate_inputs(cls, model: str) -> bool | str:
        return missing.check(model, host_files.weight_files("diffusion_models"), "diffusion_models")

    @classmethod
    def execute(cls, model: str, dtype: str) -> io.NodeOutput:
        from .native_load import about, load_native_model

        wanted = host.choice(dtype, FORMATS, "number formats")
        source = host_files.weight_path("diffusion_models", model)
        loaded = load_native_model(source, wanted)
        text = about(source, loaded.model.get_dtype())
        host.show_text(text, getattr(cls.hidden, "unique_id", None))
        return io.NodeOutput(loaded, ui={"text": (text,)})


class HumanDiTLoadVAE(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTLoadVAE",
            display_name="HumanDiT Load VAE",
            category="HumanDiT/load",
            description="Loads the video autoencoder that belongs to the model. Core VAE Decode works on it too.",
            search_aliases=["humandit autoencoder", "cogvideox vae"],
            inputs=[
                io.Combo.Input(
                    "vae",
                    host_files.weight_files("vae"),
                    tooltip="Must belong to the model: 'mini (bundled)' for the bundled model, the CogVideoX VAE (in "
                    "models/vae) for models made from CogVideoX-5b.",
                ),
            ],
            outputs=[
                io.Vae.Output("video_vae", display_name="VAE", tooltip="Video autoencoder: 8x in space, 4x in time.")
            ],
        )

    @classmethod
    def validate_inputs(cls, vae: str) -> bool | str:
        return missing.check(vae, host_files.weight_files("vae"), "vae")

    @classmethod
    def execute(cls, vae: str) -> io.NodeOutput:
        from ..humandit.weights.load import load_vae
        from .native_vae import build_vae

        return io.NodeOutput(build_vae(load_vae(host_files.weight_path("vae", vae))))


class HumanDiTLoadPoseDetector(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTLoadPoseDetector",
            display_name="HumanDiT Load Pose Detector",
            category="HumanDiT/load",
            description="Loads the nets that find a person's body, hands and face in pictures.",
            search_aliases=["dwpose", "mediapipe", "pose estimator", "rtmpose", "rtmw", "vitpose", "sapiens", "yolox"],
            hidden=[io.Hidden.unique_id],
            inputs=[
                io.Combo.Input(
                    "detector",
                    DETECTORS,
                    tooltip="'mediapipe' finds one person's body, hands and face; it runs on the CPU on every system. "
                    "The others need files of yours in models/humandit_pose and, except sapiens, ONNX Runtime: they "
                    "see hands and faraway people better and can use a graphics card.",
                ),
                io.Boolean.Input(
                    "download",
                    default=True,
                    tooltip="Fetch the nets (36 MB download, once) into models/humandit_pose if they are missing. "
                    "Switch off to stay offline: a missing net is then an error that says where to put it. Only for "
                    "mediapipe; the files of the others are never fetched from here.",
                ),
                io.Combo.Input(
                    "pose_net",
                    [AUTOMATIC, *host_files.pose_files()],
                    default=AUTOMATIC,
                    optional=True,
                    tooltip="The file that finds the points of one person, from models/humandit_pose. 'automatic' "
                    "takes the one that fits the detector. Sapiens files can run code: choose one yourself, from a "
                    "source you trust. Not used by mediapipe.",
                ),
                io.Combo.Input(
                    "person_net",
                    [AUTOMATIC, WHOLE_PICTURE, *host_files.pose_files()],
                    default=AUTOMATIC,
                    optional=True,
                    tooltip="The file that finds people (YOLOX, RTMDet). 'automatic' takes the one in the folder, and "
                    "does without where there is none: the whole picture is then taken for one person, who should "
                    "fill it. Not used by mediapipe.",
                ),
            ],
            outputs=[
                DetectorSocket.Output("pose_detector", display_name="detector", tooltip="For HumanDiT Detect Pose.")
            ],
        )

    @classmethod
    def execute(
        cls, detector: str, download: bool, pose_net: str = AUTOMATIC, person_net: str = AUTOMATIC
    ) -> io.NodeOutput:
        from ..humandit.pose.detect import WHOLE_FRAME, load_detector

        name, folder = host.choice(detector, DETECTORS, "detectors"), host_files.pose_folder()
        if name == DETECTORS[0]:
            _bring_mediapipe(folder, download)
            loaded = load_detector(name, folder)
        else:
            pose = None if pose_net == AUTOMATIC else host_files.pose_path(pose_net)
            named = {AUTOMATIC: None, WHOLE_PICTURE: WHOLE_FRAME}
            person = named[person_net] if person_net in named else host_files.pose_path(person_net)
            loaded = load_detector(name, folder, weights=pose, person_weights=person)
        text = f"{loaded.name} on {loaded.device}"
        host.show_text(text, cls.hidden.unique_id)
        return io.NodeOutput(loaded, ui={"text": (text,)})


def _bring_mediapipe(folder: Path, download: bool) -> None:
    """Its nets into ``folder``, unless they lie there or in the cache."""
    from ..humandit.errors import MissingDependency
    from ..humandit.pose.detect.nets import fetch_nets, find_nets

    try:
        find_nets(folder)
    except MissingDependency:
        if not download:
            raise
        fetch_nets(folder)


NODES = (HumanDiTLoadModel, HumanDiTLoadVAE, HumanDiTLoadPoseDetector)
