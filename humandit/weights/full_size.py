"""Public weights of full size that the bundled workflows ask for: where each file is, and where it belongs."""

from __future__ import annotations

from dataclasses import dataclass

from .public import HUB


@dataclass(frozen=True)
class FullSize:
    """One file on Hugging Face.

    Attributes:
        folder: under ComfyUI's ``models``.
        name: on the user's disk, as the workflows ask for it.
        repository: owner and name.
        path: in the repository.
        gigabytes: that come over the network.
        converted: what ``weights convert --as`` makes of it first; None: it is used as it comes.
    """

    folder: str
    name: str
    repository: str
    path: str
    gigabytes: float
    converted: str | None = None

    @property
    def place(self) -> str:
        """Folder and name under ComfyUI's ``models``."""
        return f"{self.folder}/{self.name}"

    @property
    def url(self) -> str:
        return f"{HUB}/{self.repository}/resolve/main/{self.path}"

    @property
    def size(self) -> str:
        return f"{self.gigabytes:g} GB"

    @property
    def conversion(self) -> str | None:
        """The command that makes the file, in the folder where the fetched one is."""
        if self.converted is None:
            return None
        return f"python -m humandit weights convert {self.path} {self.name} --as {self.converted}"

    @property
    def origin(self) -> str:
        """Where it comes from, in words."""
        renamed = [f"{self.path} there"] if self.path != self.name else []
        made = [f"converted by {self.conversion}"] if self.conversion else []
        return f"{self.repository} on Hugging Face ({', '.join((*renamed, self.size, *made))})"


FUN_POSE = FullSize(
    "diffusion_models", "CogVideoX-Fun-V1.1-5b-Pose.safetensors", "alibaba-pai/CogVideoX-Fun-V1.1-5b-Pose",
    "transformer/diffusion_pytorch_model.safetensors", 11,
)  # fmt: skip
I2V = FullSize(
    "diffusion_models", "CogVideoX_1_0_5b_I2V_bf16.safetensors", "Kijai/CogVideoX-comfy",
    "CogVideoX_1_0_5b_I2V_bf16.safetensors", 11,
)  # fmt: skip
VCTRL = FullSize(
    "controlnet", "vctrl-pose-vertical.safetensors", "PaddleMIX/VCtrl-5B-I2V-Pose-V2-vertical",
    "model_state.pdparams", 3.5, "vctrl",
)  # fmt: skip
VAE = FullSize("vae", "cogvideox_vae_bf16.safetensors", "Kijai/CogVideoX-comfy", "cogvideox_vae_bf16.safetensors", 0.4)
T5 = FullSize(
    "text_encoders", "t5xxl_fp8_e4m3fn.safetensors", "comfyanonymous/flux_text_encoders",
    "t5xxl_fp8_e4m3fn.safetensors", 5,
)  # fmt: skip
FILES = (FUN_POSE, I2V, VCTRL, VAE, T5)
