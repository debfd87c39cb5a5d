"""The puppet on a painted person: it stands, walks, waves, and hides nothing that it should show."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from humandit.draft import draft_frames, labelled, play, puppet
from humandit.errors import InvalidMedia, InvalidPose
from humandit.pose import skeleton as coco
from humandit.types import Canvas

from .conftest import BLUE, LIMBS, SKIN, at, pose_of, turned

LEFT_ARM = ("left_elbow", "left_wrist")


def psnr(a, b, area=None):
    off = (a.astype(float) - b.astype(float)) ** 2
    return 10 * np.log10(255**2 / max(off[area].mean() if area is not None else off.mean(), 1e-9))


def shrunk(mask, pixels):
    return cv2.erode(mask.astype(np.uint8), np.ones((2 * pixels + 1,) * 2, np.uint8)) > 0


def grown(mask, pixels):
    return cv2.dilate(mask.astype(np.uint8), np.ones((2 * pixels + 1,) * 2, np.uint8)) > 0


def near(frame, place, colour, most=30):
    x, y = np.round(place).astype(int)
    return np.abs(frame[y, x].astype(int) - colour).max() < most


def draw(scene, xy, score=None, mask=True):
    poses = pose_of(np.asarray(xy, np.float32), score)
    return list(play(puppet(scene.picture, scene.pose, scene.mask if mask else None), poses))


@pytest.fixture
def body(scene):
    return scene.pose.xy[0]


def test_the_pictures_own_pose_gives_the_picture_back(scene, body):
    shown = draw(scene, [body] * 2)
    assert len(shown) == 2
    assert psnr(shown[1].frame, scene.picture) > 33
    assert psnr(shown[1].frame, scene.picture, shrunk(scene.mask, 2)) > 38
    assert np.abs(shown[1].mask - scene.mask).mean() < 0.01


def test_a_person_who_is_elsewhere_is_drawn_there_and_nowhere_else(scene, body):
    frame = draw(scene, [body, body + (30, -8)])[1].frame
    there = np.roll(scene.mask, (-8, 30), (0, 1))
    assert psnr(frame, np.roll(scene.picture, (-8, 30), (0, 1)), shrunk(there, 2)) > 30
    left = scene.mask & ~grown(there, 3)
    assert np.abs(frame[left].astype(int) - scene.wall[left]).mean() < 12  # no ghost: the wall, as good as guessed


def test_the_background_elsewhere_stays_the_pictures(scene, body):
    frame = draw(scene, [body + (15, 0)])[0].frame
    far = ~grown(scene.mask | np.roll(scene.mask, 15, 1), 9)
    assert far.mean() > 0.3 and (frame[far] == scene.picture[far]).all()


def test_an_arm_that_is_raised_takes_its_own_pixels_along(scene, body):
    raised = turned(body, "left_shoulder", LEFT_ARM, -80, coco.LEFT_HAND_SLICE)
    frame = draw(scene, [raised])[0].frame
    red = LIMBS["left_arm"][0]
    for place in (at(raised, "left_wrist"), (at(raised, "left_elbow") + at(raised, "left_shoulder")) / 2):
        assert near(frame, place, red)
    assert near(frame, at(body, "left_wrist"), scene.wall[120, 130], 15)
    assert near(frame, at(body, "right_wrist"), LIMBS["right_arm"][0])
    assert near(frame, (100, 100), BLUE) and near(frame, (100, 38), SKIN)


def test_a_bent_elbow_keeps_its_thickness(scene, body):
    bent = turned(body, "left_elbow", ("left_wrist",), -120, coco.LEFT_HAND_SLICE)
    shown = draw(scene, [bent])[0]
    red = np.abs(shown.frame.astype(int) - LIMBS["left_arm"][0]).max(-1) < 40
    before = np.abs(scene.picture.astype(int) - LIMBS["left_arm"][0]).max(-1) < 40
    assert 0.85 < red.sum() / before.sum() < 1.2
    assert near(shown.frame, at(bent, "left_elbow"), LIMBS["left_arm"][0])


def test_a_person_half_as_large_covers_a_quarter(scene, body):
    shown = draw(scene, [(body - 100) / 2 + 100])[0]
    assert 0.2 < shown.mask.sum() / scene.mask.sum() < 0.3


def test_joints_that_are_not_seen_hang_as_in_the_picture(scene, body):
    score = np.ones((1, 133))
    score[0, [coco.INDEX[n] for n in (*LEFT_ARM, "right_ankle", "nose")]] = 0
    score[0, coco.LEFT_HAND_SLICE] = score[0, coco.FACE_SLICE] = 0
    xy = body.copy()
    xy[score[0] == 0] = 0
    shown = draw(scene, [xy + np.where(score[0, :, None] > 0, (10, 0), 0)], score)[0]
    assert near(shown.frame, at(body, "left_wrist") + (10, 0), LIMBS["left_arm"][0])
    assert near(shown.frame, (110, 38), SKIN)


def test_a_moment_without_anybody_lies_between_its_neighbours(scene, body):
    score = np.ones((3, 133))
    score[1] = 0
    shown = draw(scene, [body, body * 0, body + (20, 0)], score)
    assert near(shown[1].frame, (110, 100), BLUE) and near(shown[1].frame, (97, 100), BLUE)
    assert np.abs(shown[1].mask.sum() - shown[0].mask.sum()) < 0.1 * shown[0].mask.sum()


def test_a_picture_that_shows_no_legs_still_moves(scene, body):
    score = np.ones((1, 133))
    score[0, 11:23] = 0
    half = replace(scene.pose, score=score)
    frame = list(draft_frames(scene.picture, half, pose_of((body + (5, 0))[None]), scene.mask))[0]
    assert near(frame, (105, 90), BLUE)


@pytest.mark.parametrize(("sure", "colour"), [(1.0, LIMBS["left_arm"][0]), (0.4, BLUE)])
def test_an_arm_across_the_body_lies_before_it_unless_it_is_hidden(scene, body, sure, colour):
    across = body.copy()
    across[[coco.INDEX["left_elbow"], coco.INDEX["left_wrist"]]] = (118, 90), (95, 92)
    across[coco.LEFT_HAND_SLICE] = (93, 92) + 0.4 * (body[coco.LEFT_HAND_SLICE] - at(body, "left_wrist"))
    score = np.ones((3, 133))
    score[:, [coco.INDEX[n] for n in LEFT_ARM]] = sure
    assert near(draw(scene, [across] * 3, score)[1].frame, (103, 91), colour)


def test_without_a_mask_the_person_is_found_by_colour(scene, body):
    found = draw(scene, [body], mask=False)[0].mask > 0.5
    assert (found & scene.mask).sum() / (found | scene.mask).sum() > 0.85


def test_a_detector_that_cuts_people_out_is_asked(scene):
    class Cutter:
        def person_masks(self, frames, poses):
            yield from (scene.mask for _ in frames)

    from humandit.draft.joints import figure
    from humandit.draft.matte import matte

    found = matte(scene.picture, scene.pose, figure(scene.pose), detector=Cutter()) > 0.5
    assert (found & scene.mask).sum() / (found | scene.mask).sum() > 0.93


def test_the_label_changes_a_corner_only(scene):
    marked = labelled(scene.picture)
    rows, columns = np.nonzero((marked != scene.picture).any(-1))
    assert rows.min() > 180 and columns.max() < 40 and len(rows)


@pytest.mark.parametrize("size", [(3, 2), (16, 16)])
def test_the_label_fits_on_the_smallest_frames(size):
    assert labelled(np.zeros((*size, 3), np.uint8)).shape == (*size, 3)


def test_what_cannot_be_drawn_is_refused_in_words(scene, body):
    doll = puppet(scene.picture, scene.pose, scene.mask)
    with pytest.raises(InvalidMedia, match="uint8 RGB"):
        puppet(scene.picture.astype(float), scene.pose)
    with pytest.raises(InvalidMedia, match="picture's size"):
        puppet(scene.picture, scene.pose, scene.mask[:10])
    with pytest.raises(InvalidMedia, match="empty"):
        puppet(scene.picture, scene.pose, scene.mask & False)
    with pytest.raises(InvalidPose, match="share a canvas"):
        puppet(scene.picture, replace(scene.pose, canvas=Canvas(100, 200)))
    with pytest.raises(InvalidPose, match="one frame, got 2"):
        puppet(scene.picture, pose_of(np.stack([body, body])))
    with pytest.raises(InvalidPose, match="Nobody is seen in the picture"):
        puppet(scene.picture, replace(scene.pose, score=scene.pose.score * 0))
    with pytest.raises(InvalidPose, match="Nobody is seen in the 1 frames"):
        list(play(doll, replace(scene.pose, score=scene.pose.score * 0)))
    with pytest.raises(InvalidPose, match="share a canvas"):
        list(play(doll, replace(scene.pose, canvas=Canvas(100, 200))))
