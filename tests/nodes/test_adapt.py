"""Adapt Pose as ComfyUI runs it."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
import torch

SIDE = 64


@pytest.fixture
def node(pack):
    extension = asyncio.run(pack("nodes").comfy_entrypoint())
    return next(n for n in asyncio.run(extension.get_node_list()) if n.GET_SCHEMA().node_id == "HumanDiTAdaptPose")


@pytest.fixture
def adapt(pack, node, monkeypatch):
    """``adapt(reference, film, **choices)``: poses, report, and the pictures under the node."""
    monkeypatch.setattr(pack("nodes.host"), "show_text", lambda text, _: None)
    preview = lambda image, cls: type("P", (), {"as_dict": lambda s: {"images": [image]}})()  # noqa: E731
    monkeypatch.setattr(pack("nodes.adapt").ui, "PreviewImage", preview)
    prepared = node.PREPARE_CLASS_CLONE(None) if hasattr(node, "PREPARE_CLASS_CLONE") else node

    def run(reference, film, **choices):
        output = prepared.execute(reference_poses=reference, poses=film, **choices)
        assert output.ui["text"] == (output.args[1],)
        return *output.args, output.ui["images"][0]

    return run


def someone(pack, frames):
    sequence, types = pack("humandit.pose.sequence"), pack("humandit.types")
    rng = np.random.default_rng(0)
    xy = rng.uniform(0.2, 0.8, (1, 133, 2)) * SIDE + rng.normal(0, 2, (frames, 133, 2))
    return sequence.PoseSequence(xy, np.ones((frames, 133)), types.Canvas(SIDE, SIDE), 12.5)


def test_old_workflows_run_and_keypoints_of_other_packs_are_taken(pack, adapt):
    poses = someone(pack, 3)
    keypoint = pack("humandit.pose.formats").to_pose_keypoint(poses)
    adapted, text, shown = adapt(keypoint, poses, mode="robust", strength=0.5)
    assert adapted.canvas == poses.canvas and len(adapted) == 3
    assert text.startswith("Body ") and "px" not in text
    assert shown.shape == (2, SIDE, SIDE, 3)


def test_choices_reach_the_adapter(pack, adapt):
    poses = someone(pack, 4)
    library = pack("humandit.pose.adapt")
    asked = dict(strength=0.8, arms=0.0, legs=0.5, trunk=1.0, head=0.3, hands=0.2, ground=True, keep_inside=True)
    adapted, text, _ = adapt(poses, poses, mode="paper", **asked)
    wanted = library.align(poses[:1], poses, choice=library.Retarget("paper", **asked)).poses
    np.testing.assert_array_equal(adapted.xy, wanted.xy)
    assert "feet held" in text and "inside" in text


def test_the_picture_is_shown_under_the_skeletons(pack, adapt):
    poses, picture = someone(pack, 3), torch.ones(1, 2 * SIDE, 2 * SIDE, 3)
    _, _, plain = adapt(poses, poses)
    _, _, shown = adapt(poses, poses, picture=picture)
    assert shown.shape == (2, 2 * SIDE, 2 * SIDE, 3) and plain.min() == 0
    assert shown.amax(-1).min() > 0.3


def test_every_choice_is_optional(node):
    schema = node.GET_SCHEMA()
    required = [entry.id for entry in schema.inputs if not entry.optional]
    assert required == ["reference_poses", "poses"]
    assert [out.id for out in schema.outputs] == ["adapted_poses", "report"]
