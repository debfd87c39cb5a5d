"""Where workflows are opened: two versions of ComfyUI's page, each with the classic canvas and with Nodes 2.0."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, TimeoutError

from tests.host.public import FUN, SMALL, TEXT_NODES, VCTRL, listed_files
from tools.browser import bypass, open_comfy, press_run, set_values
from tools.client import Client
from tools.host import ROOT, Host

OWN, NEWEST = "own", "newest"
CLASSIC, VUE = "classic", "vue"
VUE_NODES, WORDS_FROM = "Comfy.VueNodes.Enabled", "LiteGraph.Canvas.MinFontSizeForLOD"
"""Settings of the page; words smaller than the second are left out, which is of no use on pictures."""
FEW: dict[str, dict[str, dict[str, Any]]] = {
    "animate-a-picture": {"HumanDiTSample": dict(frames=9, segment_frames=9, steps=2)},
    "bring-a-still-to-life": {
        "HumanDiTGenerateMotion": dict(seconds=1.0, steps=2),
        "HumanDiTSample": dict(segment_frames=9, steps=1),
    },
    "dance-transfer-refined": {
        "HumanDiTRefineMotion": dict(steps=1),
        "HumanDiTSample": dict(frames=9, segment_frames=9, steps=2),
    },
    "long-video": {"HumanDiTSample": dict(frames=33, segment_frames=17, steps=1)},
    "ksampler-route": {"HumanDiTCondition": dict(frames=9), "KSampler": dict(steps=2)},
    "pose-toolkit": {},
    **SMALL,
}
"""Values that make a workflow short: its name -> type of node -> widget -> value."""
DRAFT = dict(width=128, height=128, frames=9)
"""The same for the draft that stands in most of them."""
FIT = """() => window.app.extensionManager.command.execute("Comfy.Canvas.FitView")"""
NOTHING = {"1": {"class_type": "PreviewAny", "inputs": {"source": "nothing"}}}
"""The least a server can be asked for."""
MOVES = 1500
"""Milliseconds in which the view has come to rest."""
PLAYS = """() => window.app.graph._nodes.filter(node => node.type === "SaveVideo").every(node => {
    const file = window.app.nodeOutputs[node.id]?.images?.[0]
    return file && [...document.querySelectorAll("video")].some(video =>
        video.src.includes(encodeURIComponent(file.filename)) && video.readyState >= 2 && video.duration > 0
            && video.videoWidth > 0)
})"""


@dataclass(frozen=True)
class Place:
    """One page: which frontend, which canvas, and what went wrong on it.

    Attributes:
        client: talks to the page's server.
        seed: another one on every canvas of a server, or films would go on from each other's.
    """

    page: Page
    client: Client
    frontend: str
    canvas: str
    seed: int
    errors: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.frontend}-{self.canvas}"


@contextlib.contextmanager
def opened(browser: Browser, host: Host, frontend: str, canvas: str, made: Path) -> Iterator[Place]:
    """The page in that state, with tiny files in the place of the public weights; ``made`` is an empty folder."""
    errors: list[str] = []
    with set_canvas(host, canvas), listed_files(host.base / "models", made):
        page = open_comfy(browser, host.url, errors=errors)
        page.set_default_timeout(60_000)
        yield Place(page, Client(host.url), frontend, canvas, 1 + (canvas == VUE), errors)
        page.close()


@contextlib.contextmanager
def set_canvas(host: Host, canvas: str) -> Iterator[None]:
    """Pages that are opened while it lasts have that canvas."""
    client = Client(host.url)
    client.post("/settings", {VUE_NODES: canvas == VUE, WORDS_FROM: 0})
    yield
    client.post("/settings", {VUE_NODES: False})


def own_version() -> str:
    """Of the pages that belong to the host."""
    return version("comfyui_frontend_package")


def forget(place: Place) -> None:
    """The server forgets what earlier workflows have left in its memory: every node runs, and shows what it made.

    A server that is busy when it is told, be it with the first half of the same message, only forgets after its next
    prompt: here is one.
    """
    place.client.post("/free", {"unload_models": True, "free_memory": True})
    place.client.run(NOTHING)


def make_short(place: Place, workflow: str) -> None:
    """Few frames and steps, and no text encoder, in the workflow that is open."""
    values = {
        kind: {**widgets, "seed": place.seed} if "steps" in widgets else widgets
        for kind, widgets in {"HumanDiTDraft": DRAFT, **FEW[workflow]}.items()
    }
    set_values(place.page, values)
    if workflow in (FUN, VCTRL):
        bypass(place.page, TEXT_NODES)


def run(place: Place, workflow: str) -> dict[str, Any]:
    """Presses Run, waits for the end and for playing films, and keeps a picture; returns the end's event."""
    place.page.evaluate(FIT)  # a film beside the window is not loaded; and nodes that grow while the view moves, move
    place.page.wait_for_timeout(MOVES)
    started = time.monotonic()
    end = press_run(place.page)
    seconds = round(time.monotonic() - started, 1)
    if end["kind"] == "execution_success":
        with contextlib.suppress(TimeoutError):
            place.page.wait_for_function(PLAYS)
    picture_of(place.page, place.name, workflow)
    line = {"frontend": place.frontend, "canvas": place.canvas, "workflow": workflow, "end": end["kind"]}
    with (pictures() / "runs.jsonl").open("a", encoding="utf-8") as report:
        report.write(json.dumps({**line, "seconds": seconds, "errors": place.errors}) + "\n")
    return end


def picture_of(page: Page, place: str, name: str) -> None:
    """A picture of the page is kept as ``place/name.png``."""
    (pictures() / place).mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(pictures() / place / f"{name}.png"))


def pictures() -> Path:
    """Where pictures of the page are kept: ``HUMANDIT_SCREENSHOTS``, else ``out/screenshots``."""
    return Path(os.environ.get("HUMANDIT_SCREENSHOTS") or ROOT / "out" / "screenshots")
