"""The plan against the code it plans for: operations counted, memory traced, segments as they are made."""

from __future__ import annotations

import argparse
import json
import weakref
from dataclasses import replace

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten
from torch.utils.flop_counter import FlopCounterMode

from humandit.commands import plan as command
from humandit.diffusion.sampling import Sampling
from humandit.errors import HumanDiTError, InvalidShape
from humandit.types import Canvas, LatentShape
from humandit.video.config import COGVIDEOX_5B, COGVIDEOX_5B_I2V, COGVIDEOX_15_5B_I2V, FUN_5B, MINI
from humandit.video.finish import Finisher
from humandit.video.light_vae import LightVAE
from humandit.video.model import HumanDiT
from humandit.video.plan import Machine, Speed, StepClock, Wish, calibrate, numbers, planned, remember, text
from humandit.video.plan.advice import streamed
from humandit.video.plan.autoencoders import COGVIDEOX, LIGHT
from humandit.video.plan.film import even_length, longest_segment
from humandit.video.plan.flops import finish_flops, forward_flops, parameters
from humandit.video.plan.memory import GB, RESERVE, block_bytes, card_memory, finish_bytes
from humandit.video.plan.speed import fitted_speed, known_speed, memory_file, remembered
from humandit.video.pose_guider import PIXELS

UPRIGHT = Canvas(720, 1280)
SMALL_5B = replace(COGVIDEOX_5B, layers=2)
"""One block more than a single one, so that what blocks hand to each other is alive too."""


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HUMANDIT_CACHE", str(tmp_path))


class Alive(TorchDispatchMode):
    """Bytes of all tensors that live at once, their peak; works on tensors without memory."""

    def __init__(self):
        super().__init__()
        self.sizes, self.now, self.peak = {}, 0, 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        for tensor in (value for value in tree_flatten(out)[0] if isinstance(value, torch.Tensor)):
            storage = tensor.untyped_storage()
            if storage._cdata not in self.sizes:
                self.sizes[storage._cdata] = storage.nbytes()
                self.now += storage.nbytes()
                weakref.finalize(storage, self._gone, storage._cdata)
        self.peak = max(self.peak, self.now)
        return out

    def _gone(self, key):
        self.now -= self.sizes.pop(key)


def forward(config, shape, dtype=torch.float32, posed=True, words=0):
    """A call of a model of that size, without memory."""
    where = {"device": "meta", "dtype": dtype}
    model = HumanDiT(config, **where)
    latents = torch.empty(1, shape.frames, config.out_channels, shape.height, shape.width, **where)
    control = torch.empty(1, shape.frames, config.control_channels, shape.height, shape.width, **where)
    told = PIXELS * config.pose_channels
    pose = torch.empty(1, shape.frames, shape.height, shape.width, told, device="meta", dtype=torch.uint8)
    text_tokens = torch.empty(1, words, config.text_dim, **where) if words else None
    return lambda: model(
        latents, torch.empty(1, device="meta"), pose if posed else None, text_tokens,
        control=control if config.control_channels else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("config", "posed", "words"),
    [(MINI, True, 0), (MINI, False, 0), (SMALL_5B, True, 226), (replace(FUN_5B, layers=1), False, 10),
     (replace(COGVIDEOX_15_5B_I2V, layers=1), True, 0)],
)  # fmt: skip
def test_operations_are_those_that_the_counter_counts(config, posed, words):
    shape = LatentShape(5, 16, 24)
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        forward(config, shape, posed=posed, words=words)()
    assert forward_flops(config, shape, words, posed) == pytest.approx(counter.get_total_flops(), rel=0.01)


def test_operations_of_5b_are_the_published_polynomial():
    tokens, shape = 118_800, LatentShape(33, 160, 90)
    assert forward_flops(COGVIDEOX_5B, shape) == pytest.approx(9.513e9 * tokens + 5.161e5 * tokens**2, rel=0.01)
    assert parameters(COGVIDEOX_5B) == pytest.approx(5.577e9, rel=0.001)


@pytest.mark.parametrize(("precision", "dtype"), [("bf16", torch.bfloat16), ("fp32", torch.float32)])
@pytest.mark.parametrize("config", [SMALL_5B, MINI])
def test_memory_of_an_evaluation_is_what_its_tensors_take(config, precision, dtype):
    shape = LatentShape(9, 60, 90)
    call = forward(config, shape, dtype)
    with torch.inference_mode(), Alive() as alive:
        call()
    memory = card_memory(config, shape, precision)
    assert memory.working == pytest.approx(alive.peak, rel=0.1)


@pytest.mark.parametrize("frames", [7, 9, 33])
def test_memory_of_the_light_decode_is_what_its_tensors_take(frames):
    with torch.device("meta"):
        vae = LightVAE()
    with Alive() as alive:
        for chunk in vae.decode(torch.empty(frames, 16, 16, 16, device="meta")):
            del chunk
    assert LIGHT.decode_bytes(LatentShape(frames, 16, 16)) == pytest.approx(alive.peak, rel=0.2)
    assert LIGHT.parameters == sum(tensor.numel() for tensor in vae.state_dict().values())


@pytest.mark.parametrize("frames", [9, 25])
def test_finishing_takes_what_its_tensors_and_the_counter_say(frames):
    shape = LatentShape((frames - 1) // 4 + 1, 12, 16)
    finisher = Finisher(torch.nn, device="meta")
    with torch.device("meta"), Alive() as alive, FlopCounterMode(display=False) as counter:
        film, start, skin = torch.empty(frames, 96, 128, 3), torch.empty(96, 128, 3), torch.empty(6)
        pose, lines = torch.empty(shape.frames, 12, 16, 1408), torch.empty(frames, 12, 96, 128, dtype=torch.uint8)
        given = alive.now
        made = finisher.finish(film, start, pose, lines, skin)
    assert finish_flops(MINI, shape) == counter.get_total_flops()
    assert finish_bytes(MINI, shape) == pytest.approx(alive.peak - given - made.nbytes, rel=0.1)
    assert finish_flops(COGVIDEOX_5B, shape) == finish_bytes(COGVIDEOX_5B, shape) == 0


@pytest.mark.parametrize(
    ("shape", "tiled", "gib", "tflop"),
    [(LatentShape(13, 60, 90), False, 14.7, 315), (LatentShape(13, 90, 160), False, 39.3, 840),
     (LatentShape(33, 90, 160), False, 39.3, 2207)],
)  # fmt: skip
def test_cogvideox_decodes_as_it_was_traced_at_real_size(shape, tiled, gib, tflop):
    assert COGVIDEOX.decode_bytes(shape, tiled) / GB == pytest.approx(gib, rel=0.01)
    assert COGVIDEOX.flops(shape, tiled) / 1e12 == pytest.approx(tflop, rel=0.03)


@pytest.mark.slow
def test_cogvideox_decoder_traced_again():
    """Its real width on a small plane: every figure is per position."""
    from humandit.video.cogvideox_vae import CogVideoXVAE

    with torch.device("meta"):
        vae = CogVideoXVAE.from_config({
            "block_out_channels": (128, 256, 256, 512), "layers_per_block": 3, "latent_channels": 16,
            "down_block_types": ("CogVideoXDownBlock3D",) * 4, "up_block_types": ("CogVideoXUpBlock3D",) * 4,
        }).to(torch.bfloat16)  # fmt: skip
    shape = LatentShape(7, 8, 8)
    latents = torch.empty(7, 16, 8, 8, device="meta", dtype=torch.bfloat16)
    with Alive() as alive, FlopCounterMode(display=False) as counter:
        for chunk in vae.decode(latents):
            del chunk
    assert sum(tensor.numel() for tensor in vae.parameters()) == COGVIDEOX.parameters
    assert COGVIDEOX.decode_bytes(shape) == pytest.approx(alive.peak, rel=0.01)
    plain = COGVIDEOX.flops(shape) - 64 * COGVIDEOX.encode_flops
    assert plain == pytest.approx(counter.get_total_flops(), rel=0.01)


@pytest.mark.parametrize(
    ("frames", "longest", "length"), [(250, 129, 129), (130, 129, 73), (8, 129, 9), (1, 25, 9), (24, 25, 25)]
)
def test_segments_are_evened_out(frames, longest, length):
    assert even_length(frames, longest) == length


def test_the_papers_film():
    plan = planned(Wish(COGVIDEOX_5B, UPRIGHT, 250), Machine())
    assert (len(plan.segments), plan.shape.frames, plan.latent.frames, plan.tokens) == (2, 129, 33, 118_800)
    assert plan.forwards == 2 * 20 * 2 and plan.film_seconds == 20
    assert plan.card.weights / 1e9 == pytest.approx(11.15, rel=0.01)
    assert plan.tiled and plan.vram == plan.card.sampling and plan.fits is None
    assert plan.card.text_encoder == 0
    values = numbers(plan)
    assert json.loads(json.dumps(values)) == values
    assert values["seconds"] is None and values["vram_gb"] == pytest.approx(18.7, abs=0.1)
    parts = values["vram_parts_gb"]
    working = max(parts["attention"], parts["feed_forward"], parts["pose_guider"])
    assert parts["weights"] + parts["conditions"] + working + parts["reserve"] == pytest.approx(18.69, abs=0.02)


def test_longest_segments_keep_to_model_and_budget():
    assert longest_segment(COGVIDEOX_5B, UPRIGHT) == 129
    assert longest_segment(COGVIDEOX_5B, Canvas(320, 512)) == 249
    assert longest_segment(MINI, Canvas(128, 128)) == 25
    assert longest_segment(COGVIDEOX_5B_I2V, Canvas(720, 480)) == 49


def test_evaluations_follow_guidance_and_its_interval():
    guided = {g: planned(Wish(MINI, Canvas(64, 64), 8, sampling=Sampling(10, g)), Machine()).forwards for g in (1, 1.5)}
    assert guided == {1: 10, 1.5: 20}
    part = Sampling(10, 1.5, guided_from=499)
    assert planned(Wish(MINI, Canvas(64, 64), 8, sampling=part), Machine()).forwards == 15


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"canvas": Canvas(723, 1280)}, "width must be a multiple of 16.*723.*Use 720"),
        ({"canvas": Canvas(1280, 1280), "segment_frames": 249}, "budget.*Use 65 frames"),
        ({"segment_frames": 10}, r"8k\+1.*Use 9 or 17"),
        ({"frames": 0}, "at least 1 frame"),
        ({"sampling": Sampling(0)}, "Steps are 1 to 1000"),
        ({"precision": "fp4"}, "fp4.*default, fp32"),
        ({"model": COGVIDEOX_5B_I2V}, "one size only, 720x480"),
    ],
)
def test_wishes_that_cannot_be_are_explained(change, words):
    with pytest.raises(HumanDiTError, match=words):
        planned(replace(Wish(COGVIDEOX_5B, UPRIGHT, 250), **change), Machine())


@pytest.mark.parametrize("gigabytes", [16, 12, 8])
def test_advice_keeps_its_word(gigabytes):
    """What is advised is planned again, and fits."""
    wish, machine = Wish(COGVIDEOX_5B, UPRIGHT, 250), Machine(vram=gigabytes * GB, ram=64 * GB)
    plan = planned(wish, machine)
    assert plan.fits is False and plan.advice
    for sentence in plan.advice:
        if sentence.startswith("Load the model in fp8"):
            assert planned(replace(wish, precision="fp8"), machine).fits
        elif sentence.startswith("Use") and "segment_frames" in sentence:
            assert planned(replace(wish, segment_frames=int(sentence.split()[1])), machine).fits
        elif sentence.startswith("Use"):
            width, height = map(int, sentence.split()[1].rstrip(":").split("x"))
            assert planned(replace(wish, canvas=Canvas(width, height), segment_frames=129), machine).fits
        elif "--lowvram): " in sentence:
            assert streamed(plan) <= gigabytes * GB
    assert any("GB" in sentence for sentence in plan.advice)


def test_little_main_memory_is_noticed_and_a_card_is_not_needed():
    plan = planned(Wish(COGVIDEOX_5B, UPRIGHT, 250), Machine(vram=80 * GB, ram=16 * GB))
    assert plan.fits is False and not plan.tiled and any("parts of at most" in words for words in plan.advice)
    alone = planned(Wish(MINI, Canvas(128, 128), 50), Machine("a CPU", has_card=False, ram=8 * GB))
    assert alone.fits and numbers(alone)["vram_gb"] == 0 and not alone.tiled


def test_weights_that_stream_are_a_block_of_the_model():
    block = HumanDiT(replace(COGVIDEOX_5B, layers=1), device="meta").transformer_blocks[0]
    assert block_bytes(COGVIDEOX_5B, "bf16") == pytest.approx(2 * sum(p.numel() for p in block.parameters()), rel=0.01)


def test_speeds_are_remembered_by_device_format_and_width(tmp_path):
    assert known_speed("box", "fp32", 256) is None
    remember(Speed("box", "fp32", 256, 1.0))
    remember(Speed("box", "fp32", 3072, 3.0))
    remember(Speed("box", "fp32", 256, 2.0, source="sampled"))
    assert [known_speed("box", "fp32", width).tflops for width in (64, 1024, 4096)] == [2.0, 3.0, 3.0]
    assert known_speed("box", "bf16", 256) is None and memory_file().parent == tmp_path
    memory_file().write_text("[{]")
    assert remembered() == []


def test_cards_that_nobody_measured_are_guessed_and_say_so():
    guess = known_speed("NVIDIA GeForce RTX 4090", "bf16", 3072)
    assert guess.source == "guess" and known_speed("NVIDIA GeForce RTX 4090", "fp32", 3072) is None
    plan = planned(Wish(COGVIDEOX_5B, UPRIGHT, 250), Machine("RTX 4090", speed=guess))
    assert plan.seconds == pytest.approx(682e15 / 90e12, rel=0.01)
    assert "a guess for this card" in text(plan) and "calibrate" not in text(plan)


def test_two_timings_give_speed_and_overhead():
    tflops, overhead = fitted_speed([10**12, 5 * 10**12], [1.1, 5.1])
    assert (tflops, overhead) == (pytest.approx(1.0), pytest.approx(0.1))
    assert fitted_speed([10**12, 5 * 10**12], [0.1, 2.5]) == (pytest.approx(2.0), 0.0)


def test_calibration_measures_this_machine():
    config = replace(MINI, heads=1, head_dim=16, layers=1)
    speed = calibrate(config, torch.device("cpu"), "fp32")
    assert speed.tflops > 0 and speed.width == 16 and "CPU" in speed.device and speed.source == "calibrated"


def call(*words):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    parser.add_argument("--json", action="store_true")
    return command.run(parser.parse_args(words))


def test_the_command_in_numbers_and_as_a_table():
    words = ("--width", "720", "--height", "1280", "--seconds", "20", "--model", "5b")
    values = call(*words, "--json")
    json.dumps(values)
    assert (values["tokens"], values["segments"]) == (118_800, 2)
    assert values["vram_gb"] > 11 and values["ram_gb"] > 11 and values["seconds"] is None
    rows = call(*words, "--vram", "12")
    assert rows["fits"].strip() == "NO" and "--lowvram" in rows["advice"] and "118,800 tokens" in rows["segments"]


def test_the_command_chooses_a_size_for_a_picture(tmp_path):
    import numpy as np

    from humandit.media.write import write_image

    write_image(tmp_path / "wide.png", np.zeros((720, 1281, 3), np.uint8))
    values = call("--picture", str(tmp_path / "wide.png"), "--width", "720", "--height", "1280", "--json")
    assert (values["width"], values["height"], values["picture"]["top"]) == (1280, 720, 0)
    with pytest.raises(InvalidShape, match="Use 720"):
        call("--picture", str(tmp_path / "wide.png"), "--width", "723", "--mode", "fill")


def test_the_reserve_is_part_of_what_is_needed():
    plan = planned(Wish(MINI, Canvas(128, 128), 8), Machine())
    assert plan.vram > RESERVE


SHAPE = LatentShape(3, 16, 16)


def clocked(sampling: Sampling, seconds: float) -> StepClock:
    """After a run whose first step took long, and every later one so many seconds per evaluation."""
    now = iter([0.0, *(100 + 2 * seconds * i for i in range(sampling.steps))])
    clock = StepClock(MINI, SHAPE, sampling, lambda: next(now))
    clock.tick(1)  # a run that broke off
    for done in range(sampling.steps):
        clock.tick(done + 1)
    return clock


def test_a_run_tells_how_fast_the_machine_is():
    """A plan with the measured speed says what the steps took, the first one not counted."""
    sampling = Sampling(steps=5)
    speed = clocked(sampling, 0.5).speed(torch.device("cpu"), "fp32")
    assert speed is not None and speed.source == "sampled" and speed.width == MINI.dim
    remember(speed)
    assert known_speed(speed.device, "fp32", MINI.dim) == speed
    flops = 5 * (forward_flops(MINI, SHAPE) + forward_flops(MINI, SHAPE, posed=False))
    assert speed.seconds(flops, 10, MINI.layers) == pytest.approx(5 * 2 * 0.5)


@pytest.mark.parametrize(
    ("sampling", "seconds"),
    [(Sampling(3), 9.0), (Sampling(5), 0.01), (Sampling(5, cache=0.1), 9.0)],
    ids=["few steps", "short", "cached"],
)
def test_a_run_that_tells_nothing(sampling, seconds):
    assert clocked(sampling, seconds).speed(torch.device("cpu"), "fp32") is None


def test_guidance_in_an_interval_counts_as_asked_once_outside():
    whole, part = (
        clocked(sampling, 1.0).speed(torch.device("cpu"), "fp32")
        for sampling in (Sampling(5), Sampling(5, guided_to=999))
    )
    assert whole is not None and part is not None and part.tflops == pytest.approx(whole.tflops / 2, rel=0.1)
