"""How clear hands and mouths are, 0..1: a trained net, or a measure of their blur under its own name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from ...errors import InvalidWeights, MissingDependency
from ...weights.registry import CONFIG_KEY, KIND_KEY
from .clarity_net import ClarityConfig, ClarityNet
from .measures import blurriness, grey

KIND = "clarity"
"""Kind of the weight file in its metadata."""
PARTS = ("hands", "teeth")
BUNDLED = Path(__file__).parent / "clarity.safetensors"
SIMPLE = "simple"
"""Asks for the measure even where a net lies."""
UNCLEAR, CLEAR = 0.8, 0.3
"""Blurriness that scores 0 and 1 without a net."""


@runtime_checkable
class Clarity(Protocol):
    """What scores crops.

    Attributes:
        name: what a report calls it.
    """

    name: str

    def __call__(self, part: str, crops: Sequence[np.ndarray]) -> np.ndarray:
        """[N] scores 0..1 of crops [64, 64, 3] uint8 of a part, one of :data:`PARTS`."""
        ...


class SimpleClarity:
    """Blur alone: knows nothing of hands, fingers that hide each other, or teeth."""

    name = "blur of the crop (no net)"

    def __call__(self, part: str, crops: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Clarity`."""
        blurs = np.array([blurriness(grey(crop)) for crop in crops])
        return np.clip((UNCLEAR - blurs) / (UNCLEAR - CLEAR), 0, 1)


class NetClarity:
    """One net for hands and one for teeth, out of one file."""

    def __init__(self, nets: dict[str, ClarityNet], name: str) -> None:
        self.nets, self.name = nets, name

    @classmethod
    def load(cls, path: str | Path) -> NetClarity:
        """The nets in a file that ``train clarity`` wrote.

        Raises:
            MissingDependency: no such file. InvalidWeights: another file.
        """
        from safetensors import SafetensorError, safe_open

        path = Path(path)
        if not path.is_file():
            raise MissingDependency(f"There is no clarity scorer at {path}. Make one: python -m humandit train clarity")
        try:
            with safe_open(path, "pt") as file:
                notes = file.metadata() or {}
                state = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
        except SafetensorError as error:
            raise InvalidWeights(f"{path.name} cannot be read ({error}). Train or fetch it again.") from error
        if notes.get(KIND_KEY) != KIND:
            raise InvalidWeights(f"{path.name} is no clarity scorer. Choose a file that `train clarity` wrote.")
        config = ClarityConfig.from_dict(json.loads(notes[CONFIG_KEY]))
        return cls({part: _filled(path, config, state, part) for part in PARTS}, f"{config.name}, {path.name}")

    def __call__(self, part: str, crops: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Clarity`."""
        import torch

        if not len(crops):
            return np.zeros(0)
        pictures = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float() / 255
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # sums in one order, whoever runs this: the same clip, the same score
        try:
            with torch.inference_mode():
                return self.nets[part](pictures).numpy().astype(np.float64)
        finally:
            torch.set_num_threads(threads)


def load_clarity(source: str | Path | None) -> Clarity:
    """The scorer in a file, "simple", or None: the bundled one, and the measure where none is bundled."""
    if source is None:
        return NetClarity.load(BUNDLED) if BUNDLED.is_file() else SimpleClarity()
    return SimpleClarity() if str(source) == SIMPLE else NetClarity.load(source)


def _filled(path: Path, config: ClarityConfig, state: dict, part: str) -> ClarityNet:
    net = ClarityNet(config)
    own = {name.removeprefix(f"{part}."): t for name, t in state.items() if name.startswith(f"{part}.")}
    try:
        net.load_state_dict(own)
    except RuntimeError as error:
        raise InvalidWeights(f"{path.name} lacks tensors of the scorer of {part}. Train it again.") from error
    return net.eval().requires_grad_(False)
