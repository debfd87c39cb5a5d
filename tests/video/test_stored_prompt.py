"""The empty prompt that weights can hold stands in where no prompt is given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from humandit.errors import InvalidShape, InvalidWeights
from humandit.video.config import DiTConfig
from humandit.video.model import HumanDiT
from humandit.video.prompted import sample_prompted
from humandit.video.sample import Sampling, sample_latents
from humandit.weights.load import load_model
from humandit.weights.save import save_model
from tests.weights.checkpoints import config_of, random_like, stock

SHORT = Sampling(steps=2, guidance=3.0)
FUN = replace(config_of("Fun"), stored_words=5)


def built(config: DiTConfig) -> HumanDiT:
    model = HumanDiT(config).eval().requires_grad_(False)
    model.load_state_dict(random_like(model.state_dict()))
    return model


def given() -> tuple[torch.Tensor, ...]:
    """Control, noise, both prompts."""
    rng = torch.Generator().manual_seed(2)
    film = torch.randn(2, 2, 3, 16, 4, 4, generator=rng)
    return film[0], film[1], *torch.randn(2, 2, 5, 12, generator=rng)


def test_no_prompt_is_the_stored_one() -> None:
    model, (control, noise, text, negative) = built(FUN), given()
    stored = model.empty_prompt.expand(2, -1, -1)
    for prompt, other, guidance in ((text, None, 3.0), (None, negative, 3.0), (None, None, 1.0)):
        sampling = replace(SHORT, guidance=guidance)
        got = sample_prompted(model, control, noise, prompt, other, sampling)
        instead = (stored if words is None else words for words in (prompt, other))
        torch.testing.assert_close(got, sample_prompted(model, control, noise, *instead, sampling))
    nothing_to_compare = sample_prompted(model, control, noise, None, None, SHORT)
    assert torch.equal(
        nothing_to_compare, sample_prompted(model, control, noise, None, None, replace(SHORT, guidance=1))
    )


def test_a_model_of_pictures_and_poses_uses_it_too() -> None:
    config = replace(config_of("5b"), stored_words=5)
    model, (_, noise, *_) = built(config), given()
    with_stored = sample_latents(model, noise[:, :1], None, noise[:, 1:], SHORT)
    said = sample_latents(model, noise[:, :1], None, noise[:, 1:], SHORT, model.empty_prompt.expand(2, -1, -1))
    bare = HumanDiT(replace(config, stored_words=0)).eval()
    bare.load_state_dict({name: t for name, t in model.state_dict().items() if name != "empty_prompt"})
    assert torch.equal(with_stored, said)
    assert (with_stored - sample_latents(bare, noise[:, :1], None, noise[:, 1:], SHORT)).abs().max() > 1e-4


def test_it_is_saved_and_loaded(tmp_path: Path) -> None:
    model = built(replace(config_of("5b"), stored_words=5))
    loaded = load_model(save_model(tmp_path / "ours.safetensors", model, model.config, "video"))
    assert loaded.config == model.config and torch.equal(loaded.empty_prompt, model.empty_prompt)
    save_file({**stock("Fun"), "empty_prompt": torch.ones(1, 226, 12)}, tmp_path / "fun.safetensors")
    assert load_model(tmp_path / "fun.safetensors").config.stored_words == 226


def test_neither_prompt_nor_stored_one() -> None:
    model, (control, noise, text, _) = built(config_of("Fun")), given()
    with pytest.raises(InvalidShape, match="follows a prompt, and got none.*T5-XXL"):
        sample_prompted(model, control, noise, None, None, SHORT)
    with pytest.raises(InvalidShape, match="compares the prompt with a negative one"):
        sample_prompted(model, control, noise, text, None, SHORT)
    with pytest.raises(InvalidWeights, match="without text cannot hold a prompt"):
        replace(FUN, text_dim=None)
