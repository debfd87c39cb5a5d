"""Following a person: what is searched when, and that it changes no result."""

from dataclasses import replace

import numpy as np
import pytest

from humandit.pose import skeleton as coco
from humandit.pose.detect.boxes import Box
from humandit.pose.detect.heatmap import refined
from humandit.pose.detect.steady import Steady
from humandit.pose.detect.trail import Trail, turned


def test_a_part_goes_where_its_limb_goes_even_when_the_body_is_moved():
    wrist = np.array([28.0, 41.0])
    body = Trail.from_box(Box(50.0, 60.0, 80.0)).with_parts({"left": Box(30.0, 40.0, 10.0, 0.3)}, {"left": wrist})
    ahead = replace(body, x=70.0)
    assert ahead.part("left", wrist + 10) == Box(40.0, 50.0, 10.0, 0.3)
    assert ahead.part("right", np.zeros(2)) is None and Trail.from_box(ahead) is ahead


def test_a_turned_square_holds_the_points_that_an_upright_one_holds_when_turned():
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    box = Box(20.0, 30.0, 8.0, 0.7)
    np.testing.assert_allclose(
        [vars(turned(box.place(corners), 0.7))[k] for k in vars(box)], list(vars(box).values()), atol=1e-9
    )


def test_steady_points_hardly_tremble_and_keep_up():
    shake = np.random.default_rng(0).normal(100, 1, (60, 2, 2))
    still, moving = Steady.start(shake[0]), Steady.start(np.zeros((2, 2)))
    rest = []
    for number, seen in enumerate(shake[1:], 1):
        still, moving = still.step(seen, 100), moving.step(np.full((2, 2), 10.0 * number), 100)
        rest.append(still.xy)
    assert np.std(np.diff(rest[10:], axis=0)) < 0.3 * np.std(np.diff(shake, axis=0))
    assert abs(moving.xy - 590).max() < 10


def test_landmarks_move_to_the_middle_of_their_heat_and_stay_where_there_is_none():
    heat = np.full((64, 64, 3), -9.0)
    heat[20, 30:32, 0] = 9
    heat[40, 40, 1] = -1
    unit = np.array([[29.0, 21.0], [40.5, 40.5], [-9.0, 3.0]]) / 64
    moved = refined(unit, heat) * 64
    np.testing.assert_allclose(moved[0], [30.5, 20], atol=0.05)
    np.testing.assert_array_equal(moved[1:], unit[1:] * 64)


class Counted:
    """A net that counts how often it is asked."""

    def __init__(self, net) -> None:
        self.net, self.side, self.calls = net, net.side, 0

    def __call__(self, crop: np.ndarray) -> list[np.ndarray]:
        self.calls += 1
        return self.net(crop)


@pytest.mark.real
def test_people_are_searched_only_when_the_trail_is_lost(detector, real_film, monkeypatch):
    search = Counted(detector.find_body)
    monkeypatch.setattr(detector, "find_body", search)
    seen = []
    grey = np.full_like(real_film.frames[0], 90)
    film = [*real_film.frames[:4], grey, *real_film.frames[4:8]]
    poses = detector.detect(film, 12.5, lambda _: seen.append(search.calls))
    assert np.diff([0, *seen])[[1, 2, 3, 6, 7, 8]].tolist() == [0] * 6
    assert all(np.diff([0, *seen])[[0, 4, 5]] > 0)
    assert poses.visible[:, coco.BODY_SLICE].any(1).tolist() == [True] * 4 + [False] + [True] * 4


@pytest.mark.real
def test_a_followed_hand_and_face_are_not_searched(detector, real_film, monkeypatch):
    face = Counted(detector.face.detector)
    recrops = [Counted(hand.recrop) for hand in detector.hands]
    monkeypatch.setattr(detector.face, "detector", face)
    for hand, recrop in zip(detector.hands, recrops, strict=True):
        monkeypatch.setattr(hand, "recrop", recrop)
    poses = detector.detect(real_film.frames, 12.5)
    for part, net in ((coco.FACE_SLICE, face), (coco.RIGHT_HAND_SLICE, recrops[1])):
        seen = poses.visible[:, part].any(1)
        assert seen.sum() > 4 and net.calls <= (~seen).sum() + (np.diff(seen.astype(int)) != 0).sum() + 1


@pytest.mark.real
def test_following_finds_what_a_search_in_every_frame_finds(detector, real_film):
    followed = detector.detect(real_film.frames, 12.5)
    for number in (4, 8):
        alone = detector.detect([real_film.frames[number]], 12.5)
        both = followed.visible[number] & alone.visible[0]
        apart = np.linalg.norm(followed.xy[number] - alone.xy[0], axis=-1)[both]
        assert both[: coco.BODY_SLICE.stop].sum() >= 12 and np.median(apart) < 3
