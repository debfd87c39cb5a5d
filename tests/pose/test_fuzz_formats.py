"""Valid pose files with something broken in them: poses or our error come out, nothing else, and at once."""

from __future__ import annotations

import copy
import json
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from humandit.errors import HumanDiTError
from humandit.pose import skeleton as coco
from humandit.pose.formats import from_dict, from_pose_keypoint, people_from_any, read_json, to_dict, to_pose_keypoint
from humandit.pose.results_file import to_coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from tests.pose.conftest import standing

DELETED = object()


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


POISON = (
    None, True, False, "12", "", "x" * 5000, float("nan"), float("inf"), -float("inf"), 10**400, -(10**400), 1e308,
    -1e9, 0, -1, 2, 0.5, 3.7, [], {}, [[]], [None], [True] * 54, ["1"] * 54, [0] * 53, [1e7] * 63, [10**400] * 54,
    nested(150), {"people": []}, {"width": 0}, {1: 2}, [[[1, 2, 3]] * 133], [0.0, 1e9], [3, 2, 1], b"bytes", (1, 2),
    DELETED,
)  # fmt: skip


def documents():
    """One small valid file of each kind, two people, two frames."""
    xy = np.stack([standing(), standing() + 3])
    one = PoseSequence(xy, np.full((2, coco.COUNT), 0.8), Canvas(400, 200), 12.5)
    people = [one, PoseSequence(xy * 0.5 + 200, one.score, one.canvas, 12.5)]
    instance = {"keypoints": xy[0, :17].tolist(), "keypoint_scores": [0.5] * 17}
    openpose = to_pose_keypoint(people, "sdpose")[0]
    return {
        "aux": to_pose_keypoint(people),
        "sdpose": to_pose_keypoint(people, "sdpose", fractions=True),
        "one": to_dict(one) | {"times": [0.0, 0.1]},
        "several": to_dict(people),
        "openpose": {"version": 1.3, "people": openpose["people"]},
        "coco": to_coco(people),
        "mmpose": {"meta_info": {}, "instance_info": [{"instances": [instance]}] * 2},
    }


DOCUMENTS = {name: json.loads(json.dumps(data)) for name, data in documents().items()}


def broken(data, seed, value):
    """``data`` with ``value`` at a place that ``seed`` chooses: shallow places as often as deep ones."""
    chance = random.Random(seed)
    data = copy.copy(data)
    here = data
    for _ in range(chance.randint(0, 6)):
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        keys = [key for key in keys if isinstance(here[key], dict | list) and here[key]]
        if not keys:
            break
        key = chance.choice(keys)
        here[key] = copy.copy(here[key])
        here = here[key]
    key = chance.choice(list(here) if isinstance(here, dict) else list(range(len(here))))
    if value is DELETED:
        del here[key]
    else:
        here[key] = value
    return data


def read(data):
    for call in (lambda: people_from_any(data, 25, Canvas(64, 64)), lambda: people_from_any(data)):
        try:
            for one in call():
                assert np.isfinite(one.xy).all() and one.score.min(initial=0) >= 0
        except HumanDiTError as error:
            assert len(str(error)) < 1000


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_valid_files_are_valid(kind):
    assert len(people_from_any(DOCUMENTS[kind], 25, Canvas(400, 200))) == (2 if kind not in ("one", "mmpose") else 1)


@settings(max_examples=2400, deadline=None)
@given(
    kind=st.sampled_from(sorted(DOCUMENTS)),
    breaks=st.lists(st.tuples(st.integers(0, 2**32), st.sampled_from(POISON)), min_size=1, max_size=3),
)
def test_a_broken_file_gives_poses_or_our_error(kind, breaks):
    data = DOCUMENTS[kind]
    for seed, value in breaks:
        if not data:
            break
        data = broken(data, seed, value)
    read(data)
    try:
        from_dict(data) if isinstance(data, dict) and "schema" in data else from_pose_keypoint(data)
    except HumanDiTError:
        pass


@settings(max_examples=300, deadline=None)
@given(kind=st.sampled_from(sorted(DOCUMENTS)), cut=st.floats(0, 1), noise=st.binary(max_size=3))
def test_a_torn_file_gives_poses_or_our_error(tmp_path_factory, kind, cut, noise):
    path = tmp_path_factory.getbasetemp() / "torn.json"
    whole = json.dumps(DOCUMENTS[kind]).encode()
    at = int(cut * len(whole))
    path.write_bytes(whole[:at] + noise + whole[at + len(noise) :] if noise else whole[:at])
    try:
        read(read_json(path))
    except HumanDiTError:
        pass
