"""What a workflow is as data: nodes, links, notes and groups, with their places on the canvas."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Graph:
    """One bundled workflow.

    Attributes:
        name: file name without ending, and what the template browser shows.
        id: UUID of the workflow, never changed.
        nodes: what :func:`node` and :func:`note` make.
        groups: frames around nodes: "title", "bounding" [x, y, width, height], "color".
        view: where the canvas looks when the workflow opens: "scale" and "offset".
        files: weights that a user has to fetch, as "folder/file" under ComfyUI's ``models``.
    """

    name: str
    id: str
    nodes: tuple[dict[str, Any], ...]
    groups: tuple[dict[str, Any], ...] = ()
    view: dict[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()


def node(number: int, kind: str, place: tuple[int, int], size: tuple[int, int], **more: Any) -> dict[str, Any]:
    """One node: ``links`` name an input and where it comes from (node, output); ``values`` are widget values."""
    return {"id": number, "type": kind, "pos": list(place), "size": list(size), **more}


def note(number: int, title: str, place: tuple[int, int], size: tuple[int, int], text: str) -> dict[str, Any]:
    return node(number, "MarkdownNote", place, size, title=title, text=text)


def list_files(graph: Graph, models: Path) -> None:
    """Empty files in the place of the weights, so that a server lists them as if they had been fetched."""
    for file in graph.files:
        (models / file).parent.mkdir(parents=True, exist_ok=True)
        (models / file).touch()


def group(title: str, place: tuple[int, int], size: tuple[int, int], color: str) -> dict[str, Any]:
    return {"title": title, "bounding": [*place, *size], "color": color}
