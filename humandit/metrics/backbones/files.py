"""The user's files of published networks: which are there, and each opened strictly.

Files are found by their public names in one folder; ``weights get lpips``, ``fid`` and ``fvd`` put them there. Pickles
are read as arrays only (:mod:`...weights.convert.foreign`). I3D is TorchScript, which is code: it runs, so it is only
taken from the folder that the user names or filled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ...errors import InvalidWeights
from ...weights.convert.foreign import read_foreign
from ...weights.names import in_words
from ...wheels import cache_root
from ..perceptual import Perceptual
from .inception import Inception
from .resnet3d import ResNet3D
from .stages import ALEX_TAPS, VGG_TAPS, Tapped, alexnet, vgg16

LPIPS_FILES = {
    "vgg": ("vgg16-397923af.pth", "vgg.pth"),
    "alex": ("alexnet-owt-7be5be79.pth", "alex.pth"),
}
"""Net -> the file of its weights, and of LPIPS's heads (version 0.1)."""
INCEPTION_FILE = "pt_inception-2015-12-05-6726825d.pth"
RESNET_FILE = "resnet-50-kinetics.pth"
I3D_FILE = "i3d_torchscript.pt"
FACE_FILE = "w600k_r50.onnx"
BUILDERS: dict[str, tuple[Callable[[], nn.Sequential], tuple[int, ...]]] = {
    "vgg": (vgg16, VGG_TAPS),
    "alex": (alexnet, ALEX_TAPS),
}
CLASSIFIERS = {"vgg": (0, 3, 6), "alex": (1, 4, 6)}
"""Layers of torchvision's classifiers, which are in the files and not used."""
WRAPPED = "module."
"""Prefix that training on several cards leaves behind."""


def folder() -> Path:
    """``$HUMANDIT_CACHE/metrics``, or ``~/.cache/humandit/metrics``."""
    return cache_root() / "metrics"


@dataclass(frozen=True)
class Backbones:
    """What could be opened; None for each network whose file is not there.

    Attributes:
        lpips: LPIPS net ("alex", "vgg") -> the distance.
        inception: of FID. resnet3d: of FID-VID. i3d: of FVD. face: path of an ArcFace net.
    """

    lpips: Mapping[str, Perceptual]
    inception: nn.Module | None = None
    resnet3d: nn.Module | None = None
    i3d: Any = None
    face: Path | None = None

    @property
    def names(self) -> dict[str, str]:
        """Figure -> the file behind it."""
        files = {f"lpips_{net}" if net != "alex" else "lpips": LPIPS_FILES[net][0] for net in self.lpips}
        files |= {"fid": INCEPTION_FILE} if self.inception is not None else {}
        files |= {"fid_vid": RESNET_FILE} if self.resnet3d is not None else {}
        files |= {"fvd": I3D_FILE} if self.i3d is not None else {}
        return files | ({"identity": FACE_FILE} if self.face is not None else {})


def open_backbones(place: Path | None = None, device: torch.device | str = "cpu") -> Backbones:
    """Every published network whose files lie in ``place``, by default the cache's folder of them.

    Raises:
        InvalidWeights: a folder that was named and holds none of the files, or a file that is not what its name says.
    """
    here = place or folder()
    found = {name for name in _known() if (here / name).is_file()}
    if place is not None and not found:
        raise InvalidWeights(f"Expected a folder with any of {', '.join(sorted(_known()))}; {place} has none of them.")
    nets = {net: _lpips(net, here, device) for net, files in LPIPS_FILES.items() if found.issuperset(files)}
    return Backbones(
        nets,
        _filled(Inception(), here / INCEPTION_FILE, device) if INCEPTION_FILE in found else None,
        _filled(ResNet3D(), here / RESNET_FILE, device) if RESNET_FILE in found else None,
        load_i3d(here / I3D_FILE, device) if I3D_FILE in found else None,
        here / FACE_FILE if FACE_FILE in found else None,
    )


def _known() -> set[str]:
    pairs = {name for files in LPIPS_FILES.values() for name in files}
    return pairs | {INCEPTION_FILE, RESNET_FILE, I3D_FILE, FACE_FILE}


def _lpips(net: str, here: Path, device: torch.device | str) -> Perceptual:
    return load_lpips(net, here / LPIPS_FILES[net][0], here / LPIPS_FILES[net][1], device)


def load_lpips(net: str, backbone: Path, heads: Path, device: torch.device | str = "cpu") -> Perceptual:
    """LPIPS on "alex" or "vgg": torchvision's weights of the net, and the published heads ``lin0`` to ``lin4``."""
    build, taps = BUILDERS[net]
    tapped = Tapped(build(), taps)
    state = tensors(backbone)
    unused = {f"classifier.{i}.{part}" for i in CLASSIFIERS[net] for part in ("weight", "bias")}
    fill(tapped, {name: tensor for name, tensor in state.items() if name not in unused}, backbone)
    widths = [len(state[f"features.{tap - 1}.bias"]) for tap in taps]
    shapes = {f"lin{i}.model.1.weight": (1, width, 1, 1) for i, width in enumerate(widths)}
    weights = tensors(heads)
    check(weights, shapes, heads)
    return Perceptual(ready(tapped, device), tuple(weights[name].flatten().to(device) for name in shapes))


def load_i3d(path: Path, device: torch.device | str = "cpu") -> Any:
    """The TorchScript I3D that StyleGAN-V's FVD runs; see :func:`.features.i3d_features`. Its code runs here."""
    try:
        return torch.jit.load(str(path), map_location=device).eval()
    except RuntimeError as error:
        first = str(error).strip().splitlines()[0]
        raise InvalidWeights(f"{path.name} is no TorchScript file ({first}). Fetch it again.") from error


def _filled(model: nn.Module, path: Path, device: torch.device | str) -> nn.Module:
    fill(model, tensors(path), path)
    return ready(model, device)


def ready(model: Any, device: torch.device | str) -> Any:
    """For inference, frozen, on ``device``."""
    return model.to(device).eval().requires_grad_(False)


def tensors(path: Path) -> dict[str, Tensor]:
    """Name -> tensor of a file, without the prefix that training on several cards leaves."""
    state, _ = read_foreign(path)
    return {name.removeprefix(WRAPPED): tensor for name, tensor in state.items()}


def fill(model: nn.Module, state: Mapping[str, Tensor], path: Path) -> None:
    """Give ``model`` exactly its tensors. Batch counters, which old files lack, are left alone."""
    own = {name: tensor for name, tensor in model.state_dict().items() if not name.endswith("num_batches_tracked")}
    given = {name: tensor for name, tensor in state.items() if not name.endswith("num_batches_tracked")}
    check(given, {name: tuple(tensor.shape) for name, tensor in own.items()}, path)
    model.load_state_dict(given, strict=False)


def check(state: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]], path: Path) -> None:
    """Refuse a file with other names or shapes than ``shapes``."""
    missing, unknown = sorted(set(shapes) - set(state)), sorted(set(state) - set(shapes))
    wrong = [name for name in shapes if name in state and tuple(state[name].shape) != shapes[name]]
    if not missing and not unknown and not wrong:
        return
    words = [f"{len(missing)} missing ({in_words(missing)})"] * bool(missing)
    words += [f"{len(unknown)} unknown ({in_words(unknown)})"] * bool(unknown)
    words += [f"{wrong[0]} should be {list(shapes[wrong[0]])}, got {list(state[wrong[0]].shape)}"] if wrong else []
    raise InvalidWeights(f"{path.name} is not the network its name says: of its tensors {', '.join(words)}.")
