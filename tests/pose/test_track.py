"""Who is who: on a rendered film whose people are known, once with true sightings and once with the real nets."""

from __future__ import annotations

import numpy as np
import pytest

from humandit.data.synthetic.crossing import FPS, render_crossing
from humandit.errors import InvalidMedia, InvalidPose, NoPersonFound
from humandit.metrics.tracking import IN_SIGHT, identity_switches, tracking_scores
from humandit.pose import skeleton as coco
from humandit.pose.detect.boxes import Box
from humandit.pose.detect.protocol import Detector, Sighting
from humandit.pose.track import pick, track

FRAMES = 30


class TrueSightings(Detector):
    """Hands out the true poses of a film's people while they are in sight, in an order that changes."""

    name, device = "truth", "none"

    def __init__(self, film):
        self.film, self.now = film, -1

    def people(self, frame, near=(), search=True):
        self.now += 1
        seen = [i for i in (0, 1) if self.film.shown[i, self.now] > IN_SIGHT]
        return [self._sighting(i) for i in (seen if self.now % 2 else seen[::-1])]

    def _sighting(self, person):
        poses = self.film.poses[person]
        xy = poses.xy[self.now]
        return Sighting(xy, poses.score[self.now], Box.around(xy[coco.BODY_SLICE]).grown(1.25))


class Nobody(Detector):
    name, device = "nobody", "none"

    def people(self, frame, near=(), search=True):
        return []


@pytest.fixture(scope="module")
def crossing():
    return render_crossing(0, "heldout", FRAMES)


@pytest.fixture(scope="module")
def people(crossing):
    return track(TrueSightings(crossing), crossing.frames, FPS)


def test_people_keep_their_numbers_while_their_paths_cross(crossing, people):
    assert len(people) == 2
    assert crossing.shown.min() < 0.9, "nobody is covered in this film: it tests nothing"
    assert identity_switches([p.poses for p in people], crossing.poses, crossing.shown > IN_SIGHT) == (0, 1.0)


def test_each_person_has_a_pose_per_frame_and_a_picture(people):
    for person in people:
        assert len(person.poses) == FRAMES and person.poses.fps == FPS
        assert (person.poses.score[~person.present] == 0).all()
        assert person.thumbnail.shape == (96, 96, 3) and person.thumbnail.std() > 5


def test_swapped_numbers_are_counted(crossing):
    first, second = crossing.poses
    half = FRAMES // 2
    swapped = [first[:half].concat(second[half:]), second[:half].concat(first[half:])]
    switches, covered = identity_switches(swapped, crossing.poses, np.ones((2, FRAMES), bool))
    assert switches >= 2 and covered > 0.9


def test_somebody_who_leaves_and_returns_is_the_same_person(crossing):
    gone = crossing.shown.copy()
    gone[0, 8:24] = 0
    film = type(crossing)(crossing.frames, crossing.poses, gone)
    found = track(TrueSightings(film), film.frames, FPS)
    assert len(found) == 2
    assert identity_switches([p.poses for p in found], film.poses, film.shown > IN_SIGHT)[0] == 0


def test_the_most_wanted_are_the_largest(crossing, people):
    assert people[0].size * people[0].present.mean() >= people[1].size * people[1].present.mean()
    only = track(TrueSightings(crossing), crossing.frames, FPS, most=1)
    assert len(only) == 1 and np.array_equal(only[0].poses.xy, people[0].poses.xy)


def test_people_are_picked_by_size_number_and_place(crossing, people):
    assert pick(people, "largest") is people[0]
    assert pick(people, 1) is people[1] and pick(people, " 1 ") is people[1]
    left = min(people, key=lambda p: p.poses.xy[0, 0, 0])
    assert pick(people, "0.1,0.4") is left
    assert pick(people, "0.9, 0.4") is not left


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("2", "there are 2"),
        ("somebody", "Expected"),
        ("-1", "Expected"),
        ("0.5,x", "written"),
        ("1.5,0.2", "0..1"),
        ("0.1,0.2,0.3", "written"),
    ],
)
def test_words_that_name_nobody_are_refused(people, which, words):
    with pytest.raises(InvalidPose, match=words):
        pick(people, which)


def test_films_without_people_or_frames_are_refused():
    frame = np.zeros((64, 64, 3), np.uint8)
    with pytest.raises(NoPersonFound, match="3 frames"):
        track(Nobody(), [frame] * 3, FPS)
    with pytest.raises(InvalidMedia, match="at least one frame"):
        track(Nobody(), [], FPS)
    with pytest.raises(InvalidMedia, match="share one size"):
        track(Nobody(), [frame, frame[:32]], FPS)
    with pytest.raises(InvalidPose, match="At least 1"):
        track(Nobody(), [frame], FPS, most=0)


@pytest.mark.slow
def test_the_real_nets_find_both_people_and_never_confuse_them(detector):
    film = render_crossing(0, "heldout", 45)
    scores = tracking_scores(detector, [film])
    assert scores["identity_switches"] == 0 and scores["people_wrong"] == 0
    assert scores["covered"] > 0.8
