"""The model that a recipe trains: fresh or from weights, and which of its parts learn."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from ..diffusion.attention import sdpa
from ..diffusion.blocks import AdaLayerNormOut, AdaLayerNormZero
from ..errors import HumanDiTError
from ..video.config import DiTConfig
from ..video.model import HumanDiT
from ..video.overlay import begin
from ..video.pose_guider import PIXELS
from ..video.prepare import use_attention
from ..video.vae import Autoencoder
from ..weights.load import load_model
from ..weights.prompt import read_prompt
from .lora import add_lora
from .recipe import EMPTY, Recipe

PROMPT_HELP = (
    "Give prompt: a file with the empty prompt's embeddings (the node HumanDiT Save Prompt writes one), or "
    "prompt: none to train without text tokens."
)


def plain_attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention by two products: on a CPU its backward pass is three times faster than the fused one's at a few
    hundred tokens."""
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    return scores.softmax(-1, dtype=torch.float32).to(v.dtype) @ v


def zero(layer: torch.nn.Module) -> None:
    for parameter in layer.parameters():
        torch.nn.init.zeros_(parameter)


def initialise(model: HumanDiT, vae: Autoencoder | None = None) -> None:
    """Blocks start as identities (adaLN-zero, Peebles & Xie 2023), the pose guider small but not zero: there is no
    pretrained model to protect, and a zero start would only delay the poses."""
    for module in model.modules():
        if isinstance(module, AdaLayerNormZero | AdaLayerNormOut):
            zero(module.linear)
    zero(model.proj_out)
    torch.nn.init.normal_(model.pose_guider.proj.weight, std=0.1)
    zero(model.text_mask_embed)
    if model.config.overlaid:
        begin(model.overlay, vae)


def built(recipe: Recipe, device: torch.device, dtype: torch.dtype, vae: Autoencoder) -> HumanDiT:
    """The model that training begins with, on the CPU, nothing frozen; for the latents of ``vae``.

    Weights are float32, the type they are trained in; beside a LoRA, where they only lie still, ``dtype``.

    Raises:
        HumanDiTError: a ``start`` of other sizes than the recipe's, one that takes a control latent, or a model that
            reads text without a prompt.
    """
    if recipe.start is None:
        assert recipe.config is not None  # a finisher learns later, from films of the model that is yet to come
        model = HumanDiT(replace(_for_channels(recipe.config, vae.latent_channels), finished=False))
        initialise(model, vae)
    else:
        model = load_model(recipe.start, dtype=dtype if recipe.lora else torch.float32).train().requires_grad_(True)
        _check_sizes(recipe, model.config)
    if model.config.control_channels:
        raise HumanDiTError(
            "Training starts from a model without a control latent (CogVideoX-5b, not I2V or Fun): the picture is the "
            f"prefix. This one takes {model.config.control_channels} control channels."
        )
    model = _with_prompt(recipe, widened(model, vae, recipe.moved_picture, recipe.overlaid))
    use_attention(model, plain_attention if device.type == "cpu" else sdpa)
    return model


def widened(model: HumanDiT, vae: Autoencoder, moved_picture: bool, overlaid: bool = False) -> HumanDiT:
    """``model`` for a ``vae`` of more channels, for pose images with the moved picture, or with an overlay: what is new
    of its weights is zero or shut, so it does at first what it did.

    Raises:
        HumanDiTError: fewer channels than it has.
    """
    config, channels = model.config, vae.latent_channels
    if channels < config.out_channels:
        raise HumanDiTError(
            f"The model makes latents of {config.out_channels} channels, the VAE has {channels}. "
            "Give the VAE that belongs to the model."
        )
    more = {"moved_picture": config.moved_picture or moved_picture or overlaid, "overlaid": config.overlaid or overlaid}
    wanted = replace(_for_channels(config, channels), **more)
    if wanted == config:
        return model
    state, patch = model.state_dict(), model.patching.positions
    pose = state["pose_guider.proj.weight"].unflatten(1, (patch * PIXELS, -1))
    state["pose_guider.proj.weight"] = _padded(pose, 2, wanted.pose_channels).flatten(1)
    if channels > config.out_channels:
        state["patch_embed.proj.weight"] = _padded(state["patch_embed.proj.weight"], 1, channels)
        state |= {
            f"proj_out.{name}": _padded(state[f"proj_out.{name}"], 0, channels * patch) for name in ("weight", "bias")
        }
    made = HumanDiT(wanted, dtype=model.proj_out.weight.dtype, device=torch.device("meta"))
    if wanted.overlaid:
        begin(made.overlay.to_empty(device="cpu"), vae)
        begun, another_code = made.overlay.state_dict(prefix="overlay."), channels > config.out_channels
        state = {**state, **begun} if another_code else {**begun, **state}
    made.load_state_dict(state, assign=True)
    return made.requires_grad_(True)


def _for_channels(config: DiTConfig, channels: int) -> DiTConfig:
    return replace(config, in_channels=channels + config.control_channels, out_channels=channels)


def _padded(weight: Tensor, axis: int, size: int) -> Tensor:
    """``weight`` with zeros behind it on an axis."""
    shape = list(weight.shape)
    shape[axis] = size - weight.shape[axis]
    return torch.cat([weight, weight.new_zeros(shape)], axis)


def trainable(model: HumanDiT, recipe: Recipe, dtype: torch.dtype) -> HumanDiT:
    """``model`` with gradients for what the recipe trains alone: all of it, or a LoRA beside weights of ``dtype``."""
    if recipe.lora is not None:
        add_lora(model, recipe.lora, dtype)
    if not recipe.text_mask:
        model.text_mask_embed.requires_grad_(False)
    if model.config.finished:
        model.finisher.requires_grad_(False)
    return model


def _check_sizes(recipe: Recipe, found: DiTConfig) -> None:
    wanted = recipe.config
    if wanted is not None and replace(wanted, stored_words=found.stored_words, finished=found.finished) != found:
        raise HumanDiTError(
            f"start holds a model of {found.layers} layers of {found.dim}, config names one of {wanted.layers} of "
            f"{wanted.dim}, or they differ in a detail. Set config to null: the sizes are then those of start."
        )


def _with_prompt(recipe: Recipe, model: HumanDiT) -> HumanDiT:
    """``model`` with the recipe's empty prompt in its weights."""
    config = model.config
    if not config.has_text or recipe.prompt == "none" or (recipe.prompt == "stored" and config.stored_words):
        if recipe.prompt not in EMPTY:
            raise HumanDiTError("This model reads no text; leave prompt out.")
        return _without_words(model) if recipe.prompt == "none" and config.stored_words else model
    if recipe.prompt == "stored":
        raise HumanDiTError(f"This model reads text, and no empty prompt is stored in its weights. {PROMPT_HELP}")
    words = read_prompt(recipe.prompt)
    if words.shape[2] != config.text_dim:
        raise HumanDiTError(f"The prompt's tokens have {words.shape[2]} numbers, this model's {config.text_dim}.")
    return _remade(model, replace(config, stored_words=words.shape[1]), {"empty_prompt": words})


def _without_words(model: HumanDiT) -> HumanDiT:
    return _remade(model, replace(model.config, stored_words=0), {})


def _remade(model: HumanDiT, config: DiTConfig, more: dict[str, Tensor]) -> HumanDiT:
    """The same weights in a model of another ``config``."""
    state = {name: tensor for name, tensor in model.state_dict().items() if name != "empty_prompt"}
    made = HumanDiT(config, dtype=model.proj_out.weight.dtype, device=torch.device("meta"))
    made.load_state_dict({**state, **{n: t.to(model.proj_out.weight.dtype) for n, t in more.items()}}, assign=True)
    return made.requires_grad_(True)
