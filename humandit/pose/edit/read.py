"""The text that the editor wrote, checked word by word: workflows are shared, and people write such text by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ...errors import InvalidPose
from ...types import Canvas
from .. import skeleton as coco
from ..checks import kind, short, side, speed
from ..keypoint_people import FURTHEST
from ..sequence import SKELETONS
from .document import KINDS, SCHEMA, Added, Edits, Key, Span
from .parts import known

LONGEST = 1_000_000
"""Frames; a film or a blend beyond this is no film."""
FIELDS = {
    "": ("schema", "skeleton", "frames", "fps", "canvas", "people", "keys", "spans", "added", "removed"),
    "key": ("person", "frame", "before", "after", "moved", "placed"),
    "span": ("person", "kind", "first", "last", "joints"),
    "added person": ("copy", "shift"),
}


def read(text: str) -> Edits | None:
    """The edits in ``text``; None where it is empty.

    Raises:
        InvalidPose: no JSON, another version, unknown joints, numbers that are none or lie outside the film.
    """
    if not text.strip():
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidPose(f"The edits are not JSON ({short(str(error))}). Let the editor write them.") from error
    return from_dict(data)


def from_dict(data: Any) -> Edits:
    """The edits in a document that is already parsed."""
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        found = data.get("schema") if isinstance(data, dict) else kind(data)
        raise InvalidPose(
            f"Expected edits of version {SCHEMA!r}, found {short(found)}. A newer version needs a newer pack."
        )
    _only(data, "")
    frames = _whole(data.get("frames"), "frames", 1, LONGEST)
    people = _whole(data.get("people", 1), "people", 1, LONGEST)
    added = tuple(_added(one, people) for one in _list(data, "added"))
    everybody = people + len(added)
    edits = Edits(
        frames=frames,
        canvas=_canvas(data.get("canvas")),
        fps=speed(data.get("fps")),
        people=people,
        skeleton=_skeleton(data.get("skeleton")),
        keys=tuple(_key(one, frames, everybody) for one in _list(data, "keys")),
        spans=tuple(_span(one, frames, everybody) for one in _list(data, "spans")),
        added=added,
        removed=tuple(_whole(one, "a removed person", 0, everybody - 1) for one in _list(data, "removed")),
    )
    if len({(key.person, key.frame) for key in edits.keys}) < len(edits.keys):
        raise InvalidPose("The edits hold two keys for one person and frame. Join them into one.")
    return edits


def _key(data: Any, frames: int, people: int) -> Key:
    _only(data, "key")
    return Key(
        person=_whole(data.get("person"), "the person of a key", 0, people - 1),
        frame=_whole(data.get("frame"), "the frame of a key", 0, frames - 1),
        before=_whole(data.get("before", 0), "the blend of a key", 0, LONGEST),
        after=_whole(data.get("after", 0), "the blend of a key", 0, LONGEST),
        moved=_places(data.get("moved", {}), "moved"),
        placed=_places(data.get("placed", {}), "placed"),
    )


def _span(data: Any, frames: int, people: int) -> Span:
    _only(data, "span")
    if data.get("kind") not in KINDS:
        raise InvalidPose(f"A span is one of {', '.join(KINDS)}, found {short(data.get('kind'))}.")
    first = _whole(data.get("first"), "the first frame of a span", 0, frames - 1)
    last = _whole(data.get("last"), "the last frame of a span", first, frames - 1)
    joints = _list(data, "joints", ["all"])
    for word in joints:
        _joint(word, known(word) if isinstance(word, str) else False)
    person = _whole(data.get("person"), "the person of a span", 0, people - 1)
    return Span(person, data["kind"], first, last, tuple(joints))


def _added(data: Any, people: int) -> Added:
    _only(data, "added person")
    return Added(_whole(data.get("copy"), "the person to copy", 0, people - 1), _place(data.get("shift"), "shift"))


def _places(data: Any, what: str) -> dict[int, tuple[float, float]]:
    if not isinstance(data, dict):
        raise InvalidPose(f"'{what}' of a key names joints and their pixels, found {kind(data)}.")
    for name in data:
        _joint(name, name in coco.INDEX)
    return {coco.INDEX[name]: _place(place, name) for name, place in data.items()}


def _place(value: Any, name: str) -> tuple[float, float]:
    """(x, y) in pixels."""
    good = isinstance(value, list | tuple) and len(value) == 2
    if not good or not all(_number(one) and abs(one) < FURTHEST for one in value):
        raise InvalidPose(f"{short(name)} needs two finite numbers of pixels [x, y], found {short(value)}.")
    return float(value[0]), float(value[1])


def _joint(name: Any, there: bool) -> None:
    if not there:
        raise InvalidPose(f"There is no joint {short(name)}. Names are COCO-WholeBody's, such as 'left_wrist'.")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any, what: str, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InvalidPose(
            f"{what[0].upper()}{what[1:]} must be a whole number from {low} to {high}, got {short(value)}."
        )
    return value


def _list(data: dict, name: str, default: Sequence[Any] = ()) -> Sequence[Any]:
    value = data.get(name, default)
    if not isinstance(value, list | tuple):
        raise InvalidPose(f"'{name}' of the edits must be a list, found {kind(value)}.")
    return value


def _only(data: Any, what: str) -> None:
    """Refuse what is no dictionary, and fields of a later version, which would silently do nothing."""
    if not isinstance(data, dict):
        raise InvalidPose(f"Each {what} of the edits must be a dictionary, found {kind(data)}.")
    unknown = [name for name in data if name not in FIELDS[what]]
    if unknown:
        raise InvalidPose(f"The edits hold {short(unknown[0])}, which {SCHEMA} does not know. Is the pack up to date?")


def _canvas(size: Any) -> Canvas:
    if not isinstance(size, dict):
        raise InvalidPose(f"The edits name no canvas: expected width and height, found {kind(size)}.")
    return Canvas(side(size.get("width"), "The film of the edits"), side(size.get("height"), "The film of the edits"))


def _skeleton(name: Any) -> str:
    if not isinstance(name, str) or name not in SKELETONS:
        raise InvalidPose(f"The edits are of the skeleton {short(name)}; known are {', '.join(SKELETONS)}.")
    return name
