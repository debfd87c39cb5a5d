"""The editor's own modules in a real browser: the same poses as Python to the last bit, and limbs that bend right."""

from __future__ import annotations

import base64
import json
import random

import numpy as np
import pytest

from humandit.pose import skeleton as coco
from humandit.pose.edit import Added, Edits, Key, Span, apply, pack, read, write
from humandit.pose.edit.document import KINDS
from humandit.pose.edit.parts import PARTS
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from tests.pose.conftest import standing
from tests.pose.editor_files import URL, serve

pytestmark = pytest.mark.browser

FRAMES, CANVAS = 14, Canvas(200, 200)
APPLY = """async ([film, edits]) => {
    const [{unpackPoses}, documents, {edited}] = await Promise.all(
        ["film", "document", "apply"].map(name => import(`/editor/${name}.js`)))
    const poses = unpackPoses(Uint8Array.from(atob(film), c => c.charCodeAt(0)).buffer)
    return edits.map(text => {
        const doc = documents.parse(text, poses) ?? documents.emptyFor(poses)
        const people = [...Array(poses.people.length + doc.added.length).keys()]
        return people.map(person => {
            const {xy, score} = edited(poses, doc, person)
            return [xy, score].map(values => btoa(String.fromCharCode(...new Uint8Array(values.buffer))))
        })
    })
}"""
DRAG = """async ([points, joint, target, options]) => {
    const {drag} = await import("/editor/drag.js")
    return [...drag(new Map(points), joint, target, options)]
}"""


@pytest.fixture(scope="module")
def page(browser):
    """An empty page beside the editor's files."""
    page = browser.new_page()

    serve(page, {})
    page.goto(URL)
    yield page
    page.close()


def film(seed=0):
    """Two people with noise, joints that are unsure or missing, and gaps."""
    rng = np.random.default_rng(seed)
    xy = standing()[None, None] + rng.normal(0, 15, (2, FRAMES, coco.COUNT, 2))
    score = rng.uniform(0, 1, (2, FRAMES, coco.COUNT))
    score[rng.random(score.shape) < 0.2] = 0
    return [PoseSequence(*both, CANVAS, 12.5) for both in zip(xy, score, strict=True)]


def some_edits(seed):
    """Keys, marks and people by chance; everything there is."""
    rng = random.Random(seed)

    def places():
        picked = rng.sample(range(coco.COUNT), rng.randint(0, 4))
        return {joint: (round(rng.uniform(-80, 80), 2), round(rng.uniform(-80, 80), 2)) for joint in picked}

    def span():
        first, last = sorted(rng.choices(range(FRAMES), k=2))
        words = rng.sample([*PARTS, *coco.KEYPOINTS[:23]], rng.randint(1, 3))
        return Span(rng.randint(0, 2), rng.choice(KINDS), first, last, tuple(words))

    spots = rng.sample([(person, frame) for person in range(3) for frame in range(FRAMES)], rng.randint(0, 9))
    keys = [Key(*spot, rng.randint(0, 9), rng.randint(0, 9), places(), places()) for spot in spots]
    shift = (rng.uniform(-50, 50), 3.1)
    spans = tuple(span() for _ in range(rng.randint(0, 5)))
    return Edits(FRAMES, CANVAS, people=2, keys=tuple(keys), spans=spans, added=(Added(1, shift),))


def numbers(text):
    return np.frombuffer(base64.b64decode(text), "<f4")


def test_the_browser_edits_to_the_same_bit(page):
    documents = [some_edits(seed) for seed in range(40)]
    packed = base64.b64encode(pack(film())).decode()
    shown = page.evaluate(APPLY, [packed, [write(edits) for edits in documents]])
    for edits, people in zip(documents, shown, strict=True):
        for (xy, score), poses in zip(people, apply(edits, film()), strict=True):
            np.testing.assert_array_equal(numbers(xy).reshape(poses.xy.shape), poses.xy)
            np.testing.assert_array_equal(numbers(score).reshape(poses.score.shape), poses.score)


def test_what_the_browser_writes_python_reads(page):
    text = page.evaluate(
        """async film => {
            const {unpackPoses} = await import("/editor/film.js")
            const {Session} = await import("/editor/session.js")
            let text = ""
            const bytes = Uint8Array.from(atob(film), c => c.charCodeAt(0)).buffer
            const session = new Session(unpackPoses(bytes), "", saved => (text = saved))
            session.choose({frame: 4, range: {first: 2, last: 6}})
            for (const kind of ["bad", "good", "swap", "hide"]) session.mark(kind)
            session.take(9); session.pull([31.234567, 40]); session.release()
            session.copyPerson(); session.toggleRemoved(0); session.placeMissing()
            return text
        }""",
        base64.b64encode(pack(film())).decode(),
    )
    document = json.loads(text)
    assert {span["kind"] for span in document["spans"]} == {"good", "swap", "hide"}, "good takes the place of bad"
    edits = read(text)
    assert edits is not None and json.loads(write(edits)) == document
    assert len(apply(edits, film())) == 2


def test_tables_are_python_s(page):
    tables = page.evaluate("async () => { const {NAMES, MIRROR, PARTS} = await import('/editor/skeleton.js'); "
                           "return {NAMES, MIRROR, PARTS} }")  # fmt: skip
    assert tuple(tables["NAMES"]) == coco.KEYPOINTS and tuple(tables["MIRROR"]) == coco.MIRROR
    assert {name: tuple(joints) for name, joints in tables["PARTS"].items()} == PARTS


# --- dragging


def dragged(page, name, target, lock=True, bend=True):
    """Joints of the standing person after one of them was pulled; those that stay are left out."""
    points = [[joint, place.tolist()] for joint, place in enumerate(standing())]
    moved = page.evaluate(DRAG, [points, coco.INDEX[name], list(target), {"lock": lock, "bend": bend}])
    return {coco.KEYPOINTS[joint]: np.array(place) for joint, place in moved}


def at(name):
    return standing()[coco.INDEX[name]].astype(float)


def apart(a, b):
    return float(np.linalg.norm(a - b))


@pytest.mark.parametrize(
    ("root", "middle", "end", "target"),
    [("left_shoulder", "left_elbow", "left_wrist", (160, 80)), ("right_hip", "right_knee", "right_ankle", (70, 170))],
)
def test_a_limb_bends_keeps_its_lengths_and_reaches(page, root, middle, end, target):
    moved = dragged(page, end, target)
    assert moved[end] == pytest.approx(target)
    assert apart(at(root), moved[middle]) == pytest.approx(apart(at(root), at(middle)))
    assert apart(moved[middle], moved[end]) == pytest.approx(apart(at(middle), at(end)))
    assert root not in moved


def test_out_of_reach_the_arm_is_straight_or_stretched(page):
    reach = apart(at("left_shoulder"), at("left_elbow")) + apart(at("left_elbow"), at("left_wrist"))
    assert apart(dragged(page, "left_wrist", (300, 60))["left_wrist"], at("left_shoulder")) == pytest.approx(reach)
    assert dragged(page, "left_wrist", (300, 60), lock=False)["left_wrist"] == pytest.approx([300, 60])


def test_the_hand_turns_with_the_forearm_as_one_piece(page):
    moved = dragged(page, "left_wrist", (160, 80))
    hand = [f"left_hand_{name}" for name in coco.HAND]
    before = [apart(at(a), at(b)) for a in hand for b in hand]
    assert [apart(moved[a], moved[b]) for a in hand for b in hand] == pytest.approx(before)
    forearm = np.subtract(moved["left_wrist"], moved["left_elbow"]), at("left_wrist") - at("left_elbow")
    finger = [np.subtract(end[hand[8]], end[hand[0]]) for end in (moved, {name: at(name) for name in hand})]
    turns = [np.arctan2(a[1], a[0]) - np.arctan2(b[1], b[0]) for a, b in (forearm, finger)]
    assert np.cos(turns[0] - turns[1]) == pytest.approx(1)


def test_a_fingertip_bends_its_finger(page):
    names = [f"left_hand_index_{i}" for i in (1, 2, 3, 4)]
    target = (at(names[0]) + at(names[3])) / 2 + [0.2, 0]
    moved = dragged(page, names[3], target)
    assert set(moved) == set(names[1:]) and moved[names[3]] == pytest.approx(target, abs=0.01)
    after = [at(names[0]), *(moved[name] for name in names[1:])]
    bones = [apart(a, b) for a, b in zip(after[:-1], after[1:], strict=True)]
    assert bones == pytest.approx([apart(at(a), at(b)) for a, b in zip(names[:-1], names[1:], strict=True)], abs=1e-6)


def test_without_lock_and_bend_a_joint_moves_alone(page):
    assert set(dragged(page, "left_elbow", (150, 90), lock=False, bend=False)) == {"left_elbow"}
    swung = dragged(page, "left_elbow", (150, 60), bend=False)
    assert apart(swung["left_elbow"], at("left_shoulder")) == pytest.approx(
        apart(at("left_elbow"), at("left_shoulder"))
    )
    assert "left_hand_ring_2" in swung and "left_shoulder" not in swung
    head = dragged(page, "nose", (110, 40))
    assert head["face_30"] == pytest.approx(at("face_30") + [10, 0]) and len(head) == 5 + 68
