"""HumanDiT Plan inside the host: sizes for Sample, the picture and its pose, the report, errors in words."""

from __future__ import annotations

import numpy as np
import pytest
import torch

DEFAULTS = {
    "width": 128, "height": 128, "mode": "fit", "seconds": 4.0, "frames": 0, "fps": 12.5, "segment_frames": 0,
    "steps": 20, "guidance": 1.5, "model_size": "mini", "precision": "default",
}  # fmt: skip


@pytest.fixture
def plan(pack, monkeypatch, tmp_path):
    """``plan(**changes)``: what the node gives for its defaults with changes."""
    monkeypatch.setenv("HUMANDIT_CACHE", str(tmp_path))
    monkeypatch.setattr(pack("nodes.host"), "show_text", lambda text, _: None)
    node = pack("nodes.plan").HumanDiTPlan
    prepared = node.PREPARE_CLASS_CLONE(None) if hasattr(node, "PREPARE_CLASS_CLONE") else node
    return lambda **changes: prepared.execute(**{**DEFAULTS, **changes})


def is_blocked(value):
    return type(value).__name__ == "ExecutionBlocker" and "Connect" in value.message


def test_without_a_picture_it_plans_and_gives_no_picture(plan):
    output = plan()
    width, height, frames, segment_frames, fps, picture, poses, report = output.args
    assert (width, height, frames, segment_frames, fps) == (128, 128, 50, 25, 12.5)
    assert is_blocked(picture) and is_blocked(poses)
    assert output.ui["text"] == (report,)
    assert "3 of 25 frames" in report and "free" in report and "fits: yes" in report


def test_what_it_plans_is_what_sample_would_do(pack, plan):
    width, height, frames, length, *_ = plan(width=480, height=720, seconds=20.0, model_size="5b").args
    canvas = pack("humandit.types").Canvas(width, height)
    segments = pack("humandit.video.segments").plan_segments(frames, length, canvas)
    assert (len(segments), length) == (2, 129)


@pytest.mark.parametrize(("mode", "size"), [("fit", (192, 80)), ("fill", (128, 128)), ("pad", (128, 128))])
def test_picture_and_pose_come_out_at_the_planned_size(pack, plan, mode, size):
    types, sequence = pack("humandit.types"), pack("humandit.pose.sequence")
    seen = sequence.PoseSequence(np.full((1, 133, 2), (150, 60)), np.ones((1, 133)), types.Canvas(300, 120), 25)
    args = plan(picture=torch.rand(2, 120, 300, 3), poses=seen, mode=mode).args
    assert args[:2] == size and args[5].shape == (2, size[1], size[0], 3)
    assert (args[6].canvas.width, args[6].canvas.height) == size
    np.testing.assert_allclose(args[6].xy[0, 0], np.array(size) / 2, atol=1)


def test_a_connected_model_is_planned_for(pack, plan, tiny):
    config, state = tiny("x0")
    native = pack("nodes.native")
    model = pack("nodes.native_load").build_model(config, state, native.HumanDiTLatent(1.0))
    assert "fits: yes" in plan(model=model, model_size="5b").args[-1]
    assert pack("nodes.host").number_format_of(model) == "fp32"
    with pytest.raises(ValueError, match="HumanDiT Load Model"):
        plan(model=object())


def test_measured_once_the_time_is_told(plan):
    assert "not known" in plan().args[-1]
    assert "calibrated" in plan(calibrate=True).args[-1]
    assert "about" in plan().args[-1]


def test_fewer_steps_in_a_preset(plan):
    reports = [plan(preset=name).args[-1] for name in ("exact", "fast")]
    exact, fast = (int(report.split("work: ")[1].split()[0]) for report in reports)
    assert exact == 3 * 20 * 2 and fast < exact / 2 and fast % 3 == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"width": 100}, "multiple of 16.*100.*96"),
        ({"segment_frames": 10}, r"8k\+1.*Use 9 or 17"),
        ({"width": 1280, "height": 1280, "segment_frames": 249, "model_size": "5b"}, "budget.*Use 65 frames"),
        ({"mode": "stretch"}, "no 'stretch' among the modes"),
        ({"model_size": "7b"}, "no '7b' among"),
        ({"precision": "fp4"}, "no 'fp4' among"),
        ({"picture": torch.rand(1, 3000, 1, 3)}, "1x3000.*fill or pad"),
        ({"picture": torch.rand(0, 8, 8, 3)}, "Connect an IMAGE"),
    ],
)
def test_bad_input_is_explained(plan, change, words):
    with pytest.raises(ValueError, match=words):
        plan(**change)


def test_a_connected_vae_is_counted(pack, plan):
    native, large = pack("nodes.native_vae"), pack("humandit.video.cogvideox_vae").CogVideoXVAE
    light = native.build_vae(pack("humandit.weights.load").load_vae("mini"))
    assert plan(vae=light).args[-1] == plan().args[-1], "the usual one"
    tiny = {"block_out_channels": (8,) * 4, "layers_per_block": 1, "norm_num_groups": 2, "latent_channels": 16}
    heavy = plan(vae=native.build_vae(large.from_config(tiny).eval())).args[-1]
    assert gigabytes(heavy) > gigabytes(plan().args[-1]) + 0.5
    with pytest.raises(ValueError, match="HumanDiT Load VAE"):
        plan(vae=object())


def gigabytes(report: str) -> float:
    """Memory that a plan without a card needs."""
    return float(report.split("memory: ")[1].split(" GB")[0])
