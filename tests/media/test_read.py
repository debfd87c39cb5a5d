"""Pictures and films in every format, and what is refused."""

import numpy as np
import pytest
from PIL import Image

from humandit.errors import InvalidMedia
from humandit.media.read import DEFAULT_FPS, read_film, read_frames, read_image
from humandit.media.write import write_mp4


def gradient(frames: int = 5, height: int = 32, width: int = 48) -> np.ndarray:
    """A film whose frames differ and whose corners can be told apart."""
    film = np.zeros((frames, height, width, 3), np.uint8)
    film[..., 0] = np.linspace(0, 255, width)
    film[..., 1] = np.linspace(0, 255, height)[:, None]
    film[..., 2] = np.linspace(0, 200, frames)[:, None, None]
    return film


def save_animation(path, film: np.ndarray, **options) -> None:
    first, *rest = (Image.fromarray(frame) for frame in film)
    first.save(path, save_all=True, append_images=rest, **options)


def test_picture_keeps_its_pixels(tmp_path):
    image = gradient(1)[0]
    Image.fromarray(image).save(tmp_path / "p.png")
    np.testing.assert_array_equal(read_image(tmp_path / "p.png"), image)


def test_picture_stands_upright_as_its_camera_said(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter clockwise
    Image.fromarray(gradient(1)[0]).save(tmp_path / "p.png", exif=exif)
    np.testing.assert_array_equal(read_image(tmp_path / "p.png"), np.rot90(gradient(1)[0], -1))


def test_mp4_gives_frames_and_speed(tmp_path):
    write_mp4(tmp_path / "f.mp4", gradient(), 12.5)
    film = read_film(tmp_path / "f.mp4")
    assert film.fps == 12.5 and film.frames.shape == (5, 32, 48, 3) and film.frames.dtype == np.uint8
    assert np.abs(film.frames.astype(int) - gradient()).mean() < 4


def test_animated_webp_and_its_speed(tmp_path):
    save_animation(tmp_path / "f.webp", gradient(), lossless=True, duration=40)
    film = read_film(tmp_path / "f.webp")
    assert film.fps == 25.0
    np.testing.assert_array_equal(film.frames, gradient())


def test_webp_without_durations_takes_the_default_speed(tmp_path):
    save_animation(tmp_path / "f.webp", gradient(), lossless=True, duration=0)
    assert read_film(tmp_path / "f.webp").fps == DEFAULT_FPS
    assert read_film(tmp_path / "f.webp", fps=24.0).fps == 24.0


def test_gif_goes_through_the_film_decoder(tmp_path):
    save_animation(tmp_path / "f.gif", gradient(), duration=100)
    film = read_film(tmp_path / "f.gif")
    assert len(film) == 5 and film.fps == pytest.approx(10)


@pytest.mark.parametrize("name", ["f.mp4", "f.webp"])
def test_max_frames_stops_early(tmp_path, name):
    if name == "f.mp4":
        write_mp4(tmp_path / name, gradient(), 10.0)
    else:
        save_animation(tmp_path / name, gradient(), duration=40)
    assert len(read_film(tmp_path / name, 3)) == 3


def test_a_still_is_a_film_only_on_request(tmp_path):
    Image.fromarray(gradient(1)[0]).save(tmp_path / "p.png")
    with pytest.raises(InvalidMedia, match="has 1 frame, a film needs at least 2"):
        read_film(tmp_path / "p.png")
    assert len(read_frames(tmp_path / "p.png")) == 1


def test_a_film_of_one_frame_is_refused(tmp_path):
    write_mp4(tmp_path / "f.mp4", gradient(1), 10.0)
    with pytest.raises(InvalidMedia, match="has 1 frame"):
        read_film(tmp_path / "f.mp4")


@pytest.mark.parametrize("read", [read_image, read_film])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "nothing there"),
        (b"", "empty"),
        (b"just a text, not pixels", "is not a"),
        (b"\x89PNG\r\n\x1a\n12", "Expected"),
    ],
)
def test_what_is_no_picture_and_no_film(tmp_path, read, content, words):
    if content is not None:
        (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(InvalidMedia, match=words):
        read(tmp_path / "x.png")


def test_a_folder_is_named_as_such(tmp_path):
    with pytest.raises(InvalidMedia, match="found a folder"):
        read_film(tmp_path)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
def test_a_film_cut_off_is_refused(tmp_path, keep):
    """Cut before its index, or after it where the picture data then ends."""
    write_mp4(tmp_path / "f.mp4", gradient(9), 10.0)
    data = (tmp_path / "f.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(data[: int(len(data) * keep)])
    try:
        assert len(read_film(tmp_path / "cut.mp4")) < 9
    except InvalidMedia:
        pass


def test_a_damaged_picture_is_refused(tmp_path):
    Image.fromarray(gradient(1)[0]).save(tmp_path / "p.png")
    data = (tmp_path / "p.png").read_bytes()
    (tmp_path / "p.png").write_bytes(data[: len(data) // 2])
    with pytest.raises(InvalidMedia, match="damaged"):
        read_image(tmp_path / "p.png")


def test_sound_without_picture_is_refused(tmp_path):
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "s.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(InvalidMedia, match="sound but no picture"):
        read_film(tmp_path / "s.mp4")
