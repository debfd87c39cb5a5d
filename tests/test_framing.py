"""A picture of any shape on a canvas the model takes: geometry to the pixel, pictures and poses alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from humandit.errors import InvalidShape
from humandit.framing import fitted_canvas, framed
from humandit.media.frames import fit_frames, framed_frames
from humandit.pose import skeleton as coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas

SIDES = st.integers(1, 4000)
STEPS = st.integers(1, 80).map(lambda n: 16 * n)


@pytest.mark.parametrize(
    ("picture", "wanted", "canvas"),
    [
        (Canvas(1281, 720), Canvas(1280, 720), Canvas(1280, 720)),
        (Canvas(1281, 720), Canvas(720, 1280), Canvas(1280, 720)),
        (Canvas(1000, 1000), Canvas(128, 128), Canvas(128, 128)),
        (Canvas(3000, 2000), Canvas(128, 128), Canvas(144, 96)),
        (Canvas(2000, 3000), Canvas(720, 720), Canvas(576, 864)),
        (Canvas(4000, 2250), Canvas(1280, 1280), Canvas(1280, 720)),
    ],
)
def test_fit_keeps_the_pictures_shape_within_the_wanted_area(picture, wanted, canvas):
    framing = framed(picture, wanted, "fit")
    assert framing.canvas == canvas
    assert framing.kept > 0.98


@settings(max_examples=30, deadline=None)
@given(SIDES, SIDES, STEPS, STEPS)
def test_fitted_sides_are_allowed_and_within_the_area(width, height, wide, high):
    canvas = fitted_canvas(Canvas(width, height), Canvas(wide, high))
    assert canvas.width % 16 == canvas.height % 16 == 0
    assert 16 <= canvas.width <= 1280 and 16 <= canvas.height <= 1280
    assert canvas.width * canvas.height <= wide * high


@settings(max_examples=30, deadline=None)
@given(SIDES, SIDES, STEPS, STEPS)
def test_filled_leaves_no_border_and_padded_cuts_nothing(width, height, wide, high):
    filled, padded = (framed(Canvas(width, height), Canvas(wide, high), mode) for mode in ("fill", "pad"))
    assert filled.left <= 0 and filled.top <= 0 and padded.left >= 0 and padded.top >= 0
    assert filled.scaled.width >= wide and filled.scaled.height >= high
    assert padded.kept == 1 and padded.scaled.width <= wide and padded.scaled.height <= high
    assert filled.canvas == padded.canvas == Canvas(wide, high)


def test_a_line_cannot_keep_its_shape_but_can_be_filled_or_padded():
    line, wanted = Canvas(1, 3000), Canvas(720, 1280)
    with pytest.raises(InvalidShape, match="1x3000.*fill or pad"):
        framed(line, wanted, "fit")
    padded = framed(line, wanted, "pad")
    assert (padded.scaled, padded.left, padded.top) == (Canvas(1, 1280), 359, 0)
    filled = framed(line, wanted, "fill")
    assert filled.canvas == wanted and filled.kept == pytest.approx(1280 / 2_160_000)


@pytest.mark.parametrize("mode", ["fill", "pad"])
def test_wanted_sides_that_are_not_allowed_are_refused_with_a_remedy(mode):
    with pytest.raises(InvalidShape, match="multiple of 16.*got 723.*Use 720"):
        framed(Canvas(10, 10), Canvas(723, 512), mode)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.sampled_from(["fill", "pad"]))
def test_pictures_are_placed_as_fit_frames_places_them(width, height, mode):
    picture = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    framing = framed(Canvas(width, height), Canvas(64, 32), mode)
    np.testing.assert_array_equal(framed_frames(picture, framing), fit_frames(picture, Canvas(64, 32), mode))


@pytest.mark.parametrize("mode", ["fit", "fill", "pad"])
@pytest.mark.parametrize("size", [(40, 100), (101, 37), (64, 64)])
def test_a_mark_in_the_picture_and_its_keypoint_stay_together(mode, size):
    """A white square; its middle, as a keypoint, must land on the middle of what is white afterwards."""
    width, height = size
    picture = np.zeros((height, width, 3), np.uint8)
    x, y = width // 2, height // 2 - 4
    picture[y - 3 : y + 3, x - 3 : x + 3] = 255
    xy = np.full((1, coco.COUNT, 2), (x, y), np.float32)
    framing = framed(Canvas(width, height), Canvas(96, 64), mode)
    poses = PoseSequence(xy, np.ones((1, coco.COUNT)), Canvas(width, height), 25).framed(framing)
    white = np.argwhere(framed_frames(picture, framing)[..., 0] > 127)
    middle = (white.min(0) + white.max(0) + 1)[::-1] / 2
    assert poses.canvas == framing.canvas and len(white)
    np.testing.assert_allclose(poses.xy[0, 0], middle, atol=1.0)
