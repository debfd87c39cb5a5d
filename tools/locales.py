"""The nodes' words: ``locales/en/nodeDefs.json`` is written from the nodes themselves, the others are translations.

``python -m tools.locales`` writes the English one; ``python -m tools.locales --check`` says what the others lack, and
which of their texts belong to an English one that has changed since.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

from tools.client import Client
from tools.host import ROOT, running_host

LOCALES = ROOT / "locales"
LANGUAGES = ("zh", "ja")
SOURCES = LOCALES / "sources.json"
"""What was translated: language -> place of a text -> mark of the English text."""
Words = dict[str, Any]


def words_of(info: dict[str, Any]) -> Words:
    """Names and explanations of our nodes, from what the server says of them, in ComfyUI's form."""
    ours = {name: node for name, node in sorted(info.items()) if name.startswith("HumanDiT")}
    return {name: _node(node) for name, node in ours.items()}


def _node(node: dict[str, Any]) -> Words:
    inputs = {key: spec for kind in ("required", "optional") for key, spec in node["input"].get(kind, {}).items()}
    tips = node.get("output_tooltips") or [None] * len(node["output_name"])
    return {
        "display_name": node["display_name"],
        "description": node["description"],
        "inputs": {key: _told(key, spec[1].get("tooltip") if len(spec) > 1 else None) for key, spec in inputs.items()},
        "outputs": {
            str(slot): _told(name, tip) for slot, (name, tip) in enumerate(zip(node["output_name"], tips, strict=True))
        },
    }


def _told(name: str, tip: str | None) -> Words:
    return {"name": name, **({"tooltip": tip} if tip else {})}


def texts(words: Words, place: str = "") -> dict[str, str]:
    """Every text by its place, "Node/inputs/width/tooltip"; names of inputs and outputs may stay English."""
    found = {}
    for key, value in words.items():
        here = f"{place}/{key}" if place else key
        found |= texts(value, here) if isinstance(value, dict) else {here: value}
    return found


def mark(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:10]


def read(language: str) -> Words:
    path = LOCALES / language / "nodeDefs.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def write(path: Path, words: Words) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(words, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def problems(english: Words) -> list[str]:
    """What is missing, left over or out of date in the translations."""
    wanted = {place: mark(text) for place, text in texts(english).items() if not place.endswith("/name")}
    marks = json.loads(SOURCES.read_text(encoding="utf-8")) if SOURCES.is_file() else {}
    found = []
    for language in LANGUAGES:
        told, known = texts(read(language)), marks.get(language, {})
        found += [f"{language}: {place} is missing" for place in wanted if place not in told]
        found += [f"{language}: {place} is of no node" for place in told if place not in texts(english)]
        old = [place for place in wanted if place in told and known.get(place) != wanted[place]]
        found += [f"{language}: {place} translates an older text" for place in old]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what the translations lack")
    parser.add_argument("--translated", choices=LANGUAGES, help="take this language's texts for up to date")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_host(Path(folder)) as host:
        english = words_of(Client(host.url).get("/object_info"))
    if args.translated:
        marks = json.loads(SOURCES.read_text(encoding="utf-8")) if SOURCES.is_file() else {}
        done = {place: mark(text) for place, text in texts(english).items() if not place.endswith("/name")}
        write(SOURCES, {**marks, args.translated: done})
    elif not args.check:
        write(LOCALES / "en" / "nodeDefs.json", english)
    found = problems(english)
    print("\n".join(found) or "the translations are complete")
    raise SystemExit(bool(found) and args.check)


if __name__ == "__main__":
    main()
