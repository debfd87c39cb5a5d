"""Edits as the JSON text that a workflow keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .. import skeleton as coco
from .document import SCHEMA, Edits, Key


def write(edits: Edits) -> str:
    """One line of JSON; the empty text where nothing is edited."""
    return json.dumps(as_dict(edits), separators=(",", ":")) if edits.anything else ""


def as_dict(edits: Edits) -> dict[str, Any]:
    """The document; lists that are empty are left out."""
    lists = {
        "keys": [_key(key) for key in edits.keys],
        "spans": [vars(span) | {"joints": list(span.joints)} for span in edits.spans],
        "added": [{"copy": one.copy, "shift": list(one.shift)} for one in edits.added],
        "removed": list(edits.removed),
    }
    return {
        "schema": SCHEMA,
        "skeleton": edits.skeleton,
        "frames": edits.frames,
        "fps": edits.fps,
        "canvas": {"width": edits.canvas.width, "height": edits.canvas.height},
        "people": edits.people,
        **{name: values for name, values in lists.items() if values},
    }


def _key(key: Key) -> dict[str, Any]:
    head = {"person": key.person, "frame": key.frame, "before": key.before, "after": key.after}
    joints = {"moved": _places(key.moved), "placed": _places(key.placed)}
    return head | {name: values for name, values in joints.items() if values}


def _places(places: Mapping[int, tuple[float, float]]) -> dict[str, list[float]]:
    return {coco.KEYPOINTS[joint]: list(place) for joint, place in places.items()}
