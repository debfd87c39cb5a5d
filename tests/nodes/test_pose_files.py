"""Pose To Keypoint, Save Pose and Load Pose inside the host's own folders."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def nodes(pack):
    extension = asyncio.run(pack("nodes").comfy_entrypoint())
    return {node.GET_SCHEMA().node_id: node for node in asyncio.run(extension.get_node_list())}


@pytest.fixture
def folders(comfy, tmp_path, monkeypatch):
    """ComfyUI's input and output folders, empty and our own."""
    import folder_paths

    for kind in ("input", "output"):
        (tmp_path / kind).mkdir()
        monkeypatch.setattr(folder_paths, f"{kind}_directory", str(tmp_path / kind))
    return tmp_path


@pytest.fixture
def poses(pack):
    types, sequence = pack("humandit.types"), pack("humandit.pose.sequence")
    xy = np.random.default_rng(0).uniform(20, 180, (5, 133, 2)).round(2)
    return sequence.PoseSequence(xy, np.full((5, 133), 0.75), types.Canvas(200, 240), 8)


def saved(node, poses, prefix="poses/humandit", format="humandit"):
    return Path(node.execute(poses, prefix, format).args[0])


def test_what_is_saved_is_listed_and_loaded(nodes, folders, poses):
    path = saved(nodes["HumanDiTSavePose"], poses)
    assert path == folders / "output" / "poses" / "humandit_00001_.json"
    assert saved(nodes["HumanDiTSavePose"], poses).name == "humandit_00002_.json"
    assert [p.name for p in path.parent.iterdir() if p.suffix != ".json"] == []
    entry = "poses/humandit_00001_.json [output]"
    load = nodes["HumanDiTLoadPose"]
    assert load.INPUT_TYPES()["required"]["file"][1]["options"][0] == entry
    back, keypoint, fps = load.execute(entry, -1, 0.0, 0, 0).args
    np.testing.assert_allclose(back.xy, poses.xy, atol=1e-3)
    assert (back.fps, fps, back.canvas.height) == (8, 8, 240) and len(keypoint) == 5
    assert load.execute(entry, 0, 24.0, 0, 0).args[2] == 24


def test_several_people_go_into_one_file_and_out_again(pack, nodes, folders, poses):
    right = replace(poses, xy=poses.xy * 0.3 + 400)
    make = nodes["HumanDiTPoseToKeypoint"]
    (two,) = make.execute(poses, "sdpose", right).args
    (three,) = make.execute(two, "sdpose", replace(poses, xy=poses.xy * 0.5 + 1000)).args
    assert [len(frame["people"]) for frame in three] == [3] * 5
    for format in ("humandit", "POSE_KEYPOINT (sdpose)"):
        path = saved(nodes["HumanDiTSavePose"], three, "crowd", format)
        back, keypoint, _ = nodes["HumanDiTLoadPose"].execute(f"{path.name} [output]", 1, 0.0, 0, 0).args
        np.testing.assert_allclose(back.xy[:, :91], right.xy[:, :91], atol=2e-3)
        assert len(keypoint[0]["people"]) == 3
    assert json.loads((folders / "output" / "crowd_00001_.json").read_text())["schema"] == "humandit-pose/2"
    with pytest.raises(ValueError, match=re.escape("Person 3 was asked for, but there are 3 (0 to 2)")):
        nodes["HumanDiTLoadPose"].execute("crowd_00001_.json [output]", 3, 0.0, 0, 0)


def test_files_without_a_size_need_it(nodes, folders, poses, pack):
    frame = pack("humandit.pose.formats").to_pose_keypoint(poses)[0]
    (folders / "input" / "op.json").write_text(json.dumps({"version": 1.3, "people": frame["people"]}))
    load = nodes["HumanDiTLoadPose"]
    back, _, fps = load.execute("op.json", -1, 0.0, 200, 240).args
    assert (str(back.canvas), fps) == ("200x240", 12.5)
    with pytest.raises(ValueError, match="Give the size of its film"):
        load.execute("op.json", -1, 0.0, 0, 0)


def test_a_changed_file_is_read_again(nodes, folders):
    file, load = folders / "input" / "p.json", nodes["HumanDiTLoadPose"]
    prints = [load.fingerprint_inputs(file="p.json", person=0)]
    for text in ("[]", "{}"):
        file.write_text(text)
        prints.append(load.fingerprint_inputs(file="p.json", person=0))
    assert len(set(prints)) == 3 and prints[0] == "missing"
    assert prints[2] == load.fingerprint_inputs(file="p.json", person=-1)


@pytest.mark.parametrize("prefix", ["../out", "/etc/out", "a/../../out", "", "poses/", "..", "x\0y", "a/\n"])
def test_nothing_is_written_outside_the_output_folder(nodes, folders, poses, prefix):
    if prefix == "poses/":  # a folder's name is a file's beginning, as in core's save nodes
        assert saved(nodes["HumanDiTSavePose"], poses, prefix).parent == folders / "output"
    else:
        with pytest.raises(ValueError, match="filename_prefix|inside ComfyUI"):
            saved(nodes["HumanDiTSavePose"], poses, prefix)
    assert not list(folders.glob("*.json")) and not list(folders.parent.glob("out*"))


@pytest.mark.parametrize("name", ["../secret.json", "/etc/hostname", "p.json [temp]", "../secret.json [output]", ""])
def test_nothing_is_read_outside_the_two_folders(nodes, folders, name):
    (folders / "secret.json").write_text("{}")
    with pytest.raises(ValueError, match="JSON files in input and output"):
        nodes["HumanDiTLoadPose"].execute(name, -1, 0.0, 0, 0)
    assert nodes["HumanDiTLoadPose"].fingerprint_inputs(file=name) == "missing"


def test_draw_pose_draws_everybody_or_the_strongest(nodes, poses):
    (two,) = nodes["HumanDiTPoseToKeypoint"].execute(poses, "aux", replace(poses, xy=poses.xy * 0.5)).args
    draw = nodes["HumanDiTDrawPose"]
    one, both = draw.execute(two, 0, 0, "dwpose", "strongest").args[0], draw.execute(two, 0, 0, "dwpose").args[0]
    assert one.shape == both.shape == (5, 240, 200, 3)
    assert (both > 0).any(-1).sum() > (one > 0).any(-1).sum()
