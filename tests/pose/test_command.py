"""``humandit pose`` as a user types it."""

import argparse
import json

import numpy as np
import pytest

from humandit.commands import pose
from humandit.errors import HumanDiTError, InvalidMedia
from humandit.media.read import read_film
from humandit.media.write import write_image, write_mp4
from humandit.pose.formats import load_json, save_json


def command(*words: object) -> dict:
    parser = argparse.ArgumentParser()
    pose.add_arguments(parser)
    return pose.run(parser.parse_args([str(word) for word in words]))


def test_draw_and_convert(dance, tmp_path):
    save_json(dance, tmp_path / "p.json")
    result = command("draw", tmp_path / "p.json", "--out", tmp_path / "o.mp4")
    assert result["frames"] == 9 and len(read_film(tmp_path / "o.mp4")) == 9
    command(
        "convert", tmp_path / "p.json", "--out", tmp_path / "k.json", "--to", "pose_keypoint", "--dialect", "sdpose"
    )
    assert len(json.loads((tmp_path / "k.json").read_text())) == 9
    command("convert", tmp_path / "k.json", "--out", tmp_path / "back.json", "--to", "humandit", "--fps", 12.5)
    np.testing.assert_allclose(load_json(tmp_path / "back.json").xy, dance.xy, atol=2e-3)


def test_detect_refuses_what_is_no_film(tmp_path):
    (tmp_path / "x.mp4").write_text("no film")
    with pytest.raises(InvalidMedia):
        command("detect", tmp_path / "x.mp4", "--out", tmp_path / "p.json")
    assert not (tmp_path / "p.json").exists()


@pytest.mark.real
def test_detect_a_film_and_a_picture(detector, real_film, tmp_path):
    write_mp4(tmp_path / "f.mp4", real_film.frames, 12.5)
    result = command("detect", tmp_path / "f.mp4", "--out", tmp_path / "p.json", "--json")
    assert list(result) == ["people", "frames", "fps", "detector", "device", "seconds"]
    assert (result["people"], result["frames"], result["fps"], result["detector"]) == (1, 9, 12.5, "mediapipe")
    assert len(load_json(tmp_path / "p.json")) == 9
    write_image(tmp_path / "i.png", real_film.frames[0])
    assert command("detect", tmp_path / "i.png", "--out", tmp_path / "q.json")["frames"] == 1


def test_evaluate_scores_the_adapters_and_refuses_unknown_parts():
    result = command("evaluate", "--parts", "adapters", "--pairs", 2)
    assert set(result["adapters"]) == {"none", "affine", "paper", "robust"} and result["pairs"] == 2
    with pytest.raises(HumanDiTError, match="detectors, adapters"):
        command("evaluate", "--parts", "everything")


@pytest.mark.real
@pytest.mark.slow
def test_evaluate_scores_the_real_detector(detector):
    scores = command("evaluate", "--parts", "detectors", "--frames", 12)["detectors"]["mediapipe"]
    assert scores["body_pck"] > 0.5 and scores["body_found"] > 0.5 and scores["ms_per_frame"] > 0
