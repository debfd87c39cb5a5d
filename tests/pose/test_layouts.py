"""Point layouts: their counts, the way there and back, and what each of them loses."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from humandit.errors import InvalidPose
from humandit.pose import skeleton as coco
from humandit.pose.formats import from_pose_keypoint, people_from_any, to_dict, to_pose_keypoint
from humandit.pose.layouts import from_layout, to_layout
from humandit.pose.results_file import to_coco
from humandit.pose.sapiens_points import GOLIATH_308, TO_WHOLEBODY
from humandit.pose.sequence import PoseSequence
from humandit.pose.tables import LAYOUTS, Layout
from humandit.types import Canvas

PAGE = Path(__file__).resolve().parents[2] / "docs" / "poses.md"


def test_every_layout_has_as_many_points_as_its_name_says():
    counts = {name: len(layout.names) for name, layout in LAYOUTS.items()}
    assert counts == {
        "coco-17": 17, "body-18": 18, "body-25": 25, "halpe-26": 26, "coco-wholebody": 133, "sapiens-308": 308,
    }  # fmt: skip
    with pytest.raises(ValueError, match="18 points lists 17"):
        Layout(18, coco.BODY)


def test_sapiens_points_are_where_their_names_say():
    names = [GOLIATH_308[i] if i >= 0 else None for i in TO_WHOLEBODY]
    assert names[coco.INDEX["left_wrist"]] == names[coco.LEFT_HAND_SLICE.start] == "left_wrist"
    assert names[coco.RIGHT_HAND_SLICE][5:9] == [
        "right_forefinger_third_joint", "right_forefinger2", "right_forefinger3", "right_forefinger4",
    ]  # fmt: skip
    assert [i - 23 for i, name in enumerate(names) if name is None] == [*range(8), *range(9, 17)]


def test_sapiens_points_mirror_as_ours_do():
    """Left and right of the face table: a point's mirror has its name with the sides exchanged."""
    centres = {8, 27, 28, 29, 30, 33, 51, 57, 62, 66}
    for face in range(68):
        here, there = TO_WHOLEBODY[23 + face], TO_WHOLEBODY[coco.MIRROR[23 + face]]
        if here < 0:
            assert there < 0
            continue
        assert (here == there) == (face in centres)
        sides = [set(re.findall(r"(?:^|_)([lr])_", GOLIATH_308[i])) for i in (here, there)]
        assert sides[0] != sides[1] or not sides[0], GOLIATH_308[here]


def test_middles_lie_between_and_score_as_the_weaker(person):
    score = person.score.copy()
    score[0, coco.INDEX["left_hip"]] = 0.25
    xy, certain = to_layout(PoseSequence(person.xy, score, person.canvas, 12.5), "body-25")
    names = LAYOUTS["body-25"].names
    assert xy[0, names.index("mid_hip")].tolist() == [100, 130] and certain[0, names.index("mid_hip")] == 0.25
    assert xy[0, names.index("neck")].tolist() == [100, 60]


@pytest.mark.parametrize(
    ("count", "layout", "words"),
    [
        (18, "coco-17", "18 points fit body-18"),
        (26, "body-25", "halpe-26"),
        (70, "sapiens-308", "No known layout has 70"),
        (17, "coco", "known are coco-17"),
    ],
)
def test_a_wrong_count_names_what_would_fit(count, layout, words):
    with pytest.raises(InvalidPose, match=words):
        from_layout(np.zeros((2, count, 2)), np.zeros((2, count)), layout, Canvas(9, 9), 25)


def test_arrays_that_do_not_belong_together_are_refused():
    with pytest.raises(InvalidPose, match=r"\[T, K, 2\]"):
        from_layout(np.zeros((2, 17, 3)), np.zeros((2, 17)), "coco-17", Canvas(9, 9), 25)


def through_layout(name):
    return lambda poses: from_layout(*to_layout(poses, name), name, poses.canvas, poses.fps)


def through_keypoint(dialect, fractions=False):
    return lambda poses: from_pose_keypoint(to_pose_keypoint(poses, dialect, fractions), poses.fps)


WAYS = {
    "our file": lambda poses: people_from_any(to_dict(poses))[0],
    "POSE_KEYPOINT, aux": through_keypoint("aux"),
    "POSE_KEYPOINT, sdpose": through_keypoint("sdpose"),
    "POSE_KEYPOINT, sdpose, fractions": through_keypoint("sdpose", True),
    "COCO-WholeBody results": lambda poses: people_from_any(to_coco([poses]), poses.fps, poses.canvas)[0],
    **{name: through_layout(name) for name in LAYOUTS},
}
GROUPS = {
    "body": range(17), "feet": range(17, 23), "jaw": [*range(23, 31), *range(32, 40)],
    "face": [31, *range(40, 91)], "hands": range(91, 133),
}  # fmt: skip


def kept(way, poses):
    """Per group of points: "exact", "places" (scores become 1), "–" (lost)."""
    back, words = WAYS[way](poses), []
    assert len(back) == len(poses) and back.fps == poses.fps and back.canvas == poses.canvas
    for group in GROUPS.values():
        place = np.abs(back.xy[:, group] - poses.xy[:, group]).max() < 2e-3
        score = np.abs(back.score[:, group] - poses.score[:, group]).max() < 1e-4
        if not back.score[:, group].any():
            words.append("–")
            continue
        assert place and (score or (back.score[:, group] == 1).all()), (way, group)
        words.append("exact" if score else "places")
    return words


@pytest.mark.parametrize("way", WAYS)
def test_round_trips_keep_what_the_page_says(way, dance):
    """Every point comes back exactly, or without its score, or not at all; docs/poses.md shows which."""
    score = np.tile(np.linspace(0.35, 0.95, coco.COUNT), (len(dance), 1))
    xy = dance.xy.copy()
    for side, part in (("left", coco.LEFT_HAND_SLICE), ("right", coco.RIGHT_HAND_SLICE)):
        xy[:, part.start], score[:, part.start] = (
            xy[:, coco.INDEX[f"{side}_wrist"]],
            score[0, coco.INDEX[f"{side}_wrist"]],
        )
    words = kept(way, PoseSequence(xy, score, dance.canvas, dance.fps))
    assert f"| {way} | {' | '.join(words)} |" in PAGE.read_text("utf-8")


@pytest.mark.parametrize("layout", ["coco-17", "halpe-26", "coco-wholebody", "sapiens-308"])
def test_detectors_and_files_read_a_layout_alike(layout):
    from humandit.pose.detect.points import LAYOUTS as NETS

    assert NETS[LAYOUTS[layout].count] == LAYOUTS[layout].places
