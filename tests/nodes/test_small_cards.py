"""Little memory: weights that stream, a VAE in tiles, a second try, and numbers that are none."""

from __future__ import annotations

import pytest
import torch

from tests.nodes.no_room import ERRORS, out_of_memory


@pytest.fixture
def model(pack, tiny):
    """``model(dtype)``: a MODEL of the same random weights every time."""

    def make(dtype=torch.float32):
        config, state = tiny("x0")
        return pack("nodes.native_load").build_model(config, state, pack("nodes.native").HumanDiTLatent(1.0), dtype)

    return make


@pytest.fixture
def segment(pack):
    """``segment(model)``: latents of one segment of two steps."""
    types, library = pack("humandit.types"), pack("humandit.video.sample")
    which = types.Segment(4, 32, types.VideoShape(9, 32, 48))

    def make(model, steps=2):
        rng, config = torch.Generator().manual_seed(1), model.model.diffusion_model.config
        prefix = torch.randn(1, config.out_channels, 1, 4, 6, generator=rng)
        pose = (torch.rand(3, 4, 6, 64 * config.pose_channels, generator=rng) < 0.05).to(torch.uint8)
        return pack("nodes.native_sampling").sample_segment(
            model, which, prefix, pose, library.Sampling(steps), lambda *_: None
        )

    return make


def waiting(patcher) -> int:
    """Layers whose weights wait in main memory and are brought over at each use."""
    layers = patcher.model.diffusion_model.modules()
    return sum(getattr(layer, "comfy_cast_weights", False) and hasattr(layer, "weight") for layer in layers)


def with_lora(pack, patcher):
    rng = torch.Generator().manual_seed(5)
    lora = {}
    for name in ("transformer_blocks.0.ff.net.0.proj", "transformer_blocks.1.attn1.to_q"):
        rows, columns = patcher.model.state_dict()[f"diffusion_model.{name}.weight"].shape
        lora |= {f"transformer.{name}.lora_A.weight": torch.randn(4, columns, generator=rng) / 8}
        lora |= {f"transformer.{name}.lora_B.weight": torch.randn(rows, 4, generator=rng) / 8}
    return pack("nodes.native_lora").with_lora(patcher, lora, 1.0)[0]


def evaluated(patcher) -> torch.Tensor:
    """One evaluation of the transformer with the weights as they lie."""
    rng, transformer = torch.Generator().manual_seed(2), patcher.model.diffusion_model
    prefix, noise = (torch.randn(1, transformer.config.out_channels, f, 4, 6, generator=rng) for f in (1, 3))
    pose = torch.rand(1, 64 * transformer.config.pose_channels, 3, 4, 6, generator=rng)
    return transformer(noise, torch.tensor([500.0]), pose_tokens=pose, prefix_latent=prefix)


@pytest.mark.parametrize("lora", [False, True])
def test_weights_that_wait_in_main_memory_give_the_same(pack, model, lora):
    """The host's own loading for cards that are too small, with a room that the test chooses."""
    cpu = torch.device("cpu")
    whole, part = (with_lora(pack, model()) if lora else model() for _ in range(2))
    whole.patch_model(cpu)
    assert waiting(whole) == 0
    expected = evaluated(whole)
    room = part.model_size() // 2
    part.patch_model(cpu, lowvram_model_memory=room)
    loaded = part.loaded_size()
    assert 0 < loaded < room and waiting(part) > 5
    torch.testing.assert_close(evaluated(part), expected, atol=1e-5, rtol=1e-5)
    part.partially_load(cpu, extra_memory=room * 3 // 2)
    assert loaded < part.loaded_size() < part.model_size() and waiting(part)
    torch.testing.assert_close(evaluated(part), expected, atol=1e-5, rtol=1e-5)
    part.partially_load(cpu, extra_memory=10**9)
    assert waiting(part) == 0
    torch.testing.assert_close(evaluated(part), expected, atol=1e-5, rtol=1e-5)


def test_8_bit_weights_stay_close(pack, model, segment):
    small, exact = model(pack("nodes.native_load").DTYPES["fp8"]), segment(model())
    assert small.model_size() < 0.3 * model().model_size()
    assert (segment(small) - exact).abs().mean() < 0.1 * exact.std()


def test_the_bundled_weights_as_8_bit(pack, segment):
    load = pack("nodes.native_load")
    small, exact = load.load_native_model("mini", "fp8"), load.load_native_model("mini", "fp32")
    assert pack("nodes.host").number_format_of(small) == "fp8"
    assert (segment(small) - segment(exact)).abs().mean() < 0.1 * segment(exact).std()
    assert "float8_e4m3fn" in load.about("mini", small.model.get_dtype())


def test_the_host_is_told_what_the_plan_says(pack, model):
    memory, shape = pack("humandit.video.plan.memory"), pack("humandit.types").LatentShape(13, 60, 90)
    tell = model().model.memory_required
    alone = tell([1, 16, 13, 60, 90])
    assert alone == memory.evaluation_bytes(model().model.diffusion_model.config, shape, "fp32")
    assert tell([2, 16, 13, 60, 90], cond_shapes={}) == 2 * alone > 3 * tell([1, 16, 5, 60, 90])
    half = model(torch.bfloat16).model
    half.manual_cast_dtype = None
    assert 0.4 < half.memory_required([1, 16, 13, 60, 90]) / alone < 0.7


@pytest.mark.parametrize("error", ERRORS, ids=["cuda", "mps"])
def test_a_segment_that_did_not_fit_is_tried_once_more_with_less(model, segment, error):
    patcher = model()
    patcher.set_model_unet_function_wrapper(out_of_memory(1, error))
    shape = [1, 16, 3, 4, 6]
    before = patcher.model.memory_required(shape)
    assert torch.equal(segment(patcher), segment(model()))
    assert patcher.model.memory_required(shape) == 2 * before, "more is kept free of weights from now on"


def test_a_segment_that_does_not_fit_says_what_to_lower(model, segment):
    patcher = model()
    patcher.set_model_unet_function_wrapper(out_of_memory(2, ERRORS[0]))
    words = "not enough memory.*Segment 5, 9 frames of 48x32.*width and height or segment_frames.*fp8"
    with pytest.raises(ValueError, match=words):
        segment(patcher)


def test_other_errors_pass(model, segment):
    patcher = model()
    patcher.set_model_unet_function_wrapper(out_of_memory(1, RuntimeError("a bug")))
    with pytest.raises(RuntimeError, match="a bug"):
        segment(patcher)


def test_numbers_that_are_none_stop_the_canvas_too(pack, model, segment):
    patcher, levels = model(), set()

    def evaluate(apply, given):
        levels.add(float(given["timestep"][0]))
        return apply(given["input"], given["timestep"], **given["c"]) * (torch.nan if len(levels) == 3 else 1)

    patcher.set_model_unet_function_wrapper(evaluate)
    with pytest.raises(pack("humandit.diffusion.finite").NotFinite, match="Step 3 of 8 .*bf16 or fp32"):
        segment(patcher, steps=8)
    assert len(levels) == 3


@pytest.fixture
def vae(pack):
    """The bundled autoencoder as the host's VAE."""
    return pack("nodes.native_vae").build_vae(pack("humandit.weights.load").load_vae("mini"))


def test_frames_come_in_tiles_where_whole_ones_do_not_fit(pack, vae):
    host_vae = pack("nodes.host_vae")
    latent = torch.randn(1, vae.latent_channels, 3, 34, 4, generator=torch.Generator().manual_seed(0))
    needed = vae.memory_used_decode(latent.shape, vae.vae_dtype) + vae.patcher.model_size()
    whole, tiled = host_vae.decode_frames(vae, latent, needed), host_vae.decode_frames(vae, latent, needed - 1)
    assert torch.equal(whole, vae.decode(latent)[0]) and torch.equal(host_vae.decode_frames(vae, latent), whole)
    assert torch.equal(tiled, vae.decode_tiled(latent, tile_x=32, tile_y=32, overlap=8)[0])
    assert not torch.equal(tiled, whole) and (tiled - whole).abs().mean() < 0.02


def test_a_picture_is_encoded_in_tiles_where_it_does_not_fit(pack, vae):
    host_vae = pack("nodes.host_vae")
    picture = torch.rand(1, 272, 32, 3, generator=torch.Generator().manual_seed(0))
    needed = vae.memory_used_encode((1, 3, 1, 272, 32), vae.vae_dtype) + vae.patcher.model_size()
    whole, tiled = host_vae.encode_alone(vae, picture, needed), host_vae.encode_alone(vae, picture, needed - 1)
    assert torch.equal(whole, vae.encode(picture)) and tiled.shape == whole.shape == (1, vae.latent_channels, 1, 34, 4)
    assert (tiled - whole).abs().max() < 1e-3 * whole.std(), "its patches do not see each other"


def test_the_vae_asks_for_what_the_plan_says(pack, vae):
    costs, types = pack("humandit.video.plan.autoencoders"), pack("humandit.types")
    shape = types.LatentShape(13, 60, 90)
    assert vae.memory_used_decode((1, 16, 13, 60, 90), torch.float32) == costs.LIGHT.decode_bytes(shape)
    assert 2 * vae.memory_used_decode((1, 16, 13, 60, 90), torch.float16) == costs.LIGHT.decode_bytes(shape)
    assert vae.memory_used_encode((1, 3, 1, 480, 720), torch.float32) == costs.LIGHT.encode_bytes(shape)
    assert vae.memory_used_encode((1, 3, 49, 480, 720), torch.float32) == costs.LIGHT.decode_bytes(shape)
