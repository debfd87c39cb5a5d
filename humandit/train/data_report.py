"""What a run was trained on, in a few figures: they travel in the metadata of its weights."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from ..data.clips.run import LOG, PLAN, taken_by
from ..errors import HumanDiTError


def data_report(folder: Path) -> dict[str, Any]:
    """Counts, seconds, rules and who scored, of a folder of shards; {} where nothing tells.

    Names of films stay out: weights are handed on, and names can tell about people.
    """
    return _filmed(folder) if (folder / PLAN).is_file() else _rendered(folder)


def _filmed(folder: Path) -> dict[str, Any]:
    """Of ``data build``, from what it leaves beside its shards."""
    plan, log = _read(folder / PLAN), folder / LOG
    told = {"made_by": "data build", "films": len(plan["films"]), "settings": _settings(plan["settings"])}
    if not log.is_file():
        return {**told, "scored_by": plan["made_by"]}
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    clips = [line for line in lines if "kept" in line]
    kept = [clip for clip in clips if clip["kept"]]
    return {
        **told,
        "unreadable": len({line["film"] for line in lines if "kept" not in line}),
        "clips": len(kept),
        "seconds": round(sum(clip["end_seconds"] - clip["start_seconds"] for clip in kept), 1),
        "rejected": len(clips) - len(kept),
        "rejected_by": taken_by(clips),
        "scored_by": plan["made_by"],
    }


def _rendered(folder: Path) -> dict[str, Any]:
    """Of ``data synthetic``, whose shards say in their names what they are."""
    shards = Counter(path.name.partition("-")[0] for path in folder.glob("*-*.npz"))
    return {"made_by": "data synthetic", "shards": dict(sorted(shards.items()))} if shards else {}


def _settings(settings: dict[str, Any]) -> dict[str, Any]:
    """What was asked for; of paths their last part."""
    return {name: Path(value).name if _is_path(value) else value for name, value in settings.items()}


def _is_path(value: object) -> bool:
    return isinstance(value, str) and ("/" in value or "\\" in value)


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise HumanDiTError(
            f"{path} is damaged ({problem}). Build the shards again, or take the file away."
        ) from problem
