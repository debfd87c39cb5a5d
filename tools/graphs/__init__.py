"""The bundled workflows, one file each."""

from __future__ import annotations

from tools.graph import Graph

from .animate_a_picture import GRAPH as ANIMATE
from .bring_a_still_to_life import GRAPH as STILL
from .dance_transfer_refined import GRAPH as REFINED
from .fun_pose import GRAPH as FUN
from .ksampler_route import GRAPH as KSAMPLER
from .long_video import GRAPH as LONG
from .pose_toolkit import GRAPH as TOOLKIT
from .vctrl_picture_pose import GRAPH as VCTRL

GRAPHS: tuple[Graph, ...] = (ANIMATE, STILL, REFINED, LONG, KSAMPLER, TOOLKIT, FUN, VCTRL)
"""In the order in which they are built and tested; the template browser sorts by name."""
