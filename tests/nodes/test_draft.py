"""Draft on the canvas: frames, masks, label, and Cancel."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.draft.conftest import scene as painted

SETTINGS = dict(width=96, height=96, frames=3, fps=12.5)
scene = painted


@pytest.fixture
def draft(pack):
    extension = asyncio.run(pack("nodes").comfy_entrypoint())
    nodes = {node.GET_SCHEMA().node_id: node for node in asyncio.run(extension.get_node_list())}
    return nodes["HumanDiTDraft"]


@pytest.fixture
def given(pack, scene):
    """Inputs of the node: the painted person, who walks to the right."""
    sequence, types = pack("humandit.pose.sequence"), pack("humandit.types")
    walk = scene.pose.xy + np.linspace(0, 20, 8)[:, None, None] * np.float32([1, 0])
    own, walking = (
        sequence.PoseSequence(xy, np.ones(xy.shape[:2]), types.Canvas(200, 200), 12.5) for xy in (scene.pose.xy, walk)
    )
    image = torch.from_numpy(scene.picture)[None].float() / 255
    mask = torch.from_numpy(scene.mask)[None].float()
    return {"reference": image, "reference_poses": own, "poses": walking, "mask": mask, **SETTINGS}


def test_frames_and_masks_in_step_with_the_poses(draft, given):
    frames, fps, mask = draft.execute(**given, label=False).args
    assert (frames.shape, mask.shape, fps) == ((3, 96, 96, 3), (3, 96, 96), 12.5)
    assert frames.dtype == mask.dtype == torch.float32 and 0 <= frames.min() and frames.max() <= 1
    blue = (frames[..., 2] > 0.7) & (frames[..., 0] < 0.3)
    columns = torch.arange(96.0)
    middles = [(blue[t].sum(0) * columns).sum() / blue[t].sum() for t in range(3)]
    assert 1.5 < middles[2] - middles[0] < 4  # 5.7 of 200 pixels on 96
    assert (mask[0] > 0.5)[blue[0]].float().mean() > 0.95


def test_all_frames_at_another_speed(draft, given):
    frames, fps, _ = draft.execute(**{**given, "frames": 0, "fps": 25.0}).args
    assert len(frames) == 15 and fps == 25.0


def test_the_label_can_be_switched_off(draft, given):
    with_label, without = (draft.execute(**given, label=label).args[0] for label in (True, False))
    changed = (with_label != without).any(-1)[0].nonzero()
    assert changed[:, 0].min() > 75 and changed[:, 1].max() < 45


def test_a_picture_of_another_shape_and_its_mask_are_cropped_alike(draft, given):
    frames, _, mask = draft.execute(**{**given, "width": 64, "height": 96}, label=False).args
    assert frames.shape == (3, 96, 64, 3)
    red = (frames[0, ..., 0] > 0.75) & (frames[0, ..., 1] < 0.3)
    assert red.any() and (mask[0][red] > 0.5).float().mean() > 0.8


def test_a_mask_of_another_picture_is_refused(draft, given):
    with pytest.raises(ValueError, match="reference's size"):
        draft.execute(**{**given, "mask": torch.ones(1, 50, 60)})


def test_a_single_pose_is_no_motion(draft, given):
    with pytest.raises(ValueError, match="at least 2 frames"):
        draft.execute(**{**given, "poses": given["poses"][:1]})


def test_a_picture_without_anybody_is_refused_in_words(draft, given):
    nobody = replace(given["reference_poses"], score=given["reference_poses"].score * 0)
    with pytest.raises(ValueError, match="Nobody is seen in the picture"):
        draft.execute(**{**given, "reference_poses": nobody})


def test_cancel_stops_it(comfy, draft, given):
    import comfy.model_management as management

    management.interrupt_current_processing(True)
    with pytest.raises(management.InterruptProcessingException):
        draft.execute(**given)
