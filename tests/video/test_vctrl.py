"""PP-VCtrl beside an I2V model, against a forward written from its published config and code, in plain functions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from diffusers.models.embeddings import CogVideoXPatchEmbed
from safetensors.torch import save_file

from humandit.diffusion.rope import video_rope
from humandit.diffusion.runs import every_block
from humandit.errors import HumanDiTError, InvalidShape, InvalidWeights
from humandit.video.cogvideox_vae import CogVideoXVAE
from humandit.video.config import DiTConfig
from humandit.video.model import HumanDiT
from humandit.video.positions import computed
from humandit.video.prompted import sample_prompted
from humandit.video.sample import Sampling
from humandit.video.vctrl import LAYOUTS, VCTRL_5B_I2V, VCtrl, VCtrlConfig, gets
from humandit.video.vctrl_sample import Guide, picture_beside, sample_vctrl, shown_film
from humandit.weights.vctrl import load_vctrl
from tests.weights.checkpoints import State, random_like, stock, vctrl

HEADS, HEAD_DIM, LAYERS = 2, 16, 2
PLANE = (4, 6)
MAIN = DiTConfig(
    heads=HEADS, head_dim=HEAD_DIM, layers=6, time_dim=8, text_dim=12, in_channels=32, rope_base=PLANE,
    learned_positions=(226, 3),
)  # fmt: skip
SIDE = VCtrlConfig(heads=HEADS, head_dim=HEAD_DIM, layers=LAYERS, time_dim=8, rope_base=PLANE)
TINY_VAE = {
    "block_out_channels": (8, 8, 8, 8), "layers_per_block": 1, "latent_channels": 4, "norm_num_groups": 2,
    "scaling_factor": 0.7,
}  # fmt: skip
EXACT = Sampling(steps=2, guidance=3.5)


@pytest.fixture
def state() -> State:
    return random_like({name: 3 * value for name, value in VCtrl(SIDE).state_dict().items()})


@pytest.fixture
def side(state: State) -> VCtrl:
    model = VCtrl(SIDE).eval()
    model.load_state_dict(state)
    return model


@pytest.fixture
def main() -> HumanDiT:
    model = HumanDiT(MAIN).eval()
    model.load_state_dict(random_like(model.state_dict(), seed=1))
    return model


def given(batch: int = 1) -> tuple[torch.Tensor, ...]:
    """Noise, the picture's control, what is shown, and the embeddings of both prompts."""
    rng = torch.Generator().manual_seed(5)
    noise = torch.randn(batch, 3, 16, 8, 12, generator=rng)
    control = F.pad(torch.randn(batch, 1, 16, 8, 12, generator=rng), (0, 0, 0, 0, 0, 0, 0, 2))
    shown = torch.cat([torch.randn(1, 3, 16, 8, 12, generator=rng), torch.ones(1, 3, 1, 8, 12)], dim=2)
    return noise, control, shown, *torch.randn(2, batch, 5, 12, generator=rng)


def relative(got: torch.Tensor, expected: torch.Tensor) -> float:
    return float((got - expected).abs().max() / expected.abs().max())


class Reference:
    """The published network, from its tensors alone: one method for each of its parts."""

    def __init__(self, state: State) -> None:
        self.state = state

    def linear(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return x @ self.state[f"{name}.weight"].T + self.state[f"{name}.bias"]

    def norm(self, name: str, x: torch.Tensor, eps: float) -> torch.Tensor:
        off = x - x.mean(-1, keepdim=True)
        scaled = off / (off.square().mean(-1, keepdim=True) + eps).sqrt()
        return scaled * self.state[f"{name}.weight"] + self.state[f"{name}.bias"]

    def time(self, timestep: torch.Tensor) -> torch.Tensor:
        """Cosines before sines (``flip_sin_to_cos``), ``freq_shift`` 0, then two layers with SiLU between."""
        half = HEADS * HEAD_DIM // 2
        angles = timestep[:, None] * 10000.0 ** (-torch.arange(half) / half)
        features = torch.cat([angles.cos(), angles.sin()], dim=1)
        return self.linear("time_embedding.linear_2", F.silu(self.linear("time_embedding.linear_1", features)))

    def patches(self, name: str, x: torch.Tensor) -> torch.Tensor:
        """Squares of 2 x 2, frame by frame, row by row."""
        b, f, c, h, w = x.shape
        cut = x.reshape(b, f, c, h // 2, 2, w // 2, 2).permute(0, 1, 3, 5, 2, 4, 6).reshape(b, -1, c * 4)
        return cut @ self.state[f"{name}.proj.weight"].flatten(1).T + self.state[f"{name}.proj.bias"]

    def modulated(self, name: str, x: torch.Tensor, temb: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        shift, scale, gate = self.linear(f"{name}.linear", F.silu(temb))[:, None].chunk(3, dim=2)
        return self.norm(f"{name}.norm", x, 1e-5) * (1 + scale) + shift, gate

    def attention(self, name: str, x: torch.Tensor, rope: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        q, k, v = (
            self.linear(f"{name}.to_{part}", x).unflatten(2, (HEADS, HEAD_DIM)).transpose(1, 2) for part in "qkv"
        )
        q, k = (self.turned(self.norm(f"{name}.norm_{p}", part, 1e-6), rope) for p, part in (("q", q), ("k", k)))
        weights = (q @ k.transpose(2, 3) / HEAD_DIM**0.5).softmax(dim=3)
        return self.linear(f"{name}.to_out.0", (weights @ v).transpose(1, 2).flatten(2))

    @staticmethod
    def turned(x: torch.Tensor, rope: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        pairs = torch.view_as_complex(x.unflatten(3, (-1, 2)).contiguous()) * torch.complex(*rope)
        return torch.view_as_real(pairs).flatten(3)

    def __call__(self, seen: torch.Tensor, timestep: torch.Tensor, shown: torch.Tensor) -> list[torch.Tensor]:
        rope = video_rope(3, (4, 6), HEAD_DIM, PLANE, 10000.0, torch.device("cpu"))
        temb = self.time(timestep)
        x, cond = self.patches("sample_patch_embed", seen), self.patches("cond_patch_embed", shown)
        (std_x, mean_x), (std_c, mean_c) = (torch.std_mean(part, dim=(1, 2), keepdim=True) for part in (x, cond))
        x = x + (cond - mean_c) * (std_x / (std_c + 1e-5)) + mean_x
        outputs = []
        for i in range(LAYERS):
            block = f"transformer_blocks.{i}"
            y, gate = self.modulated(f"{block}.norm1", x, temb)
            x = x + gate * self.attention(f"{block}.attn1", y, rope)
            y, gate = self.modulated(f"{block}.norm2", x, temb)
            wide = F.gelu(self.linear(f"{block}.ff.net.0.proj", y), approximate="tanh")
            x = x + gate * self.linear(f"{block}.ff.net.2", wide)
            outputs.append(x)
        return outputs


def test_the_network_equals_the_reference(side: VCtrl, state: State) -> None:
    noise, control, shown, *_ = given(batch=2)
    seen, timestep = torch.cat([noise, control], dim=2), torch.tensor([999, 37])
    with torch.no_grad():
        got = side(seen, timestep, shown)
    expected = Reference(state)(seen, timestep, shown)
    assert len(got) == len(expected) == LAYERS
    assert max(relative(g, e) for g, e in zip(got, expected, strict=True)) < 1e-5
    assert relative(got[0], got[1]) > 1e-3


WHERE = {
    "even": {0: 0, 1: 0, 2: 0, 3: 1, 4: 1, 5: 1},
    "spacing": {0: 0, 3: 1},
    "end": {4: 0, 5: 1},
}
"""Block of six -> output of two, after which it is added."""


@pytest.mark.parametrize("layout", LAYOUTS)
def test_where_its_outputs_are_added(main: HumanDiT, side: VCtrl, state: State, layout: str) -> None:
    """One evaluation of the pair is the large model with the reference's outputs put in by hooks."""
    noise, control, shown, text, _ = given()
    timestep, seen = torch.tensor([640]), torch.cat([noise, control], dim=2)
    outputs = Reference(state)(seen, timestep, shown)
    guide = Guide(side, shown, strength=0.7, layout=layout)
    with torch.no_grad():
        plain = main(noise, timestep, text=text, prefix_frames=0, control=control)
        run = guide.beside(seen, timestep, every_block)
        got = main(noise, timestep, text=text, prefix_frames=0, control=control, run_blocks=run)
        for i, output in WHERE[layout].items():
            main.transformer_blocks[i].register_forward_hook(
                lambda _, given, out, add=0.7 * outputs[output]: (out[0] + add, out[1])
            )
        expected = main(noise, timestep, text=text, prefix_frames=0, control=control)
    assert gets(layout, 6, 2) == WHERE[layout]
    assert relative(got, expected) < 1e-5
    assert relative(got, plain) > 1e-2


def test_strength_0_is_the_plain_i2v_model(main: HumanDiT, side: VCtrl) -> None:
    noise, control, shown, text, negative = given()
    plain = sample_vctrl(main, control, Guide(side, shown, strength=0), noise, text, negative, EXACT)
    assert torch.equal(plain, sample_prompted(main, control, noise, text, negative, EXACT))
    whole = sample_vctrl(main, control, Guide(side, shown), noise, text, negative, EXACT)
    weak = sample_vctrl(main, control, Guide(side, shown, strength=1e-7), noise, text, negative, EXACT)
    other = sample_vctrl(main, control, Guide(side, shown.flip(1)), noise, text, negative, EXACT)
    assert relative(weak, plain) < 1e-4
    assert relative(whole, plain) > 1e-2
    assert relative(other, whole) > 1e-3


def test_a_cache_of_blocks_goes_with_it(main: HumanDiT, side: VCtrl) -> None:
    noise, control, shown, text, negative = given()
    guide = Guide(side, shown)
    whole = sample_vctrl(main, control, guide, noise, text, negative, EXACT)
    cached = sample_vctrl(main, control, guide, noise, text, negative, replace(EXACT, cache=1e-9))
    assert relative(cached, whole) < 1e-5


def test_the_published_sizes() -> None:
    """7 layers of 3072 beside 42 blocks; 3.45 GB in fp32, which is the published file's size."""
    model = VCtrl(VCTRL_5B_I2V, device=torch.device("meta"))
    count = sum(value.numel() for value in model.parameters())
    assert 3.44e9 < 4 * count < 3.46e9
    assert sorted(set(gets("even", 42, 7).values())) == list(range(7))
    assert gets("spacing", 42, 7) == {0: 0, 6: 1, 12: 2, 18: 3, 24: 4, 30: 5, 36: 6}


def test_loading_a_converted_file(tmp_path: Path, side: VCtrl) -> None:
    """The tiny file of the conversion's tests loads strictly, in its own sizes; so does one of any number of layers."""
    save_file(vctrl(), tmp_path / "side.safetensors")
    loaded = load_vctrl(tmp_path / "side.safetensors")
    assert (loaded.config.layers, loaded.config.in_channels, loaded.config.cond_channels) == (2, 32, 17)
    assert loaded.config.rope_base == (30, 45)
    assert all(torch.equal(value, vctrl()[name]) for name, value in loaded.state_dict().items())
    state = {**vctrl(), "wings.weight": torch.zeros(1)}
    del state["transformer_blocks.1.ff.net.2.bias"]
    save_file(state, tmp_path / "side.safetensors")
    with pytest.raises(InvalidWeights, match=r"1 missing \(transformer_blocks.1.ff.net.2.bias\), 1 unknown \(wings"):
        load_vctrl(tmp_path / "side.safetensors")
    save_file(stock("5b-I2V"), tmp_path / "main.safetensors")
    with pytest.raises(InvalidWeights, match="looks like a CogVideoX-5b-I2V.*convert FILE OUT.safetensors --as vctrl"):
        load_vctrl(tmp_path / "main.safetensors")
    del state["cond_patch_embed.proj.weight"], state["transformer_blocks.0.attn1.norm_q.weight"]
    save_file(state, tmp_path / "side.safetensors")
    with pytest.raises(InvalidWeights, match="Expected a PP-VCtrl side network"):
        load_vctrl(tmp_path / "side.safetensors")


def test_what_it_is_shown_is_not_scaled_and_the_picture_is(main: HumanDiT) -> None:
    vae, drawn = CogVideoXVAE.from_config(TINY_VAE).eval(), torch.rand(9, 16, 16, 3)
    shown = shown_film(vae, drawn)
    assert shown.shape == (1, 3, 5, 2, 2)
    assert torch.equal(shown[0, :, :4], vae.encode(drawn))
    assert shown[:, :, 4].unique().tolist() == [1.0]
    control = picture_beside(main, torch.ones(1, 16, 8, 12), 3, 0.7)
    assert control.shape == (1, 3, 16, 8, 12)
    assert torch.equal(control[:, 0], torch.full((1, 16, 8, 12), 0.7))
    assert not control[:, 1:].any()


def test_what_does_not_fit_is_said(main: HumanDiT, side: VCtrl) -> None:
    noise, control, shown, *_ = given()
    seen, timestep = torch.cat([noise, control], dim=2), torch.tensor([5])
    with pytest.raises(InvalidShape, match="sees 32 channels, got 16.*CogVideoX-5b-I2V"):
        side(noise, timestep, shown)
    for wrong in (shown[:, :2], shown[:, :, :16], shown[..., :6]):
        with pytest.raises(InvalidShape, match=r"latents as \[3, 17, 8, 12\]"):
            side(seen, timestep, wrong)
    with pytest.raises(HumanDiTError, match="Unknown layout 'odd'. Choose one of: even, spacing, end"):
        gets("odd", 6, 2)
    with pytest.raises(HumanDiTError, match="4 layers cannot be shared out over 6 blocks"):
        gets("even", 6, 4)
    assert gets("end", 6, 4) == {2: 0, 3: 1, 4: 2, 5: 3}
    for channels, said in ((16, "takes none. Load CogVideoX-5b-I2V"), (32, "no reference picture.*PP-VCtrl")):
        other = HumanDiT(DiTConfig(heads=2, head_dim=16, layers=1, time_dim=8, in_channels=channels), device="meta")
        with pytest.raises(InvalidShape, match=said):
            picture_beside(other, torch.ones(1, 16, 8, 12), 3, 0.7)


@pytest.mark.parametrize(("rows", "columns", "frames"), [(6, 4, 3), (4, 4, 2)])
def test_positions_of_another_size_are_the_computed_ones(main: HumanDiT, rows: int, columns: int, frames: int) -> None:
    """diffusers' own sinusoids for the film and none for the words, instead of the learned table."""
    config, dim = main.config, HEADS * HEAD_DIM
    stock = CogVideoXPatchEmbed(patch_size=2, in_channels=32, embed_dim=dim, text_embed_dim=12, bias=True)
    joint = stock._get_positional_embeddings(2 * rows, 2 * columns, 4 * (frames - 1) + 1).float()
    latents = torch.zeros(1, frames, 32, 2 * rows, 2 * columns)
    assert not joint[:, :226].any()
    torch.testing.assert_close(computed(config, latents), joint[:, 226:], atol=1e-6, rtol=1e-5)
    embed, text = main.patch_embed, torch.ones(1, 5, 12)
    with torch.no_grad():
        placed = embed(latents, any_size=True) - joint[:, 226:]
        assert placed.var(dim=1).max() < 1e-9, "every token of zeros is the bias alone"
        assert torch.equal(embed.words(text, latents), embed.text_proj(text))
        with pytest.raises(InvalidShape, match="takes 96x64 and up to 9 frames only"):
            embed(latents)


def test_a_film_the_other_way_round(main: HumanDiT, side: VCtrl) -> None:
    """As PP-VCtrl's vertical weights are used: the plane of the learned positions, lying on its side."""
    noise, control, shown, text, negative = (part.transpose(3, 4) if part.ndim == 5 else part for part in given())
    made = sample_vctrl(main, control, Guide(side, shown), noise, text, negative, EXACT)
    assert made.shape == (1, 3, 16, 12, 8) and made.isfinite().all()
    with pytest.raises(InvalidShape, match="takes 96x64"):
        sample_prompted(main, control, noise, text, negative, EXACT)
