"""CogVideoX-Fun-V1.1-5b-Pose and -Control: a film follows a drawn film and a prompt; no reference picture.

The recipe is that of the weights' authors: the drawn film's latents, mode and scaled, beside the noise; the same ones
with the prompt and without; DDIM on trailing timesteps. What is drawn looks as DWPose draws (black, coloured limbs).
"""

from __future__ import annotations

from torch import Tensor

from ..diffusion.samplers import OnStep
from ..diffusion.sampling import Sampling
from ..errors import InvalidShape
from .config import DiTConfig
from .model import HumanDiT
from .overlap import Overlap
from .prompted import sample_prompted
from .vae import Autoencoder

FUN_SAMPLING = Sampling(steps=50, guidance=6.0, sampler="ddim")
"""The authors' own settings; the guidance is on the prompt."""


def drawn_control(vae: Autoencoder, drawn: Tensor) -> Tensor:
    """Frames of a drawn film [T, H, W, 3] in 0..1, T = 1 or 8k+1 -> its control latents [1, F, C, h, w]."""
    return (vae.encode(drawn) * vae.scaling_factor)[None]


def sample_fun_pose(
    model: HumanDiT,
    control_latents: Tensor,
    noise: Tensor,
    text: Tensor | None,
    negative_text: Tensor | None,
    sampling: Sampling = FUN_SAMPLING,
    on_step: OnStep = lambda done, total, clean: None,
    overlap: Overlap | None = None,
) -> Tensor:
    """Denoise films that follow drawn ones.

    Args:
        model: CogVideoX-Fun Pose or Control.
        control_latents: of the drawn films [B, F, C, h, w], as :func:`drawn_control` makes them.
        noise: [B, F, C, h, w], standard normal; there is no clean first frame.
        text, negative_text: embeddings of both prompts [B, L, text_dim]; no negative one is needed at guidance 1.
        sampling: how; its guidance is on the prompt.
        on_step: called after each step with the clean estimate [B, F, C, h, w].
        overlap: the weights know 49 frames at once; how a longer film is cut into windows, or None to see all of it.

    Returns:
        [B, F, C, h, w] in model space.

    Raises:
        InvalidShape: another model, sizes that differ, or no negative prompt where one is needed.
    """
    check_takes_film(model.config)
    if control_latents.shape != noise.shape:
        raise InvalidShape(
            f"The drawn film's latents are {list(control_latents.shape)}, the noise is {list(noise.shape)}. "
            "Draw the film at the size and length of the video to make."
        )
    return sample_prompted(model, control_latents, noise, text, negative_text, sampling, on_step, overlap=overlap)


def check_takes_film(config: DiTConfig) -> None:
    """For whoever has a drawn film.

    Raises:
        InvalidShape: other weights than CogVideoX-Fun Pose's or Control's.
    """
    if not config.takes_film:
        takes = "a picture" if config.takes_picture else "nothing"
        raise InvalidShape(
            f"Only CogVideoX-Fun Pose and Control weights take a drawn film beside the noise; these take {takes}. "
            "Load CogVideoX-Fun-V1.1-5b-Pose; with HumanDiT weights use HumanDiT Sample."
        )
