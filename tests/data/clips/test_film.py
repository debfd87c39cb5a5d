"""Films as they come from phones, recorders and broken disks: frames at a steady speed, and shots."""

import numpy as np
import pytest

from humandit.data.clips.film import open_film, steady, timing_of
from humandit.data.clips.shots import apart, histogram, stretches
from humandit.errors import InvalidMedia
from humandit.media.write import write_mp4
from tests.data.clips.planted import write_rotated, write_sound, write_uneven


def numbered(count, height=48, width=64):
    """Frames whose brightness is their number times five."""
    return np.broadcast_to(
        (np.arange(count) * 5).astype(np.uint8)[:, None, None, None], (count, height, width, 3)
    ).copy()


def numbers(frames):
    return [round(float(frame.mean()) / 5) for frame in frames]


def scenes(*lengths):
    """Noise of another colour for every scene, that drifts by a pixel per frame."""
    rng, out = np.random.default_rng(0), []
    for length in lengths:
        colour = rng.uniform(0, 255, 3)
        wide = np.clip(colour + rng.normal(0, 30, (64, 64 + length, 3)), 0, 255).astype(np.uint8)
        out += [wide[:, t : t + 64] for t in range(length)]
    return np.stack(out)


def test_a_steady_film_comes_as_it_is(tmp_path):
    write_mp4(tmp_path / "a.mp4", numbered(20), 12.5, quality=0)
    stream = open_film(tmp_path / "a.mp4")
    assert stream.timing.fps == 12.5 and stream.timing.steady and stream.shrunk == 1
    assert numbers(stream.frames) == list(range(20))


def test_a_fast_film_is_thinned_out_evenly(tmp_path):
    write_mp4(tmp_path / "a.mp4", numbered(24), 60, quality=0)
    stream = open_film(tmp_path / "a.mp4")
    assert stream.timing.fps == 30 and numbers(stream.frames) == list(range(0, 24, 2))


def test_an_uneven_film_becomes_steady(tmp_path):
    seconds = np.array([0, 0.1, 0.2, 0.3, 0.6, 0.7, 0.8, 0.9, 1.0])
    stream = open_film(write_uneven(tmp_path / "a.mp4", numbered(9), seconds))
    assert stream.timing.fps == 10 and not stream.timing.steady
    shown = numbers(stream.frames)
    assert len(shown) == 11 and shown[:4] == [0, 1, 2, 3] and shown[-5:] == [4, 5, 6, 7, 8]
    assert set(shown[4:6]) <= {3, 4}, "the frame that stood for long is held"


@pytest.mark.parametrize("fps", [23.976, 29.97, 25.0])
def test_rounded_time_stamps_do_not_make_a_film_uneven(fps):
    times = np.round(np.arange(300) / fps, 3)
    timing = timing_of(times, 30)
    assert timing.steady and timing.fps == pytest.approx(fps, abs=0.002)
    assert list(steady(iter(range(300)), timing)) == list(range(300))


def test_a_phone_held_upright_gives_upright_frames(tmp_path):
    film = np.zeros((6, 96, 64, 3), np.uint8)
    film[:, :30] = 255  # light above
    frames = list(open_film(write_rotated(tmp_path / "a.mp4", film)).frames)
    assert frames[0].shape == (96, 64, 3)
    assert frames[0][:20].mean() > 240 and frames[0][40:].mean() < 15


def test_a_large_film_is_made_smaller(tmp_path):
    write_mp4(tmp_path / "a.mp4", numbered(3, 96, 160), 10)
    stream = open_film(tmp_path / "a.mp4", side=80)
    assert stream.shrunk == 0.5 and next(stream.frames).shape == (48, 80, 3)


def test_an_animation_of_pictures_is_a_film(tmp_path):
    from PIL import Image

    pictures = [Image.fromarray(f) for f in numbered(5)]
    pictures[0].save(tmp_path / "a.webp", save_all=True, append_images=pictures[1:], duration=50, lossless=True)
    stream = open_film(tmp_path / "a.webp")
    assert stream.timing.fps == 20 and numbers(stream.frames) == list(range(5))
    pictures[0].save(tmp_path / "still.webp")
    with pytest.raises(InvalidMedia, match="a still"):
        open_film(tmp_path / "still.webp")


def test_what_is_no_film_is_named(tmp_path):
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "text.mp4").write_text("no film")
    (tmp_path / "text.webp").write_text("no film")
    write_sound(tmp_path / "sound.mp4")
    cases = {"empty.mp4": "0 bytes", "text.mp4": "cannot be decoded", "text.webp": "no animation",
             "sound.mp4": "no picture", "gone.mp4": "not there"}  # fmt: skip
    for name, words in cases.items():
        with pytest.raises(InvalidMedia, match=words):
            open_film(tmp_path / name)


def test_cuts_are_found_where_they_are():
    found = list(stretches(scenes(12, 9, 15), 10))
    assert [(s.start, len(s.frames), s.after_cut) for s in found] == [(0, 12, False), (12, 9, True), (21, 15, True)]


def test_a_light_that_goes_on_slowly_is_no_cut():
    frames = (scenes(20) * np.linspace(0.4, 1, 20)[:, None, None, None]).astype(np.uint8)
    assert len(list(stretches(frames, 10))) == 1


def test_no_stretch_is_longer_than_a_clip_may_be():
    found = list(stretches(scenes(25), 10, longest=1.0))
    assert [(s.start, len(s.frames), s.after_cut) for s in found] == [(0, 10, False), (10, 10, False), (20, 5, False)]


def test_what_came_before_the_damage_is_whole():
    def breaking():
        yield from scenes(7)
        raise InvalidMedia("damaged")

    found = stretches(breaking(), 10)
    assert len(next(found).frames) == 7
    with pytest.raises(InvalidMedia, match="damaged"):
        next(found)


def test_histograms_are_apart_by_share_of_pixels():
    black, white = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)
    half = np.concatenate([black[:4], white[4:]])
    assert apart(histogram(black), histogram(black)) == 0
    assert apart(histogram(black), histogram(white)) == pytest.approx(1)
    assert apart(histogram(black), histogram(half)) == pytest.approx(0.5)
