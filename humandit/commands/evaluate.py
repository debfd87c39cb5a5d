"""``humandit evaluate``: score a video model on held-out synthetic clips against its rivals."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import HumanDiTError

if TYPE_CHECKING:
    import numpy as np

    from ..metrics.evaluate import TrueClip
    from ..pipeline import Models

STEPS, GUIDANCE = 20, 1.5
"""Always these, so that results compare."""
FPS = 12.5
SHEETS = 8
"""Clips that are drawn with ``--out``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("model", help="a bundled name (mini) or a .safetensors file")
    parser.add_argument("--vae", help="the autoencoder; default: the bundled one of the same name, else mini")
    parser.add_argument("--clips", type=int, default=32, help="held-out clips, 2 or more; default: %(default)s")
    parser.add_argument("--frames", type=int, default=17, help="frames per clip, 8k+1; default: %(default)s")
    parser.add_argument("--size", type=int, default=128, help="side of the clips in pixels; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of the noise and the first clip; default: %(default)s")
    parser.add_argument("--batch", type=int, default=8, help="clips denoised together; default: %(default)s")
    parser.add_argument("--device", help="default: cuda if there is one, else cpu")
    parser.add_argument("--detector", default="mediapipe", help='finds keypoints again; "none" leaves pck at 0')
    parser.add_argument("--nets", type=Path, metavar="FOLDER", help="where the detector's nets lie")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="draw the first clips as contact sheets there")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Evaluate; the dictionary is the command's result."""
    import torch

    from ..pipeline import Models
    from ..pose.detect import load_detector
    from ..weights.load import load_model, load_vae

    if args.clips < 2:
        raise HumanDiTError(f"Poses are swapped between clips, so at least 2 are needed, got {args.clips}. Use 32.")
    start = time.perf_counter()
    device = args.device or ("cuda" if torch.cuda.is_available() else "cpu")
    vae = load_vae(args.vae or "mini", device=device)
    models = Models(load_model(args.model, device=device), vae)
    detector = None if args.detector == "none" else load_detector(args.detector, args.nets)
    clips = _clips(args)
    films = make_films(clips, models, args.seed, args.batch)
    result = score_films(films, clips, models, detector)
    if args.out:
        result["sheets"] = draw_sheets(args.out, clips, films)
    settings = {"frames": args.frames, "size": args.size, "steps": STEPS, "guidance": GUIDANCE, "seed": args.seed}
    return {**result, **settings, "device": str(device), "seconds": round(time.perf_counter() - start, 1)}


def make_films(clips: Sequence[TrueClip], models: Models, seed: int, batch: int) -> dict[str, list[np.ndarray]]:
    """Every rival's films."""
    from ..metrics import rivals
    from ..video.sample import Sampling

    sampling = Sampling(steps=STEPS, guidance=GUIDANCE, seed=seed)
    device = next(models.dit.parameters()).device
    conditions = {
        "model": [clip.poses for clip in clips],
        "shuffled_pose": rivals.shuffled(clips),
        "no_pose": None,
    }
    films = {
        "repeat_reference": rivals.repeat_reference(clips),
        "vae_only": rivals.through_vae(clips, models.vae, device),
        "ground_truth": rivals.ground_truth(clips),
    }
    for name, poses in conditions.items():
        films[name] = []
        for film in rivals.sampled(clips, models, sampling, poses, batch):
            films[name].append(film)
            _say(f"{name}: {len(films[name])} of {len(clips)} clips")
    return films


def score_films(
    films: Mapping[str, Sequence[np.ndarray]], clips: Sequence[TrueClip], models: Models, detector: Any
) -> dict[str, Any]:
    """Scores, rounded, with the autoencoder against its linear part."""
    import numpy as np

    from ..metrics import rivals
    from ..metrics.evaluate import compare
    from ..metrics.image import psnr

    _say("scoring")
    result: dict[str, Any] = dict(compare(films, clips, detector))
    linear = rivals.through_pca(clips, models.vae, next(models.dit.parameters()).device)
    pca = None if linear is None else np.mean([psnr(f, c.frames[1:]) for f, c in zip(linear, clips, strict=True)])
    result["vae"] = {"psnr": result["vae_only"]["psnr"], "pca_psnr": None if pca is None else float(pca)}
    return _rounded(result)


def draw_sheets(folder: Path, clips: Sequence[TrueClip], films: Mapping[str, Sequence[np.ndarray]]) -> list[str]:
    """One contact sheet per clip, of the first few: reference, truth, poses, results."""
    from PIL import Image

    from ..media.sheet import contact_sheet
    from ..pose.draw import draw
    from ..types import Canvas

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for i, clip in enumerate(clips[:SHEETS]):
        large = Canvas(4 * clip.frames.shape[2], 4 * clip.frames.shape[1])
        rows = {"reference": clip.frames[:1].repeat(len(clip.frames) - 1, 0), "truth": clip.frames[1:]}
        rows["pose"] = draw(clip.poses[slice(1, None)], large)
        rows |= {name: films[name][i] for name in ("model", "shuffled_pose", "no_pose", "vae_only")}
        path = folder / f"clip-{i:02d}.png"
        Image.fromarray(contact_sheet(rows)).save(path)
        paths.append(str(path))
    return paths


def _clips(args: argparse.Namespace) -> list[TrueClip]:
    from ..data.synthetic import render_clip
    from ..types import VideoShape

    shape = VideoShape(args.frames, args.size, args.size)
    clips = []
    for i in range(args.clips):
        clips.append(render_clip(args.seed + i, "heldout", shape.frames, shape.width, FPS))
        _say(f"rendered {i + 1} of {args.clips} clips")
    return clips


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
