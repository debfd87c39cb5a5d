"""Load Pose, Pose To Keypoint and Save Pose in the real server: a file goes in, round, and out."""

import json
from pathlib import PurePosixPath

import numpy as np
import pytest

from humandit.pose import skeleton as coco
from humandit.pose.formats import people_from_any, to_pose_keypoint
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from tools.client import HostError

pytestmark = [pytest.mark.host, pytest.mark.slow]


def two_people():
    """Two people of a film of five frames, side by side."""
    xy = np.random.default_rng(1).uniform(20, 120, (5, coco.COUNT, 2)).round(1)
    score = np.full((5, coco.COUNT), 0.75)
    return [PoseSequence(xy + (x, 0), score, Canvas(320, 160), 12.5) for x in (0, 170)]


def round_trip(file, format):
    """Load a file, hand everybody on, draw them, save them."""
    settings = {"file": file, "person": -1, "fps": 0.0, "width": 0, "height": 0}
    return {
        "1": {"class_type": "HumanDiTLoadPose", "inputs": settings},
        "2": {"class_type": "HumanDiTPoseToKeypoint", "inputs": {"poses": ["1", 1], "dialect": "sdpose"}},
        "3": {"class_type": "HumanDiTDrawPose", "inputs": {"poses": ["2", 0], "width": 0, "height": 0}},
        "4": {"class_type": "PreviewImage", "inputs": {"images": ["3", 0]}},
        "5": {
            "class_type": "HumanDiTSavePose",
            "inputs": {"poses": ["2", 0], "filename_prefix": "tests/%width%/people", "format": format},
        },
    }


def saved(client, run):
    """Name and content of the file that was written."""
    assert run.end == "execution_success", run.error
    name = PurePosixPath(run.outputs["5"]["text"][0].removeprefix("Saved "))
    content = client.view({"filename": name.name, "subfolder": str(name.parent), "type": "output"})
    return str(name), json.loads(content)


def test_people_go_in_round_and_out(client, tmp_path):
    (tmp_path / "people.json").write_text(json.dumps(to_pose_keypoint(two_people(), "sdpose")))
    run = client.run(round_trip(client.upload(tmp_path / "people.json"), "humandit"))
    name, content = saved(client, run)
    assert name.startswith("tests/320/people_") and content["schema"] == "humandit-pose/2" and content["fps"] == 12.5
    assert len(run.outputs["4"]["images"]) == 5
    again, content = saved(client, client.run(round_trip(f"{name} [output]", "POSE_KEYPOINT (sdpose)")))
    assert again != name
    for one, other in zip(people_from_any(content, 12.5), two_people(), strict=True):
        body = slice(0, 17)  # aux, on the way, keeps places
        np.testing.assert_allclose(one.xy[:, body], other.xy[:, body], atol=2e-3)


def test_a_file_outside_the_folders_is_refused(client):
    """Some hosts check lists before they run a prompt, others leave it to the node."""
    try:
        complaint = client.run(round_trip("../../../etc/hostname.json", "humandit")).error
    except HostError as refused:
        complaint = refused.messages
    assert "not in list" in complaint.lower() or "among the JSON files" in complaint
