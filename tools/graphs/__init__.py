"""The bundled workflows, one file each."""

from __future__ import annotations

from tools.graph import Graph

from .animate_a_picture import GRAPH as ANIMATE

GRAPHS: tuple[Graph, ...] = (ANIMATE,)
"""In the order in which they are built and tested; the template browser sorts by name."""
