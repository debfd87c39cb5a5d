"""Train the clarity scorer of hands and teeth (paper App. A.1): pairs of a set, ranked by margin. Resumable."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..data.clips.clarity import KIND, PARTS
from ..data.clips.clarity_net import MINI, PAPER, ClarityConfig, ClarityNet
from ..errors import HumanDiTError
from ..weights.registry import CONFIG_KEY, KIND_KEY
from ..weights.save import write_whole
from .clarity_faults import FAULTS, RANKS
from .clarity_sets import APART, Sources, draw_sets, gather, pairs
from .clock import Clock
from .optim import adamw, step_at, trapezoid
from .state import RunFolder

CONFIGS = {"mini": MINI, "paper": PAPER}
MIDDLE = RANKS // 2
"""Rank that scores 0.5 on average once training is over. Pairs fix an order, not a scale: this is our choice."""
SCHEDULE = 50, 0.4
"""Steps of warm-up and share of the run over which the learning rate falls."""
FILMS = (".webp", ".mp4", ".mov", ".mkv", ".webm", ".gif")


@dataclass(frozen=True)
class ClarityRecipe:
    """How to train.

    Attributes:
        out: folder of the run. minutes: of both nets together, over all stretches; stretch: of this call, or None.
        films: folder of real films whose hands and mouths join in, or None.
        scenes: rendered scenes that crops are taken of.
        config: sizes. batch: sets per step. pairs: pairs of each set.
        lr: peak learning rate. margin: of the ranking loss, in scores.
        heldout: held-out sets that accuracy is told of. save_minutes: time between checkpoints.
    """

    out: Path
    minutes: float
    stretch: float | None = None
    films: Path | None = None
    scenes: int = 300
    config: ClarityConfig = MINI
    batch: int = 16
    pairs: int = 3
    lr: float = 2e-3
    margin: float = 0.2
    heldout: int = 400
    save_minutes: float = 2.0
    seed: int = 0


class ClarityTrainer:
    """State of a run: two nets side by side."""

    def __init__(self, recipe: ClarityRecipe) -> None:
        self.recipe = recipe
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(recipe.seed)
        self.folder = RunFolder(recipe.out)
        self.sources = self._sources()
        self.nets = {part: ClarityNet(recipe.config).to(self.device) for part in PARTS}
        self.optimizers = {part: adamw(list(net.parameters()), recipe.lr) for part, net in self.nets.items()}
        self.step, self.spent = 0, 0.0
        state = self.folder.load()
        if state is not None:
            if state["config"] != asdict(recipe.config):
                raise HumanDiTError(
                    f"The run in {recipe.out} has sizes {state['config']}, not {asdict(recipe.config)}. "
                    "Choose another --out."
                )
            for part in PARTS:
                self.nets[part].load_state_dict(state["nets"][part])
                self.optimizers[part].load_state_dict(state["optimizers"][part])
            self.step, self.spent = state["step"], state["spent"]

    def _sources(self) -> Sources:
        """Crops of the run, found once."""
        kept = self.recipe.out / "crops.npz"
        if not kept.is_file():
            films = [] if self.recipe.films is None else sorted(self.recipe.films.iterdir())
            gather(self.recipe.scenes, [f for f in films if f.suffix.lower() in FILMS], _say).save(kept)
        return Sources.load(kept)

    def train_step(self, part: str, progress: float) -> float:
        """One step of one net; returns the loss."""
        recipe, net = self.recipe, self.nets[part]
        rng = np.random.default_rng((recipe.seed, self.step, PARTS.index(part)))
        sets, _ = draw_sets(self.sources.side(part, held_out=False), recipe.batch, rng)
        better, worse = pairs(rng, recipe.batch * recipe.pairs).T
        of = np.repeat(np.arange(recipe.batch), recipe.pairs)
        scores = self._scores(net.train(), sets)
        good, bad = scores[of, better], scores[of, worse]
        loss = F.margin_ranking_loss(good, bad, torch.ones_like(good), margin=recipe.margin)
        loss.backward()
        step_at([self.optimizers[part]], recipe.lr * trapezoid(progress, self.step, *SCHEDULE))
        return loss.item()

    def _scores(self, net: ClarityNet, sets: np.ndarray) -> Tensor:
        """[N, 5] scores of sets [N, 5, 64, 64, 3]."""
        pictures = torch.from_numpy(sets.reshape(-1, *sets.shape[2:])).permute(0, 3, 1, 2)
        return net(pictures.to(self.device).float() / 255).reshape(sets.shape[:2])

    @torch.inference_mode()
    def accuracy(self, part: str) -> dict[str, float]:
        """Share of pairs at least two ranks apart of held-out sets that are ordered rightly: all, and by fault."""
        rng = np.random.default_rng(self.recipe.seed + 1)
        sets, kinds = draw_sets(self.sources.side(part, held_out=True), self.recipe.heldout, rng)
        scores = self._scores(self.nets[part].eval(), sets).cpu().numpy()
        right = np.stack([scores[:, a] > scores[:, b] for a in range(RANKS) for b in range(a + APART, RANKS)], 1)
        by_fault = {name: float(right[kinds == i].mean()) for i, name in enumerate(FAULTS) if (kinds == i).any()}
        return {"all": float(right.mean()), **by_fault}

    def run(self) -> None:
        """Train until the time is up."""
        clock, losses = Clock(self.recipe, self.spent), []
        while not clock.over:
            self.spent = clock.spent
            losses += [self.train_step(part, self.spent / self.recipe.minutes) for part in PARTS]
            self.step += 1
            if clock.due:
                clock.saved()
                losses = self.report(losses)
        self.spent = clock.spent
        self.report(losses)

    def report(self, losses: list[float]) -> list[float]:
        """Checkpoint, weights, and one line of the log and of the terminal."""
        self.folder.save(
            {
                "nets": {part: net.state_dict() for part, net in self.nets.items()},
                "optimizers": {part: optimizer.state_dict() for part, optimizer in self.optimizers.items()},
                "config": asdict(self.recipe.config),
                "step": self.step,
                "spent": self.spent,
            }
        )
        found = {part: self.accuracy(part) for part in PARTS}
        self.export(found)
        values: dict[str, float | int] = {"step": self.step, "minutes": round(self.spent, 2)}
        values["loss"] = round(float(np.mean(losses)), 5) if losses else 0.0
        values.update({f"{part}_{name}": round(v, 4) for part, marks in found.items() for name, v in marks.items()})
        self.folder.log(**values)
        print(values, flush=True)  # noqa: T201
        return []

    @torch.inference_mode()
    def export(self, accuracy: dict[str, dict[str, float]]) -> Path:
        """Both nets as one file, their middle rank brought to 0.5."""
        state: dict[str, Tensor] = {}
        for part, net in self.nets.items():
            rng = np.random.default_rng(self.recipe.seed + 2)
            sets, _ = draw_sets(self.sources.side(part, held_out=False), self.recipe.heldout, rng)
            pictures = torch.from_numpy(sets[:, MIDDLE]).permute(0, 3, 1, 2).to(self.device).float() / 255
            own = {name: t.clone() for name, t in net.eval().state_dict().items()}
            own["fc.bias"] -= net.logits(pictures).median()
            state.update({f"{part}.{name}": tensor for name, tensor in own.items()})
        told = {part: round(marks["all"], 4) for part, marks in accuracy.items()}
        notes = {
            KIND_KEY: KIND, CONFIG_KEY: json.dumps(asdict(self.recipe.config)), "licence": "Apache-2.0",
            "trained": f"{self.step} steps, {self.spent:.0f} minutes", "accuracy": json.dumps(told),
        }  # fmt: skip
        return write_whole(self.recipe.out / "clarity.safetensors", state, notes, torch.float16)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201
