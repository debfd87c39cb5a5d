"""``python -m tools.schema FILE``: what the server says of all its nodes (/object_info), for checkers of workflows.

The weights that workflows ask their users to fetch are listed as if they were there. An input that takes several types
("A,B" in ComfyUI) is written as "*": comfy-lint knows one type or any.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools.client import Client
from tools.graph import list_files
from tools.graphs import GRAPHS
from tools.host import running_host


def simple(info: dict[str, Any]) -> dict[str, Any]:
    """The nodes with one type per input."""
    return {name: {**node, "input": {k: _inputs(v) for k, v in node["input"].items()}} for name, node in info.items()}


def _inputs(inputs: Any) -> Any:
    if not isinstance(inputs, dict):
        return inputs
    several = lambda spec: isinstance(spec[0], str) and "," in spec[0]  # noqa: E731
    return {name: ["*", *spec[1:]] if several(spec) else spec for name, spec in inputs.items()}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for graph in GRAPHS:
            list_files(graph, Path(folder) / "models")
        with running_host(Path(folder)) as host:
            info = Client(host.url).get("/object_info")
    Path(sys.argv[1]).write_text(json.dumps(simple(info)), encoding="utf-8")


if __name__ == "__main__":
    main()
