"""The demo: a ComfyUI server, the bundled workflow, a picture and a real film; out come an MP4 and a contact sheet.

``python -m tools.demo [--picture P] [--film F] [--frames N] [--out FOLDER]``
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from humandit.media.frames import fit_frames
from humandit.media.read import Film, read_film, read_image
from humandit.media.sheet import contact_sheet
from humandit.media.write import write_image, write_mp4
from humandit.types import Canvas
from tools.client import Client, Event, HostError, Run
from tools.fetch import example_picture
from tools.fetch import film as real_film
from tools.host import ROOT, running_host
from tools.prompt import Prompt, bundled, node_of, nodes_of, with_own_files, with_values


class Progress:
    """Says which node runs and how far it is: one line that changes on a terminal, sparse lines in a log."""

    def __init__(self, prompt: Prompt) -> None:
        self.titles = {k: n.get("_meta", {}).get("title") or n["class_type"] for k, n in prompt.items()}
        self.last, self.live = "", sys.stdout.isatty()

    def __call__(self, event: Event) -> None:
        if event.kind != "progress_state":
            return
        for key, state in event.data["nodes"].items():
            if state["state"] == "running":
                self.say(self.titles.get(key, key), int(state["value"]), int(state["max"]), event.seconds)

    def say(self, title: str, value: int, total: int, seconds: float) -> None:
        share = value / max(total, 1)
        step = f"{title} {value}" if self.live else f"{title} {math.floor(share * 4)}"
        if step == self.last:
            return
        self.last, bar = step, "#" * round(share * 24)
        text = f"{seconds:6.1f} s  {title:<26.26} "
        text += f"[{bar:<24}] {value}/{total}" if total > 1 else " " * 34
        print(f"\r{text}" if self.live else text, end="" if self.live else "\n", flush=True)

    def close(self) -> None:
        if self.live:
            print()


def needed_film(path: Path, frames: int, fps: float) -> Film:
    """The start of the film that ``frames`` frames at ``fps`` will show."""
    film = read_film(path)
    return Film(film.frames[: math.ceil(frames / fps * film.fps) + 1], film.fps)


def fetch_result(client: Client, run: Run, prompt: Prompt, folder: Path) -> tuple[Path, Path, np.ndarray]:
    """The finished MP4, the draft's, and the driving poses [T, H, W, 3], all over /view."""
    films = []
    for node, name in zip(nodes_of(prompt, "SaveVideo"), ("humandit-demo", "humandit-draft"), strict=True):
        films.append(folder / f"{name}.mp4")
        films[-1].write_bytes(client.view(run.outputs[node]["images"][0]))
    poses = []
    for index, file in enumerate(run.outputs[node_of(prompt, "PreviewImage")]["images"]):
        path = folder / f".pose-{index}.png"
        path.write_bytes(client.view(file))
        poses.append(read_image(path))
        path.unlink()
    return films[0], films[1], np.stack(poses)


def make_sheet(path: Path, picture: np.ndarray, film: Film, poses: np.ndarray, draft: Film, result: Film) -> Path:
    """Reference, film, driving poses, draft and result under each other, at the same moments."""
    square = Canvas(result.frames.shape[2], result.frames.shape[1])
    rows = {
        "reference picture": fit_frames(picture[None], square),
        "driving film": film.frames,
        "driving poses, adapted to the reference": poses,
        "draft": draft.frames[: len(result)],
        "result": result.frames,
    }
    write_image(path, contact_sheet(rows, columns=9, cell=192))
    return path


def fetch_pose_nets() -> None:
    from humandit.pose.detect.nets import fetch_nets

    print(f"Pose nets: {fetch_nets()}")


def make_thumbnail(path: Path, picture: np.ndarray, poses: np.ndarray, result: Film) -> None:
    """What the template browser shows: picture and pose above, two moments of the result below."""
    cell, third = Canvas(256, 256), len(result) // 3
    moment = min(third * len(poses) // len(result), len(poses) - 1)
    cells = [fit_frames(f, cell) for f in (picture, poses[moment], result.frames[third], result.frames[2 * third])]
    write_image(path, np.concatenate([np.concatenate(cells[:2], 1), np.concatenate(cells[2:], 1)]))


def prepare(client: Client, args: argparse.Namespace, film: Film, scratch: Path) -> Prompt:
    """Upload picture and film, and put their names into the bundled workflow."""
    clip = scratch / "film.mp4"
    write_mp4(clip, film.frames, film.fps)
    prompt = with_own_files(bundled(), client.upload(args.picture), client.upload(clip, "humandit-film.mp4"))
    return with_values(with_values(prompt, "HumanDiTSample", frames=args.frames), "HumanDiTDraft", frames=args.frames)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, default=example_picture(), help="the person to animate")
    parser.add_argument("--film", type=Path, help="the film whose motion is taken (default: a dance)")
    parser.add_argument("--frames", type=int, default=48, help="frames to make, 12.5 a second (default: 48)")
    parser.add_argument("--thumbnail", type=Path, help="also make the picture for the template browser here")
    parser.add_argument("--out", type=Path, default=ROOT / "out", help="folder for the MP4 and the contact sheet")
    return parser.parse_args()


def main() -> int:
    args, started = arguments(), time.monotonic()
    args.out.mkdir(parents=True, exist_ok=True)
    fetch_pose_nets()
    film = needed_film(args.film or real_film("doll.webp"), args.frames, 12.5)
    with tempfile.TemporaryDirectory() as scratch, running_host(Path(scratch) / "comfyui") as host:
        print(f"ComfyUI answers at {host.url} after {host.start_seconds:.1f} s.")
        client = Client(host.url)
        try:
            prompt = prepare(client, args, film, Path(scratch))
            progress = Progress(prompt)
            run = client.run(prompt, progress)
            progress.close()
        except HostError as error:
            print(f"ComfyUI refused the workflow: {error.messages or error}", file=sys.stderr)
            return 1
        if run.end != "execution_success" or run.refused:
            print(f"The workflow failed: {run.refused or run.error or run.end}\n{host.tail()}", file=sys.stderr)
            return 1
        video, draft, poses = fetch_result(client, run, prompt, args.out.resolve())
    result = read_film(video)
    picture = read_image(args.picture)
    sheet = make_sheet(video.with_suffix(".png"), picture, film, poses, read_film(draft), result)
    if args.thumbnail:
        make_thumbnail(args.thumbnail, picture, poses, result)
    print(f"{len(result)} frames at {result.fps:g} fps in {time.monotonic() - started:.0f} s.")
    print(f"Film:          {video}\nDraft:         {draft}\nContact sheet: {sheet}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
