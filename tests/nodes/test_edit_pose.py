"""HumanDiT Edit Pose inside the test's own process: what goes out, and what the editor is handed."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch

FRAMES, SIDE = 6, 64


@pytest.fixture
def node(pack, monkeypatch):
    from comfy_api.latest import io

    node = pack("nodes.edit_pose").HumanDiTEditPose
    monkeypatch.setattr(node, "hidden", io.HiddenHolder.from_dict({}))  # as the host does before it runs a node
    return node


@pytest.fixture
def two_people(pack):
    """POSE_KEYPOINT of two people who stand apart."""
    types, sequence = pack("humandit.types"), pack("humandit.pose.sequence")
    xy = np.random.default_rng(0).uniform(5, 25, (1, 133, 2)).repeat(FRAMES, 0)
    score = np.ones((FRAMES, 133))
    people = [sequence.PoseSequence(xy + move, score, types.Canvas(SIDE, SIDE), 12.5) for move in (0, 30)]
    return pack("humandit.pose.formats").to_pose_keypoint(people)


def edits(**changes):
    head = {"schema": "humandit-edit/1", "skeleton": "coco-wholebody", "frames": FRAMES, "fps": 12.5, "people": 2}
    return json.dumps(head | {"canvas": {"width": SIDE, "height": SIDE}} | changes)


def files(output):
    """Names -> bytes that the page would fetch."""
    import folder_paths

    entry = output.ui["humandit_edit"][0]
    return {
        name: (Path(folder_paths.get_temp_directory()) / file["filename"]).read_bytes() for name, file in entry.items()
    }


def test_everybody_comes_out_and_the_deleted_do_not(node, two_people):
    poses, keypoint, people = node.execute(two_people).args
    assert len(people) == 2 and len(keypoint) == FRAMES and len(keypoint[0]["people"]) == 2
    output = node.execute(two_people, edits=edits(removed=[0]))
    poses, keypoint, left = output.args
    assert len(left) == 1 and poses is left[0] and len(keypoint[0]["people"]) == 1
    np.testing.assert_array_equal(poses.xy, people[1].xy)
    assert output.ui["text"] == ("6 frames, 1 person, 1 deleted",)


def test_the_editor_is_handed_poses_as_they_came_and_small_pictures(node, two_people):
    from PIL import Image

    film = torch.linspace(0, 1, 3)[:, None, None, None].expand(3, 900, 1800, 3)
    output = node.execute(two_people, frames=film, edits=edits(removed=[0]))
    came = files(output)
    head, _, body = came["poses"].partition(b"\n")
    assert json.loads(head)["people"] == 2 and len(body) == 2 * FRAMES * 133 * 3 * 4
    head, _, body = came["film"].partition(b"\n")
    sizes = json.loads(head)["sizes"]
    assert len(sizes) == 3 and sum(sizes) == len(body)
    last = Image.open(io.BytesIO(body[-sizes[-1] :]))
    assert last.size == (640, 320) and np.asarray(last).min() > 250
    assert files(node.execute(two_people)).keys() == {"poses"}


def test_edits_of_another_film_are_refused(pack, node, two_people):
    with pytest.raises(pack("humandit.errors").HumanDiTError, match="belong to another film"):
        node.execute(two_people, edits=edits(frames=7))
