"""HumanDiT as a native MODEL, so that core samplers, LoRA loaders, offloading and previews work on it.

The host keeps latents as [B, C, F, h, w], the library as [B, F, C, h, w]; the turn happens in :class:`HostDiT`.
The prefix (paper §3.3) is conditioning: at every evaluation it replaces latent frame 0 of what the transformer
sees and of the clean estimate it returns, so any sampler ends with it unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import comfy.conds
import comfy.latent_formats
import comfy.model_base
import comfy.model_sampling
import comfy.supported_models_base
import torch
from torch import Tensor

from ..humandit.diffusion.attention import sdpa
from ..humandit.diffusion.runs import every_block
from ..humandit.diffusion.schedule import cogvideox_schedule
from ..humandit.errors import HumanDiTError, InvalidShape
from ..humandit.types import SPACE_SCALE, TIME_SCALE, LatentShape
from ..humandit.video.config import DiTConfig
from ..humandit.video.control import over_frames, picture_control
from ..humandit.video.model import HumanDiT
from ..humandit.video.plan.memory import evaluation_bytes, format_name
from .native_beside import BESIDE, START
from .native_lora import named_like_core
from .native_speed import RUNS

TERMINAL_POWER = 4.8973451890853435e-08
"""alpha-bar that stands in for 0 at the last timestep: the host's own value, sigma = 4518.76."""
RgbFactors = Sequence[Sequence[float]]


def host_attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """The attention that the user's ComfyUI is set up for; PyTorch's own on a CPU, where the host's saves memory
    that is not scarce and takes several times as long."""
    if q.device.type == "cpu":
        return sdpa(q, k, v)
    from comfy.ldm.modules.attention import optimized_attention

    return optimized_attention(q, k, v, q.shape[1], skip_reshape=True, skip_output_reshape=True)


class HostDiT(HumanDiT):
    """The transformer behind the host's calling convention; weight names stay the library's."""

    def __init__(
        self, config: DiTConfig, dtype: Any = None, device: Any = None, operations: Any = None, **_: Any
    ) -> None:
        super().__init__(config, operations=operations, attention=host_attention, dtype=dtype, device=device)

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        x: Tensor,
        timesteps: Tensor,
        context: Tensor | None = None,
        control: Any = None,
        transformer_options: dict[str, Any] | None = None,
        pose_tokens: Tensor | None = None,
        prefix_latent: Tensor | None = None,
        control_latent: Tensor | None = None,
        **_: Any,
    ) -> Tensor:
        """x [B, C, F, h, w], pose_tokens [B, 512, F, h, w] or None, prefix_latent [B, C, n, h, w] in model space or
        None where all is noise, control_latent what goes in beside it: the first frames of F, or a longer film's."""
        options, frames = transformer_options or {}, x.shape[2]
        self._check(x, prefix_latent, pose_tokens, control_latent, self.config.out_channels)
        count = 0 if prefix_latent is None else prefix_latent.shape[2]
        latents = x if prefix_latent is None else torch.cat([prefix_latent.to(x), x[:, :, count:]], dim=2)
        latents = latents.transpose(1, 2)
        pose = None if pose_tokens is None else pose_tokens.permute(0, 2, 3, 4, 1)
        start, told = options.get(START, 0), None
        if control_latent is not None:
            told = over_frames(control_latent[:, :, start : start + frames].transpose(1, 2), frames)
        runs, beside = options.get(RUNS), options.get(BESIDE)
        run_blocks = every_block if runs is None else runs[pose is not None]
        if beside is not None and told is not None:
            run_blocks = beside(torch.cat([latents, told.to(latents)], dim=2), timesteps, run_blocks)
        out = super().forward(
            latents, timesteps, pose=pose, text=context, prefix_frames=count, run_blocks=run_blocks, control=told,
            any_size=beside is not None,
        )  # fmt: skip
        return out.transpose(1, 2)

    @staticmethod
    def _check(x: Tensor, prefix: Tensor | None, pose: Tensor | None, control: Tensor | None, channels: int) -> None:
        if prefix is None:
            if control is None:
                raise HumanDiTError(
                    "HumanDiT needs a reference picture in both conditionings, got one without. "
                    "Connect positive and negative of HumanDiT Condition."
                )
            return
        if prefix.shape[1] != channels:
            raise HumanDiTError(
                f"This model's latents have {channels} channels, the connected VAE's {prefix.shape[1]}. Connect the "
                "VAE that belongs to the model: 'mini (bundled)' to the bundled one, CogVideoX's to 5B weights."
            )
        if prefix.shape[3:] != x.shape[3:] or (pose is not None and pose.shape[2:] != x.shape[2:]):
            (frames, h, w), (ph, pw) = x.shape[2:], prefix.shape[3:]
            posed = "" if pose is None else f" with poses for {pose.shape[2]}"
            raise InvalidShape(
                f"The latent has {frames} latent frames of {w * SPACE_SCALE}x{h * SPACE_SCALE} pixels, the "
                f"conditioning was made for {pw * SPACE_SCALE}x{ph * SPACE_SCALE}{posed}. Use the latent of HumanDiT "
                "Condition."
            )


class HumanDiTLatent(comfy.latent_formats.LatentFormat):
    """8x in space and 4x in time; 16 channels, the bundled model has more. Unscaled on the canvas, scaled in models."""

    latent_channels = 16
    latent_dimensions = 3
    temporal_downscale_ratio = TIME_SCALE
    spacial_downscale_ratio = SPACE_SCALE

    def __init__(self, scale: float = 1.0, rgb: RgbFactors | None = None, channels: int = 16) -> None:
        """``rgb``: for every channel red, green and blue per scaled latent unit, then one row of offsets; pixels in
        -1..1."""
        self.scale_factor, self.latent_channels = scale, channels
        if rgb is not None:
            self.latent_rgb_factors, self.latent_rgb_factors_bias = [list(row) for row in rgb[:-1]], list(rgb[-1])
            self.latent_rgb_factors_reshape = middle_frame


def middle_frame(latent: Tensor) -> Tensor:
    """The host previews the first frame, which is the motionless reference: show it the middle one."""
    return latent[:, :, latent.shape[2] // 2 :] if latent.ndim == 5 else latent


class _Schedule(comfy.model_sampling.ModelSamplingDiscrete):
    """The library's zero-terminal-SNR schedule as the host's sigmas."""

    def __init__(self, model_config: Any = None, zsnr: Any = None) -> None:
        super().__init__(model_config, zsnr)
        shift = 1.0 if model_config is None else model_config.sampling_settings.get("snr_shift", 1.0)
        power = cogvideox_schedule(snr_shift=shift).alpha_bar.double().clamp(min=TERMINAL_POWER)
        self.zsnr = True
        self.set_sigmas(((1 - power) / power).sqrt())


class VelocitySampling(_Schedule, comfy.model_sampling.V_PREDICTION):
    """For models whose output is velocity, as CogVideoX's."""


class CleanSampling(_Schedule, comfy.model_sampling.V_PREDICTION):
    """For models whose output is the clean latent, as the bundled small one's."""

    def calculate_denoised(self, sigma: Tensor, model_output: Tensor, model_input: Tensor) -> Tensor:
        return model_output


class HumanDiTBase(named_like_core()):
    """What the host samples: the transformer, its schedule, and the conditioning it understands.

    Attributes:
        caution: factor on the memory that an evaluation is thought to need; doubled by whoever ran out of it.
    """

    def __init__(self, model_config: Any, device: Any = None) -> None:
        super().__init__(model_config, comfy.model_base.ModelType.V_PREDICTION, device=device, unet_model=HostDiT)
        self.caution = 1.0
        sampling = CleanSampling if model_config.unet_config["config"].prediction == "x0" else VelocitySampling
        self.model_sampling = sampling(model_config)

    def extra_conds(self, **kwargs: Any) -> dict[str, Any]:
        """From CONDITIONING: ``pose_tokens`` [1, 512, F, h, w], ``prefix_latent`` [1, C, n, h, w] unscaled, text; or,
        where all is noise, ``control_latent`` [1, C, F, h, w] in model space and text."""
        out: dict[str, Any] = {}
        text = kwargs.get("cross_attn")
        if text is not None and text.shape[1]:
            out["c_crossattn"] = comfy.conds.CONDCrossAttn(text)
        if (pose := kwargs.get("pose_tokens")) is not None:
            out["pose_tokens"] = comfy.conds.CONDNoiseShape(pose)
        if (prefix := kwargs.get("prefix_latent")) is not None:
            out["prefix_latent"] = comfy.conds.CONDRegular(self.process_latent_in(prefix))
            told = picture_control(self.diffusion_model.config, prefix, self.latent_format.scale_factor)
            if told is not None:
                out["control_latent"] = comfy.conds.CONDRegular(told)
        if (control := kwargs.get("control_latent")) is not None:
            out["control_latent"] = comfy.conds.CONDRegular(control)
        return out

    def memory_required(self, input_shape: Sequence[int], *_: Any, **__: Any) -> float:
        """Bytes that one evaluation of latents [B, C, F, h, w] needs beside the weights: the plan's own estimate.

        The host leaves so much free on the card and lets weights that find no room there wait in main memory.
        """
        shape = LatentShape(input_shape[2], *input_shape[-2:])
        computing = self.get_dtype() if self.manual_cast_dtype != torch.float32 else torch.float32
        inside = evaluation_bytes(self.diffusion_model.config, shape, format_name(computing))
        return self.caution * input_shape[0] * inside

    def _apply_model(self, x: Tensor, t: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        clean = super()._apply_model(x, t, *args, **kwargs)
        if (prefix := kwargs.get("prefix_latent")) is not None:
            clean = torch.cat([prefix.to(clean), clean[:, :, prefix.shape[2] :]], dim=2)
        return clean


class HumanDiTSupported(comfy.supported_models_base.BASE):
    """The host's description of the model family."""

    unet_config = {"image_model": "humandit"}
    unet_extra_config: dict[str, Any] = {}
    latent_format = HumanDiTLatent
    supported_inference_dtypes = [torch.bfloat16, torch.float16, torch.float32]

    def get_model(self, state_dict: Any, prefix: str = "", device: Any = None) -> HumanDiTBase:
        return HumanDiTBase(self, device=device)

    def inpaint_model(self) -> bool:
        return False
