"""The bundled workflows, one file each."""

from __future__ import annotations

from tools.graph import Graph

from .animate_a_picture import GRAPH as ANIMATE
from .bring_a_still_to_life import GRAPH as STILL
from .dance_transfer_refined import GRAPH as REFINED

GRAPHS: tuple[Graph, ...] = (ANIMATE, STILL, REFINED)
"""In the order in which they are built and tested; the template browser sorts by name."""
