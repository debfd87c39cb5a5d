"""Geometry: the scales, the 8k+1 rule, the token budget."""

import pytest

from humandit.errors import InvalidShape
from humandit.types import TOKEN_BUDGET, Canvas, VideoShape, nearest_side, whole_length


def test_latent_shape_of_the_papers_largest_segment():
    latent = VideoShape(129, 1280, 720).latent
    assert (latent.frames, latent.height, latent.width) == (33, 160, 90)
    assert latent.positions == 475_200 <= TOKEN_BUDGET
    assert latent.tokens(2) == 118_800


@pytest.mark.parametrize("frames", [9, 17, 25, 49, 129])
def test_latents_and_frames_convert_back(frames):
    shape = VideoShape(frames, 480, 720)
    assert shape.latent.video == shape


@pytest.mark.parametrize("frames", [0, -1, 2, 5, 8, 13, 97 + 4])
def test_frame_counts_that_are_not_8k_plus_1_are_refused_with_a_remedy(frames):
    with pytest.raises(InvalidShape, match=r"8k\+1.*Use \d+ or \d+"):
        VideoShape(frames, 128, 128)


@pytest.mark.parametrize(("width", "use"), [(100, 96), (8, 16), (0, 16), (2000, 1280)])
def test_sides_are_multiples_of_16_up_to_1280(width, use):
    with pytest.raises(InvalidShape, match=f"Use {use}"):
        VideoShape(9, 128, width)


def test_over_budget_names_a_frame_count_that_fits():
    with pytest.raises(InvalidShape, match="129 frames"):
        VideoShape(137, 1280, 720).within()
    assert VideoShape(129, 1280, 720).within()


def test_nearest_side_and_canvas():
    assert [nearest_side(p) for p in (1, 100, 121, 5000)] == [16, 96, 128, 1280]
    assert Canvas(30, 20).square == 30
    with pytest.raises(InvalidShape):
        Canvas(0, 5)


def test_films_are_filled_up_to_whole_chunks():
    assert [whole_length(frames) for frames in (1, 2, 9, 10, 49, 50)] == [9, 9, 9, 17, 49, 57]
