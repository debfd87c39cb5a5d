"""``python -m humandit draft`` from picture and poses to a film."""

import argparse

import numpy as np
import pytest

from humandit.commands import draft
from humandit.errors import InvalidMedia, MissingDependency
from humandit.media.read import read_film, read_image
from humandit.media.write import write_image
from humandit.pose.formats import save_json
from tests.conftest import ROOT, missing

from .conftest import pose_of

PICTURE = ROOT / "nodes" / "examples" / "picture-striped-shirt.png"


def command(*words):
    parser = argparse.ArgumentParser()
    draft.add_arguments(parser)
    try:
        return draft.run(parser.parse_args(["--image", str(PICTURE), *map(str, words)]))
    except MissingDependency as error:
        missing(str(error))


@pytest.fixture
def motion(scene, tmp_path):
    walk = scene.pose.xy + np.linspace(0, 30, 6)[:, None, None] * np.float32([1, 0])
    save_json(pose_of(walk), tmp_path / "walk.json")
    return tmp_path / "walk.json"


def test_a_film_is_written(motion, tmp_path):
    told = command("--motion", motion, "--out", tmp_path / "o.mp4", "--width", 96, "--height", 128, "--frames", 4)
    film = read_film(tmp_path / "o.mp4")
    assert (told["frames"], told["size"], film.frames.shape) == (4, "96x128", (4, 128, 96, 3))
    assert np.abs(film.frames[3].astype(int) - film.frames[0]).max() > 60


def test_a_mask_of_another_size_is_refused(motion, tmp_path):
    write_image(tmp_path / "mask.png", np.full((9, 9, 3), 255, np.uint8))
    with pytest.raises(InvalidMedia, match="as large as the picture"):
        command("--motion", motion, "--out", tmp_path / "o.mp4", "--mask", tmp_path / "mask.png")


def test_a_given_mask_is_taken(motion, tmp_path):
    image = read_image(PICTURE)
    write_image(tmp_path / "mask.png", np.full(image.shape, 255, np.uint8))
    size = ("--width", 64, "--height", 64, "--no-label")
    command("--motion", motion, "--out", tmp_path / "o.mp4", "--mask", tmp_path / "mask.png", "--frames", 2, *size)
    assert len(read_film(tmp_path / "o.mp4").frames) == 2
