"""What happens to one film: its clips, kept and rejected, with their figures and a strip of pictures each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import HumanDiTError
from .clip import strip, write_clip
from .examine import Verdict
from .film import Stream
from .shots import Stretch
from .subjects import Subject

NAME = "film.json"
"""File of the log; a folder with it is finished."""


class FilmLog:
    """Writes into the ``folder`` of one film as its clips come."""

    def __init__(self, film: str, number: int, folder: Path, scored_by: Mapping[str, str]) -> None:
        self.film, self.number, self.folder, self.scored_by = film, number, folder, dict(scored_by)
        self.clips: list[dict[str, Any]] = []
        self.cuts: list[float] = []
        self.about: dict[str, Any] = {}
        self.error: str | None = None

    def opened(self, path: Path, stream: Stream) -> None:
        """The film can be read."""
        timing = stream.timing
        self.about = {
            "bytes": path.stat().st_size, "sha256": _digest(path), "fps": timing.fps, "steady": timing.steady,
            "seconds": round(float(timing.times[-1]) + 1 / timing.fps, 3), "shrunk": round(stream.shrunk, 5),
        }  # fmt: skip

    def cut(self, stretch: Stretch) -> None:
        """A shot begins."""
        self.cuts.append(round(stretch.start / self.about["fps"], 3))

    def problem(self, problem: Exception) -> None:
        """The film cannot be read, or not to its end."""
        known = isinstance(problem, HumanDiTError)
        self.error = str(problem) if known else f"{type(problem).__name__}: {problem}"

    def judged(self, stretch: Stretch, subject: Subject | None, verdict: Verdict, frames: np.ndarray) -> None:
        """A clip, or what might have become one: frames [T, H, W, 3]; ``subject`` None where nobody is."""
        kept = subject is not None and verdict.labels is not None
        count = sum(clip["kept"] == kept for clip in self.clips)
        key = f"{self.number:06d}_{count:03d}" if kept else f"{self.number:06d}_r{count:03d}"
        about = {"key": key, **self._place(stretch, subject), "figures": dict(verdict.figures)}
        if kept:
            self._write(key, subject, verdict, frames, about)
        wrong = {b.rule.name: {"figure": round(b.figure, 4), "limit": b.rule.limit} for b in verdict.broken}
        words = [str(b) for b in verdict.broken]
        (self.folder / f"{key}.jpg").write_bytes(strip(frames))
        self.clips.append({**about, "kept": kept, "broken": wrong, "words": words})

    def save(self) -> None:
        """The log itself; after it, the film is done."""
        (self.folder / NAME).write_text(json.dumps(self._values(), indent=1), encoding="utf-8")

    def _write(self, key: str, subject: Any, verdict: Verdict, frames: np.ndarray, about: dict[str, Any]) -> None:
        poses, crop = subject.poses, subject.crop
        told = {
            **about, "film": self.film, "scored_by": self.scored_by, "source": self.about, "fps": poses.fps,
            "frames": len(poses), "width": crop.width, "height": crop.height, "skeleton": poses.skeleton,
        }  # fmt: skip
        assert verdict.labels is not None
        write_clip(self.folder / key, frames, poses, verdict.labels, told)

    def _place(self, stretch: Stretch, subject: Subject | None) -> dict[str, Any]:
        """Where in the film: seconds, and pixels of the film as it was read."""
        start, stop = (0, len(stretch.frames)) if subject is None else (subject.start, subject.stop)
        seconds = [round((stretch.start + t) / self.about["fps"], 3) for t in (start, stop)]
        who = {} if subject is None else {"person": subject.person, "crop": vars(subject.crop)}
        return {"start_seconds": seconds[0], "end_seconds": seconds[1], **who}

    def _values(self) -> dict[str, Any]:
        told = {"film": self.film, "number": self.number, "error": self.error, "source": self.about}
        return {**told, "cuts": self.cuts, "scored_by": self.scored_by, "clips": self.clips}


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()
