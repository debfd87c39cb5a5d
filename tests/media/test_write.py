"""Films are written whole or not at all, and look the same in every player."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from humandit.errors import InvalidMedia
from humandit.media.read import read_film, read_image
from humandit.media.write import write_image, write_mp4


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128), (200, 100, 50)])
def test_colours_survive(tmp_path, colour):
    write_mp4(tmp_path / "f.mp4", np.full((3, 32, 32, 3), colour, np.uint8), 12.5)
    found = read_film(tmp_path / "f.mp4").frames[1, 16, 16].astype(int)
    assert np.abs(found - colour).max() <= 3


def test_container_is_what_browsers_play(tmp_path):
    if not shutil.which("ffprobe"):
        pytest.skip("ffprobe is not installed")
    write_mp4(tmp_path / "f.mp4", np.zeros((5, 32, 48, 3), np.uint8), 12.5)
    command = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(tmp_path / "f.mp4")]
    stream = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["streams"][0]
    assert (stream["codec_name"], stream["pix_fmt"], stream["color_space"]) == ("h264", "yuv420p", "bt709")
    assert (stream["width"], stream["height"], stream["r_frame_rate"], stream["nb_frames"]) == (48, 32, "25/2", "5")
    data = (tmp_path / "f.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_frames_may_stream_through(tmp_path):
    assert write_mp4(tmp_path / "f.mp4", (np.zeros((16, 16, 3), np.uint8) for _ in range(4)), 8.0) == 4


def test_odd_sides_grow_by_one_pixel(tmp_path):
    write_mp4(tmp_path / "f.mp4", np.full((2, 33, 47, 3), 90, np.uint8), 10.0)
    assert read_film(tmp_path / "f.mp4").frames.shape == (2, 34, 48, 3)


def test_a_failure_leaves_the_old_film_and_nothing_else(tmp_path):
    write_mp4(tmp_path / "f.mp4", np.zeros((2, 16, 16, 3), np.uint8), 8.0)
    before = (tmp_path / "f.mp4").read_bytes()

    def broken():
        yield np.zeros((16, 16, 3), np.uint8)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_mp4(tmp_path / "f.mp4", broken(), 8.0)
    assert (tmp_path / "f.mp4").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["f.mp4"]


@pytest.mark.parametrize(
    ("name", "frames", "fps", "words"),
    [
        ("f.avi", np.zeros((2, 16, 16, 3), np.uint8), 8.0, r"written as \.mp4"),
        ("f.mp4", np.zeros((0, 16, 16, 3), np.uint8), 8.0, "at least one frame"),
        ("f.mp4", np.zeros((2, 16, 16), np.uint8), 8.0, "height, width, 3"),
        ("f.mp4", np.zeros((2, 16, 16, 3), np.float32), 8.0, "uint8"),
        ("f.mp4", np.zeros((2, 16, 16, 3), np.uint8), 0.0, "greater than 0"),
    ],
)
def test_what_is_no_film_is_refused(tmp_path, name, frames, fps, words):
    with pytest.raises(InvalidMedia, match=words):
        write_mp4(tmp_path / name, frames, fps)
    assert not list(tmp_path.iterdir())


def test_picture_round_trip(tmp_path):
    image = np.arange(16 * 16 * 3, dtype=np.uint8).reshape(16, 16, 3)
    write_image(tmp_path / "p.png", image)
    np.testing.assert_array_equal(read_image(tmp_path / "p.png"), image)
    with pytest.raises(InvalidMedia, match="written as"):
        write_image(tmp_path / "p.txt", image)
