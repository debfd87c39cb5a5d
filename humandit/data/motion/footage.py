"""Somebody's own films as training motion: poses found once and kept as pose files, beside pose files as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np

from ...errors import HumanDiTError, InvalidMedia, NoPersonFound
from ...media.read import read_film
from ...pose.detect import Detector, load_detector
from ...pose.formats import load_any, save_json
from ...pose.sequence import PoseSequence
from ...pose.track import track

FILMS = (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi", ".gif", ".webp")
POSES = (".json",)
ANIMATIONS = (".gif", ".webp")
"""Read as a whole; the other films stream through, however long they are."""
MOST_FRAMES = 15_000
"""Frames of a film that are looked at: ten minutes at 25 fps."""
TOLD = 3
"""Problems that an error names."""

Say = Callable[[str], None]


def collect(folder: Path, kept: Path, say: Say) -> list[Path]:
    """Pose files of everything in ``folder``, which itself stays untouched.

    Args:
        folder: films and pose files of any kind that :mod:`...pose.formats` reads; other files are passed by.
        kept: folder of the results, ``NAME.json`` in our own format. A result that is newer than its film is used
            again.
        say: told what happens to every file.

    Returns:
        One pose file per file that shows somebody: of several people the largest of a film, the strongest of a file.

    Raises:
        HumanDiTError: no such folder or no film in it. NoPersonFound: nothing of it can be read, or it shows nobody.
    """
    found, problems, detector = [], [], cache(load_detector)
    for source in _sources(folder):
        result = kept / f"{source.name}.json"
        try:
            if not result.exists() or result.stat().st_mtime < source.stat().st_mtime:
                say(f"looking for somebody in {source.name}")
                save_json(_poses(source, detector), result)
            found.append(result)
        except HumanDiTError as problem:
            problems.append(f"{source.name}: {problem}")
            say(f"{source.name} is left out: {problem}")
    if not found:
        raise NoPersonFound(
            f"Expected films or pose files of a person in {folder}, got nothing from the {len(problems)} there. "
            + " ".join(problems[:TOLD])
        )
    return found


def _sources(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise HumanDiTError(f"Expected a folder of films and pose files at {folder}, found none. Check the path.")
    sources = sorted(path for path in folder.iterdir() if path.suffix.lower() in FILMS + POSES and path.is_file())
    if not sources:
        raise HumanDiTError(
            f"{folder} holds nothing to learn from. Expected films ({', '.join(FILMS)}) or pose files (.json) in it."
        )
    return sources


def _poses(source: Path, detector: Callable[[], Detector]) -> PoseSequence:
    if source.suffix.lower() in POSES:
        poses = load_any(source)
    else:
        poses = track(detector(), _frames(source), read_film(source, 2).fps, most=1)[0].poses
    if not poses.visible.any():
        raise NoPersonFound(f"{source.name} shows no joint of anybody.")
    return poses


def _frames(source: Path) -> Iterator[np.ndarray]:
    """[H, W, 3] uint8 RGB each."""
    if source.suffix.lower() in ANIMATIONS:
        yield from read_film(source, MOST_FRAMES).frames
        return
    import av

    try:
        with av.open(str(source)) as container:
            for frame in islice(container.decode(video=0), MOST_FRAMES):
                yield np.rot90(frame.to_ndarray(format="rgb24"), round((getattr(frame, "rotation", 0) or 0) / 90))
    except av.FFmpegError as problem:
        raise InvalidMedia(f"{source.name} is damaged ({problem}). Convert it to MP4 again.") from problem
