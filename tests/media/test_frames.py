"""Exact places of pixels after fitting, and the layout of contact sheets."""

import numpy as np
import pytest

from humandit.errors import InvalidMedia
from humandit.media.frames import fit_frames, scaled_size
from humandit.media.sheet import contact_sheet
from humandit.types import Canvas


def test_same_size_is_untouched():
    frames = np.random.default_rng(0).integers(0, 255, (2, 16, 24, 3), np.uint8)
    for mode in ("fill", "fit", "pad"):
        np.testing.assert_array_equal(fit_frames(frames, Canvas(24, 16), mode), frames)


def test_fill_cuts_both_sides_equally():
    frame = np.zeros((10, 30, 3), np.uint8)
    frame[:, 10:20] = 200
    assert (fit_frames(frame, Canvas(10, 10), "fill") == 200).all()


def test_pad_keeps_everything_inside_black():
    padded = fit_frames(np.full((10, 30, 3), 200, np.uint8), Canvas(30, 30), "pad")
    assert (padded[10:20] == 200).all() and not padded[:10].any() and not padded[20:].any()


@pytest.mark.parametrize(("mode", "size"), [("fill", (64, 48)), ("pad", (48, 36)), ("fit", (48, 48))])
def test_scaled_sizes(mode, size):
    scaled = scaled_size(Canvas(640, 480), Canvas(48, 48), mode)
    assert (scaled.width, scaled.height) == size
    assert fit_frames(np.zeros((1, 480, 640, 3), np.uint8), Canvas(48, 48), mode).shape == (1, 48, 48, 3)


@pytest.mark.parametrize(
    "frames", [np.zeros((2, 8, 8)), np.zeros((2, 8, 8, 4), np.uint8), np.zeros((0, 8, 8, 3), np.uint8)]
)
def test_what_is_no_frame_is_refused(frames):
    with pytest.raises(InvalidMedia, match="uint8 frames"):
        fit_frames(frames if frames.ndim == 4 else frames[..., None], Canvas(8, 8))


def test_sheet_shows_rows_of_the_same_moments():
    film = np.zeros((9, 20, 40, 3), np.uint8)
    film += np.arange(9, dtype=np.uint8)[:, None, None, None] * 20
    sheet = contact_sheet({"reference": film[:1] + 100, "film": film}, columns=3, cell=40)
    assert sheet.dtype == np.uint8 and sheet.shape == (2 * (20 + 20 + 4), 3 * 44 + 4, 3)
    second = sheet[44 + 20 + 10]
    assert [int(second[4 + 44 * i + 20, 0]) for i in range(3)] == [0, 80, 160]


def test_sheet_needs_frames():
    with pytest.raises(InvalidMedia, match="a row"):
        contact_sheet({})
    with pytest.raises(InvalidMedia, match="'empty' must hold frames"):
        contact_sheet({"empty": np.zeros((0, 8, 8, 3), np.uint8)})
