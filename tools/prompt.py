"""The bundled workflows in ComfyUI's API form, and changes to them. Nothing is edited in place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools.host import ROOT

WORKFLOWS = ROOT / "workflows"
Prompt = dict[str, dict[str, Any]]


def api_path(name: str) -> Path:
    return WORKFLOWS / "api" / f"{name}.json"


def bundled(name: str = "animate-a-picture") -> Prompt:
    return json.loads(api_path(name).read_text(encoding="utf-8"))


def nodes_of(prompt: Prompt, kind: str) -> list[str]:
    """Ids of all nodes of a type."""
    return [key for key, node in prompt.items() if node["class_type"] == kind]


def node_of(prompt: Prompt, kind: str) -> str:
    """Id of the first node of a type."""
    return nodes_of(prompt, kind)[0]


def with_own_files(prompt: Prompt, picture: str, film: str) -> Prompt:
    """The workflow with Load Image and Load Video in place of the bundled example."""
    example = node_of(prompt, "HumanDiTExample")
    loaders: Prompt = {
        "100": {"class_type": "LoadImage", "inputs": {"image": picture}},
        "101": {"class_type": "LoadVideo", "inputs": {"file": film}},
        "102": {"class_type": "GetVideoComponents", "inputs": {"video": ["101", 0]}},
    }
    stand_ins = {(example, 0): ["100", 0], (example, 1): ["102", 0], (example, 2): ["102", 2]}
    rest = {key: node for key, node in prompt.items() if key != example}
    return loaders | {key: _relinked(node, stand_ins) for key, node in rest.items()}


def _relinked(node: dict[str, Any], stand_ins: dict[tuple[str, int], list[Any]]) -> dict[str, Any]:
    inputs = {
        name: stand_ins.get(tuple(value), value) if isinstance(value, list) else value
        for name, value in node["inputs"].items()
    }
    return {**node, "inputs": inputs}


def with_values(prompt: Prompt, kind: str, **values: Any) -> Prompt:
    """The workflow with other widget values on every node of a type."""
    return {
        key: {**node, "inputs": {**node["inputs"], **values}} if node["class_type"] == kind else node
        for key, node in prompt.items()
    }
