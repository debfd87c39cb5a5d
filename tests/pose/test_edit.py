"""Edits by hand: exact at the key, smooth beside it, untouched elsewhere, and refused where they do not fit."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from humandit.errors import HumanDiTError, InvalidPose
from humandit.pose import skeleton as coco
from humandit.pose.edit import Added, Edits, Key, Span, apply, pack, read, write
from humandit.pose.edit.blend import moves, weights
from humandit.pose.edit.parts import PARTS
from humandit.pose.gaps import FILLED
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from tests.conftest import ROOT
from tests.pose.conftest import standing

FRAMES = 12
CANVAS = Canvas(200, 200)
WRIST, RIGHT = coco.INDEX["left_wrist"], coco.INDEX["right_wrist"]
EMPTY = Edits(FRAMES, CANVAS)


def walk(score=0.8):
    """Twelve frames of a standing person who drifts to the right."""
    xy = standing()[None] + np.arange(FRAMES)[:, None, None] * np.array([3.0, 0.0])
    return PoseSequence(xy, np.full((FRAMES, coco.COUNT), score), CANVAS, 12.5)


def edited(**changes):
    return apply(replace(EMPTY, **changes), [walk()])[0]


def same(a, b):
    np.testing.assert_array_equal(a.xy, b.xy)
    np.testing.assert_array_equal(a.score, b.score)


def test_no_edits_change_no_bit():
    same(edited(), walk())
    assert read("  ") is None and write(EMPTY) == ""


def test_a_key_holds_exactly_and_fades_to_its_sides():
    result = edited(keys=(Key(0, 5, 2, 1, {WRIST: (10.0, -4.0)}),))
    moved = (result.xy - walk().xy)[:, WRIST, 0]
    np.testing.assert_allclose(moved, [0, 0, 0, 70 / 27, 200 / 27, 10, 5, 0, 0, 0, 0, 0], atol=1e-4)
    others = [i for i in range(coco.COUNT) if i != WRIST]
    np.testing.assert_array_equal(result.xy[:, others], walk().xy[:, others])
    assert result.score[5, WRIST] == 1 and (result.score[:, WRIST] == 1).sum() == 1


def test_two_keys_with_one_move_hold_it_between_them():
    keys = [Key(0, 2, 0, 50, {WRIST: (8.0, 6.0)}), Key(0, 9, 50, 0, {WRIST: (8.0, 6.0)})]
    field = moves(keys, FRAMES)
    np.testing.assert_allclose(field[2:10, WRIST], np.tile([8, 6], (8, 1)), atol=1e-12)
    assert (field[:2] == 0).all() and (field[10:] == 0).all()


places = st.tuples(*[st.floats(-500, 500, allow_nan=False).map(lambda v: round(v, 2))] * 2)
joints = st.dictionaries(st.integers(0, coco.COUNT - 1), places, max_size=3)
frame = st.integers(0, FRAMES - 1)
keys = st.builds(Key, st.integers(0, 1), frame, st.integers(0, 15), st.integers(0, 15), joints, joints)
words = st.lists(st.sampled_from([*PARTS, "nose", "right_heel"]), min_size=1, max_size=2).map(tuple)
ends = st.tuples(frame, frame).map(sorted)
spans = st.builds(
    lambda person, kind, ends, words: Span(person, kind, *ends, words),
    st.integers(0, 1), st.sampled_from(["swap", "bad", "good", "hide"]), ends, words,
)  # fmt: skip
documents = st.builds(
    lambda keys, spans: replace(EMPTY, keys=tuple(keys), spans=tuple(spans), added=(Added(0, (20.0, -5.5)),)),
    st.lists(keys, max_size=5, unique_by=lambda key: (key.person, key.frame)),
    st.lists(spans, max_size=4),
)


@settings(max_examples=60, deadline=None)
@given(documents)
def test_written_edits_read_the_same_and_every_key_holds(edits):
    assert read(write(edits)) == edits
    before = apply(replace(edits, keys=tuple(replace(key, moved={}) for key in edits.keys)), [walk()])
    after = apply(edits, [walk()])
    for key in edits.keys:
        for joint, move in key.moved.items():
            wanted = before[key.person].xy[key.frame, joint].astype(np.float64) + move
            np.testing.assert_array_equal(after[key.person].xy[key.frame, joint], wanted.astype(np.float32))


@given(st.integers(0, 40))
def test_a_fade_falls_from_one_to_nothing_and_meets_its_mirror_in_one(reach):
    fade = weights(np.arange(reach + 2), reach)
    assert fade[0] == 1 and fade[-1] == 0 and (np.diff(fade) < 0).all()
    np.testing.assert_allclose(fade + fade[::-1], 1, atol=1e-12)


def test_a_swap_of_an_arm_takes_its_partner_along_and_undoes_itself():
    span = Span(0, "swap", 3, 6, ("left arm",))
    result = edited(spans=(span,))
    np.testing.assert_array_equal(result.xy[3:7, WRIST], walk().xy[3:7, RIGHT])
    np.testing.assert_array_equal(result.xy[3:7, RIGHT], walk().xy[3:7, WRIST])
    np.testing.assert_array_equal(result.xy[[2, 7]], walk().xy[[2, 7]])
    knee = coco.INDEX["left_knee"]
    np.testing.assert_array_equal(result.xy[:, knee], walk().xy[:, knee])
    same(edited(spans=(span, span)), walk())


def test_a_bad_span_is_filled_from_its_neighbours_and_a_placed_joint_anchors_it():
    bad = Span(0, "bad", 4, 6, ("left_wrist",))
    result = edited(spans=(bad,))
    np.testing.assert_allclose(result.xy[:, WRIST], walk().xy[:, WRIST], atol=1e-4)
    assert (result.score[4:7, WRIST] == np.float32(FILLED)).all()
    pinned = edited(spans=(bad,), keys=(Key(0, 5, placed={WRIST: (100.0, 50.0)}),))
    np.testing.assert_array_equal(pinned.xy[5, WRIST], [100, 50])
    np.testing.assert_allclose(pinned.xy[4, WRIST], (walk().xy[3, WRIST] + [100, 50]) / 2, atol=1e-4)


def test_a_bad_end_of_the_film_stays_missing_and_other_gaps_stay_open():
    score = np.full((FRAMES, coco.COUNT), 0.8)
    score[5, RIGHT] = 0
    poses = replace(walk(), score=score)
    result = apply(replace(EMPTY, spans=(Span(0, "bad", 10, 11, ("left_wrist",)),)), [poses])[0]
    assert (result.score[10:, WRIST] == 0).all() and result.score[5, RIGHT] == 0


def test_good_confirms_what_has_a_place_and_hide_takes_it_away():
    unsure = walk(score=0.1)
    missing = unsure.score.copy()
    missing[:, WRIST] = 0
    span = Span(0, "good", 2, 3)
    result = apply(replace(EMPTY, spans=(span,)), [replace(unsure, score=missing)])[0]
    assert (result.score[2:4, RIGHT] == 1).all() and (result.score[:, WRIST] == 0).all()
    assert result.score[4, RIGHT] == np.float32(0.1)
    assert (edited(spans=(Span(0, "hide", 0, 11, ("right hand",)),)).score[:, coco.RIGHT_HAND_SLICE] == 0).all()


def test_people_are_added_removed_and_never_all_gone():
    two = apply(replace(EMPTY, added=(Added(0, (40.0, 0.0)),)), [walk()])
    np.testing.assert_array_equal(two[1].xy, walk().xy + np.float32([40, 0]))
    assert len(apply(replace(EMPTY, added=(Added(0, (40.0, 0.0)),), removed=(0,)), [walk()])) == 1
    with pytest.raises(InvalidPose, match="leave nobody"):
        edited(removed=(0,))


@pytest.mark.parametrize(
    "film",
    [[walk()[:-1]], [replace(walk(), canvas=Canvas(200, 201))], [walk(), walk()]],
    ids=["length", "canvas", "people"],
)
def test_edits_of_another_film_are_refused(film):
    with pytest.raises(InvalidPose, match=r"made for 1 x 12 frames of 200x200, and .* came"):
        apply(EMPTY, film)


KEY = {"person": 0, "frame": 3, "moved": {"left_wrist": [1, 2]}}
SPAN = {"person": 0, "kind": "bad", "first": 2, "last": 4}
DOCUMENT = {
    "schema": "humandit-edit/1", "skeleton": "coco-wholebody", "frames": FRAMES, "fps": 12.5,
    "canvas": {"width": 200, "height": 200}, "people": 1, "keys": [KEY], "spans": [SPAN],
    "added": [{"copy": 0, "shift": [1.5, 0]}], "removed": [1],
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schema": "humandit-edit/2"}, "newer version needs a newer pack"),
        ({"keys": [KEY | {"moved": {"left_wrist": [float("nan"), 0]}}]}, "two finite numbers"),
        ({"keys": [KEY | {"moved": {"left_tail": [1, 0]}}]}, "no joint 'left_tail'"),
        ({"keys": [KEY | {"frame": 12}]}, "from 0 to 11, got 12"),
        ({"keys": [KEY | {"person": 2}]}, "from 0 to 1, got 2"),
        ({"keys": [KEY, KEY]}, "two keys for one person and frame"),
        ({"spans": [SPAN | {"last": 1}]}, "from 2 to 11, got 1"),
        ({"spans": [SPAN | {"kind": "nice"}]}, "one of swap, bad, good, hide"),
        ({"spans": [SPAN | {"joints": ["tail"]}]}, "no joint 'tail'"),
        ({"skeleton": "dog"}, "skeleton 'dog'"),
        ({"later": 1}, "does not know"),
    ],
)
def test_broken_edits_are_refused_in_words(changes, words):
    with pytest.raises(InvalidPose, match=words):
        read(json.dumps(DOCUMENT | changes))


def spots(data, path=()):
    """Every place in a document that can be broken."""
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(spot for key, value in children for spot in spots(value, (*path, key)))]


POISON = (None, True, "x", -1, 10**400, 1e308, float("nan"), float("inf"), [], {}, [None], [[1, 2]], 0.5, {"a": 1})


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(spots(DOCUMENT)[1:]), st.sampled_from(POISON))
def test_poisoned_edits_work_or_are_refused(path, poison):
    document = copy.deepcopy(DOCUMENT)
    spot = document
    for step in path[:-1]:
        spot = spot[step]
    spot[path[-1]] = poison
    try:
        result = apply(read(json.dumps(document)), [walk()])
    except HumanDiTError as error:
        assert 20 < len(str(error)) < 400
    else:
        assert all(np.isfinite(one.xy).all() for one in result)


@pytest.mark.parametrize("text", ["{", "[]", "nothing", "[" * 100_000, '"humandit-edit/1"'])
def test_text_that_holds_no_edits(text):
    with pytest.raises(InvalidPose):
        read(text)


def test_packed_poses_are_exact():
    film = [walk(), replace(walk(), xy=walk().xy + 0.1)]
    head, _, body = pack(film).partition(b"\n")
    assert json.loads(head)["people"] == 2 and (len(head) + 1) % 4 == 0
    values = np.frombuffer(body, "<f4").reshape(2, FRAMES, coco.COUNT, 3)
    np.testing.assert_array_equal(values[1, ..., :2], film[1].xy)
    np.testing.assert_array_equal(values[1, ..., 2], film[1].score)


def test_the_example_of_the_help_page_is_read():
    page = (ROOT / "web" / "docs" / "HumanDiTEditPose.md").read_text("utf-8")
    edits = read(page.split("```json")[1].split("```")[0])
    assert edits is not None and edits.keys[0].moved == {WRIST: (0, -40)} and edits.spans[0].joints == ("right arm",)
