"""``humandit pose convert`` and ``draw`` with files of several people and of other tools."""

import argparse
import json
from dataclasses import replace

import numpy as np
import pytest

from humandit.commands import pose
from humandit.errors import InvalidPose
from humandit.media.read import read_film
from humandit.pose.formats import load_people, save_json


def command(*words: object) -> dict:
    parser = argparse.ArgumentParser()
    pose.add_arguments(parser)
    return pose.run(parser.parse_args([str(word) for word in words]))


@pytest.fixture
def two(dance, tmp_path):
    other = replace(dance, xy=dance.xy * 0.5 + np.float32([110, 0]), score=dance.score * 0.9)
    save_json([dance, other], tmp_path / "two.json")
    return tmp_path / "two.json"


@pytest.mark.parametrize("way", [["pose_keypoint", "--dialect", "sdpose"], ["pose_keypoint", "--dialect", "sdpose",
                                                                           "--fractions"], ["coco"]])  # fmt: skip
def test_everybody_is_converted_there_and_back(two, way, tmp_path):
    there = command("convert", two, "--out", tmp_path / "there.json", "--to", *way)
    assert (there["people"], there["frames"], there["format"]) == (2, 9, way[0])
    size = ("--size", "200x200") if way == ["coco"] else ()
    back = tmp_path / "back.json"
    assert (
        command("convert", tmp_path / "there.json", "--out", back, "--to", "humandit", "--fps", 12.5, *size)["fps"]
        == 12.5
    )
    for one, other in zip(load_people(back), load_people(two), strict=True):
        np.testing.assert_allclose(one.xy[:, :91], other.xy[:, :91], atol=2e-3)


def test_one_person_is_taken_out(two, tmp_path):
    out = tmp_path / "one.json"
    assert command("convert", two, "--out", out, "--to", "humandit", "--person", 1)["people"] == 1
    assert json.loads(out.read_text())["schema"] == "humandit-pose/1"
    np.testing.assert_array_equal(load_people(out)[0].xy, load_people(two)[1].xy)
    command("convert", two, "--out", out, "--to", "humandit", "--person", "strongest")
    np.testing.assert_array_equal(load_people(out)[0].xy, load_people(two)[0].xy)
    with pytest.raises(InvalidPose, match="Person 2 was asked for"):
        command("convert", two, "--out", out, "--to", "humandit", "--person", 2)


def test_everybody_is_drawn(two, tmp_path):
    command("draw", two, "--out", tmp_path / "both.mp4", "--lines", "dwpose")
    command("draw", two, "--out", tmp_path / "one.mp4", "--lines", "dwpose", "--person", 0)
    both, one = (read_film(tmp_path / name).frames.astype(int).sum() for name in ("both.mp4", "one.mp4"))
    assert both > 1.2 * one


@pytest.mark.parametrize("words", [["--size", "200"], ["--size", "0x9"], ["--person", "-1"], ["--person", "first"]])
def test_words_that_mean_nothing_are_refused(two, words, tmp_path, capsys):
    with pytest.raises(SystemExit):
        command("convert", two, "--out", tmp_path / "o.json", "--to", "humandit", *words)
    assert "expected" in capsys.readouterr().err
