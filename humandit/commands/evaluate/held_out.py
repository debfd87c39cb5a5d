"""A model on held-out synthetic clips, beside its rivals."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...errors import HumanDiTError
from .kept import Kept, made_from
from .rivals import NAMES, WHAT, Field
from .tools import device_of, open_tools, say, told

if TYPE_CHECKING:
    import numpy as np

    from ...metrics.evaluate import Tools, TrueClip

FPS = 12.5
Films = dict[str, list["np.ndarray"]]


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Evaluate a model; the dictionary is the command's result."""
    from .outputs import Evaluation, write_outputs

    if args.clips < 2:
        raise HumanDiTError(f"Poses are swapped between clips, so at least 2 are needed, got {args.clips}. Use 64.")
    if args.segments < 1:
        raise HumanDiTError(f"A clip has at least 1 segment, got {args.segments}. Use 2 to see drift.")
    start, device = time.perf_counter(), device_of(args)
    kept = Kept(args.keep, made_from(args))
    tools = open_tools(args)
    field = _field(args, device)
    clips = _clips(args)
    films = make_films(clips, field, args.rivals, kept)
    result, scores = score_films(films, clips, field, tools, args.seed)
    sampling = field.sampling_of(field.models)
    settings = {
        "model_file": args.sources[0],
        "against_file": args.against,
        "frames": args.frames,
        "segments_per_clip": args.segments,
        "size": args.size,
        "continuity": args.continuity,
        "steps": sampling.steps,
        "guidance": sampling.guidance,
        "seed": args.seed,
        **told(tools, args),
    }
    result = {**result, **settings, "seconds": round(time.perf_counter() - start, 1)}
    if args.out:
        names = {"model": f"{args.sources[0]}: {sampling.steps} steps, guidance {sampling.guidance:g}", **WHAT}
        segments = segments_of(len(clips[0].frames) - 1, field.frames - 1)
        found = Evaluation(result, scores, films, clips, names, FPS, segments)
        result["outputs"] = write_outputs(args.out, found)
    return result


def _field(args: argparse.Namespace, device: str) -> Field:
    """The model and the one it is compared with, opened."""
    from ...pipeline import Models
    from ...weights.load import load_model, load_vae

    vae = load_vae(args.vae or "mini", device=device)
    models, against = Models(load_model(args.sources[0], device=device), vae), None
    if args.against:
        other = load_vae(args.against_vae, device=device) if args.against_vae else vae
        against = Models(load_model(args.against, device=device), other)
    chain = (args.frames, args.segments, args.seed, args.batch, args.continuity)
    return Field(models, against, *chain, args.steps, args.guidance)


def make_films(
    clips: Sequence[TrueClip], field: Field, rivals: Sequence[str] = NAMES, kept: Kept | None = None
) -> Films:
    """Films of the model and of every rival, in the table's order; those that are ``kept`` are not made again."""
    kept = kept or Kept(None, {})
    films: Films = {}
    for name in ("model", *(rival for rival in NAMES if rival in rivals)):
        made = kept.films(name, lambda name=name: field.films(name, clips))
        if made is None:
            continue
        films[name] = []
        for film in made:
            films[name].append(film)
            say(f"{name}: {len(films[name])} of {len(clips)} clips")
    return films


def score_films(
    films: Mapping[str, Sequence[np.ndarray]], clips: Sequence[TrueClip], field: Field, tools: Tools, seed: int = 0
) -> tuple[dict[str, Any], Any]:
    """The table, and every film's own scores; with the autoencoder against its linear part."""
    import numpy as np

    from ...metrics import rivals
    from ...metrics.evaluate import judged, table
    from ...metrics.image import psnr

    scores = judged(films, clips, tools, lambda done: say(f"scored {done} of {len(clips)} clips"))
    result: dict[str, Any] = table(scores, segments_of(len(clips[0].frames) - 1, field.frames - 1), seed)
    linear = rivals.through_pca(clips, field.models.vae, field.device)
    pca = None if linear is None else np.mean([psnr(f, c.frames[1:]) for f, c in zip(linear, clips, strict=True)])
    if "vae_only" in result:
        result["vae"] = {"psnr": result["vae_only"]["psnr"], "pca_psnr": None if pca is None else float(pca)}
    return result, scores


def segments_of(frames: int, new: int) -> list[slice]:
    """Frames of every segment that brings ``new`` ones, the last as short as it is."""
    return [slice(start, min(start + new, frames)) for start in range(0, frames, new)]


def _clips(args: argparse.Namespace) -> list[TrueClip]:
    from ...data.synthetic import render_clip
    from ...types import VideoShape

    shape = VideoShape(args.frames, args.size, args.size)
    frames = args.segments * (shape.frames - 1) + 1
    clips = []
    for i in range(args.clips):
        clips.append(render_clip(args.seed + i, "heldout", frames, shape.width, FPS))
        say(f"rendered {i + 1} of {args.clips} clips")
    return clips
