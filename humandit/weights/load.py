"""From a weight file to a model: strictly, and with a helpful word when the file is another one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..errors import InvalidWeights
from ..motion.config import MotionConfig
from ..motion.model import KeypointDiT
from ..video.config import DiTConfig
from ..video.model import HumanDiT, zero_start
from ..video.vae import Autoencoder
from .eight_bit import without_scales
from .families import UNKNOWN, Tensors, identify, strip_prefix
from .header import Header
from .inspect import WeightReport, config_of, report
from .names import in_words
from .sources import PARTS, headers, joined, read_tensors
from .stock import config_beside, stock_config

MAY_BE_ZERO = ("pose_guider.proj.weight", "text_mask_embed.weight")
"""Parts that stock CogVideoX lacks; a stock file starts with zeros there."""
EXPECTED = {
    "video": "a HumanDiT or CogVideoX 5B video model",
    "vae": "a HumanDiT or CogVideoX VAE",
    "motion": "a HumanDiT motion model",
}
"""Kind -> what its loader takes, in words."""


def load_model(
    source: str | Path,
    operations: Any = None,
    dtype: torch.dtype | None = None,
    device: torch.device | str = "cpu",
) -> HumanDiT:
    """The video model in ``source``, in eval mode, frozen.

    Args:
        source: "mini", a .safetensors file, one of a sharded model's parts or its index.json, a folder that holds
            one model, or a pipeline's folder as diffusers saves it.
        operations: namespace of layer classes; ``torch.nn`` if None.
        dtype: type of the weights in memory; float32 if None. Ask for bfloat16 where 5B parameters must fit.
        device: where the weights go.

    Raises:
        InvalidWeights: no weight file, a broken one, or another model's (says which).
    """
    config, state = read_model(source, dtype or torch.float32, device)
    model = HumanDiT(config, operations or nn, dtype=dtype or torch.float32, device=torch.device("meta"))
    return filled(model, zero_start(state, model) if "pose_guider.proj.weight" not in state else state, dtype, device)


def read_model(
    source: str | Path, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu"
) -> tuple[DiTConfig, dict[str, torch.Tensor]]:
    """Config and state dict of a video model, names checked, for hosts that build the module themselves."""
    parts, header = _opened(source, "video")
    config, prefix = check_video(header)
    return config, read_tensors(parts, prefix, dtype, device)


def check_video(header: Header) -> tuple[DiTConfig, str]:
    """Config of a video model whose header this is, and the prefix of its names; all names and shapes are checked."""
    prefix, inside = strip_prefix(without_scales(header.tensors))
    config = _dit_config(header, inside)
    stock = "pose_guider.proj.weight" not in inside and config_of(header) is None
    expected = {name: tuple(t.shape) for name, t in HumanDiT(config, device=torch.device("meta")).state_dict().items()}
    check_names(header, expected, inside, MAY_BE_ZERO if stock else ())
    return config, prefix


def load_vae(source: str | Path, dtype: torch.dtype | None = None, device: torch.device | str = "cpu") -> Autoencoder:
    """The video autoencoder in ``source``, in eval mode, frozen; arguments and errors as :func:`load_model`'s.

    A CogVideoX VAE without our metadata takes its config from a ``config.json`` beside it; without one the sizes
    come from the tensors and the scaling factor is the 5B models' 0.7, which no tensor tells.
    """
    parts, header = _opened(source, "vae")
    vae, prefix = _empty_vae(header)
    expected = {name: tuple(t.shape) for name, t in vae.state_dict().items()}
    inside = {prefix + name: tensor for name, tensor in header.tensors.items()}
    check_names(header, expected, inside)
    state = {prefix + name: t for name, t in read_tensors(parts, "", dtype or torch.float32, device).items()}
    return filled(vae, state, dtype, device)  # type: ignore[return-value]


def load_motion(
    source: str | Path,
    operations: Any = None,
    dtype: torch.dtype | None = None,
    device: torch.device | str = "cpu",
) -> KeypointDiT:
    """The motion model in ``source``, in eval mode, frozen; arguments and errors as :func:`load_model`'s."""
    parts, header = _opened(source, "motion")
    prefix, inside = strip_prefix(without_scales(header.tensors))
    model = KeypointDiT(
        MotionConfig.from_dict(_own_config(header)), operations or nn, dtype=dtype, device=torch.device("meta")
    )
    check_names(header, {name: tuple(t.shape) for name, t in model.state_dict().items()}, inside)
    return filled(model, read_tensors(parts, prefix, dtype or torch.float32, device), dtype, device)


def _opened(source: str | Path, kind: str) -> tuple[list[Header], Header]:
    """The files of ``source`` and their common header, which must be of a model of that kind."""
    parts = headers(source, kind)
    header = joined(parts)
    found = report(header)
    if found.kind != kind:
        raise InvalidWeights(_other(found, EXPECTED[kind], identify(header.tensors).instead))
    return parts, header


def _empty_vae(header: Header) -> tuple[nn.Module, str]:
    """A VAE without its weights, and the prefix that the file's names lack."""
    config = config_of(header)
    name = "AutoencoderKLCogVideoX" if config is None else config.pop("class", "LightVAE")
    if name == "LightVAE":
        from ..video.light_vae import LightVAE, LightVAEConfig

        return LightVAE(LightVAEConfig.from_dict(config or {})), ""
    if name == "AutoencoderKLCogVideoX":
        from ..video.cogvideox_vae import CogVideoXVAE

        with torch.device("meta"):
            vae = CogVideoXVAE.from_config(config or _cogvideox_vae_config(header))
        return vae, "" if any(key.startswith("stock.") for key in header.tensors) else "stock."
    raise InvalidWeights(f"{header.path.name} holds a VAE of an unknown class {name!r}. Update the pack.")


def _cogvideox_vae_config(header: Header) -> dict[str, Any]:
    beside = header.path.with_name("config.json")
    if beside.is_file():
        config = json.loads(beside.read_text(encoding="utf-8"))
        if config.get("_class_name") == "AutoencoderKLCogVideoX":
            return config
    block = re.compile(r"encoder\.down_blocks\.(\d+)\.resnets\.(\d+)\.conv1\.conv\.weight")
    found = {(int(m[1]), int(m[2])): t.shape[0] for name, t in header.tensors.items() if (m := block.fullmatch(name))}
    return {
        "block_out_channels": tuple(width for (_, resnet), width in sorted(found.items()) if resnet == 0),
        "layers_per_block": max(resnet for _, resnet in found) + 1,
        "latent_channels": header.tensors["decoder.conv_in.conv.weight"].shape[1],
        "scaling_factor": 0.7,
    }


def _dit_config(header: Header, inside: Tensors) -> DiTConfig:
    """From the metadata; of a stock CogVideoX from its tensors and its config.json."""
    if config_of(header) is None and "pose_guider.proj.weight" not in inside:
        _check_whole(header, inside)
        return stock_config(inside, config_beside(header))
    return DiTConfig.from_dict(_own_config(header))


def _own_config(header: Header) -> dict[str, Any]:
    """From the metadata, which a model of ours always has."""
    values = config_of(header)
    if values is None:
        raise InvalidWeights(
            f"{header.path.name} is {report(header).looks_like} without its config: the metadata that says what it "
            "predicts is lost. Use the file as it was trained, or save it again with HumanDiT's own saving."
        )
    return values


def _check_whole(header: Header, inside: Tensors) -> None:
    """A stock transformer has what its sizes are read off, beside what its family is known by."""
    needed = ["time_embedding.linear_1.weight", "proj_out.weight", "transformer_blocks.0.norm1.linear.weight"]
    modulation = inside.get(needed[-1])
    if modulation is not None and modulation.shape[0] == 6 * inside["patch_embed.proj.weight"].shape[0]:
        needed.append("patch_embed.text_proj.weight")  # it modulates text tokens, so it has some
    missing = [name for name in needed if name not in inside]
    if missing:
        family = identify(inside).name
        raise InvalidWeights(
            f"{header.path.name} should be {family}, but {in_words(missing)} is missing. {_again(header)}"
        )


def check_names(
    header: Header, expected: Mapping[str, tuple[int, ...]], found: Tensors, optional: Iterable[str] = ()
) -> None:
    """Every expected tensor once, nothing else, all shapes right."""
    name = header.path.name
    missing = sorted(set(expected) - set(found) - set(optional))
    unknown = sorted(set(found) - set(expected))
    if missing or unknown:
        words = [f"{len(missing)} missing ({in_words(missing)})"] * bool(missing)
        words += [f"{len(unknown)} unknown ({in_words(unknown)})"] * bool(unknown)
        raise InvalidWeights(
            f"{name} should be {report(header).looks_like}, but of its tensors {', '.join(words)}. {_again(header)}"
        )
    for key, shape in expected.items():
        if key in found and found[key].shape != shape:
            raise InvalidWeights(
                f"{name}: {key} should be {list(shape)}, got {list(found[key].shape)}. "
                "Its config belongs to other weights; fetch it again."
            )


def _again(header: Header) -> str:
    """What to do about a file that lacks something."""
    part = PARTS.fullmatch(header.path.name)
    if part is not None:
        return f"It is sharded: all {int(part['count'])} parts must be of the same version; fetch them again."
    return "The file is incomplete or of another version; fetch it again."


def _other(found: WeightReport, wanted: str, instead: str) -> str:
    where = f"It belongs in models/{found.folder}; choose" if found.folder else "Choose"
    about = f"looks like {found.looks_like}" if found.looks_like != UNKNOWN.name else "is of a model we do not know"
    size = f"{found.parameters / 1e6:,.1f} M parameters"
    return f"Expected {wanted}, but {found.path.name} {about} ({size}). {where} another file here. {instead}".rstrip()


def filled(
    model: nn.Module, state: Mapping[str, torch.Tensor], dtype: torch.dtype | None, device: torch.device | str
) -> Any:
    """Give a model its tensors, for inference; names and shapes are checked already."""
    ready = {
        name: t.to(device, dtype or torch.float32) if t.is_floating_point() else t.to(device)
        for name, t in state.items()
    }
    model.load_state_dict(ready, strict=True, assign=True)
    return model.eval().requires_grad_(False)
