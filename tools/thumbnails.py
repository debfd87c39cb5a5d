"""Make the pictures that the template browser shows: every workflow is run as it is, and its film looked at.

``python -m tools.thumbnails [--only NAME]`` writes ``workflows/NAME.jpg``; film and contact sheet go to ``--out``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from humandit.media.frames import fit_frames
from humandit.media.read import Film, read_film, read_image
from humandit.media.sheet import contact_sheet
from humandit.media.write import write_image
from humandit.types import Canvas
from tools.client import Client, Run
from tools.demo import Progress, fetch_pose_nets, make_thumbnail
from tools.fetch import EXAMPLES
from tools.graphs import GRAPHS
from tools.host import ROOT, running_host
from tools.prompt import WORKFLOWS, Prompt, bundled, node_of, nodes_of

PREVIEW, DRIVING = "PreviewImage", "Driving poses"
"""Preview nodes, and the title of the one that shows what the film follows; every workflow has one."""
PATIENCE = 3600.0
"""Seconds for one workflow; a minute is usual."""


def finished(client: Client, prompt: Prompt) -> Run:
    progress = Progress(prompt)
    run = client.run(prompt, progress, timeout=PATIENCE)
    progress.close()
    if run.end != "execution_success" or run.refused:
        raise SystemExit(f"The workflow failed: {run.refused or run.error or run.end}")
    return run


def shown(client: Client, run: Run, node: str, scratch: Path) -> np.ndarray:
    """Pictures [T, H, W, 3] under a preview node."""
    pictures = []
    for index, file in enumerate(run.outputs[node]["images"]):
        path = scratch / f"{node}-{index}.png"
        path.write_bytes(client.view(file))
        pictures.append(read_image(path))
    return np.stack(pictures)


def make(client: Client, name: str, out: Path, scratch: Path) -> Film:
    """Run one workflow; write its film, a contact sheet of all it shows, and its thumbnail."""
    prompt = bundled(name)
    run = finished(client, prompt)
    video = out / f"{name}.mp4"
    video.write_bytes(client.view(run.outputs[node_of(prompt, "SaveVideo")]["images"][0]))
    film = read_film(video)
    previews = {
        prompt[key]["_meta"]["title"]: shown(client, run, key, scratch)[: len(film)]
        for key in nodes_of(prompt, PREVIEW)
    }
    picture = read_image(EXAMPLES / prompt[node_of(prompt, "HumanDiTExample")]["inputs"]["picture"])
    square = Canvas(film.frames.shape[2], film.frames.shape[1])
    rows = {"reference picture": fit_frames(picture[None], square), **previews, "result": film.frames}
    write_image(out / f"{name}.png", contact_sheet(rows, columns=9, cell=192))
    make_thumbnail(WORKFLOWS / f"{name}.jpg", picture, previews[DRIVING], film)
    return film


def make_drawn(client: Client, name: str, scratch: Path) -> int:
    """Thumbnail of a workflow whose weights are too large to be run here: the picture, if it takes one, and moments of
    the poses that its film would follow. Returns how many poses there are."""
    prompt = bundled(name)
    preview = next(key for key in nodes_of(prompt, PREVIEW) if prompt[key]["_meta"]["title"] == DRIVING)
    poses = shown(client, finished(client, with_what_it_needs(prompt, preview)), preview, scratch)
    picture = read_image(EXAMPLES / prompt[node_of(prompt, "HumanDiTExample")]["inputs"]["picture"])
    first = [picture] if nodes_of(prompt, "HumanDiTAdaptPose") else [poses[0]]
    moments = [*first, *(poses[i * (len(poses) - 1) // 3] for i in (1, 2, 3))]
    cells = [fit_frames(moment, Canvas(256, 256)) for moment in moments]
    write_image(WORKFLOWS / f"{name}.jpg", np.concatenate([np.concatenate(cells[i : i + 2], 1) for i in (0, 2)]))
    return len(poses)


def with_what_it_needs(prompt: Prompt, node: str) -> Prompt:
    """``node`` and all nodes before it."""
    before = [value[0] for value in prompt[node]["inputs"].values() if isinstance(value, list)]
    parts = [with_what_it_needs(prompt, origin) for origin in before]
    return {key: value for part in parts for key, value in part.items()} | {node: prompt[node]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=[graph.name for graph in GRAPHS], help="this one (default: all)")
    parser.add_argument("--out", type=Path, default=ROOT / "out", help="folder for films and contact sheets")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    fetch_pose_nets()
    with tempfile.TemporaryDirectory() as scratch, running_host(Path(scratch) / "comfyui") as host:
        for graph in [graph for graph in GRAPHS if args.only in (None, graph.name)]:
            name, started = graph.name, time.monotonic()
            if graph.files:
                print(f"{name}: {make_drawn(Client(host.url), name, Path(scratch))} poses.")
                continue
            film = make(Client(host.url), name, args.out, Path(scratch))
            print(f"{name}: {len(film)} frames at {film.fps:g} fps in {time.monotonic() - started:.0f} s.")


if __name__ == "__main__":
    main()
