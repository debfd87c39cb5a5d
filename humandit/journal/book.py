"""The journal of one job: which segments are finished, and the denoiser that takes them from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..types import Segment
from .record import Damaged, Record, read, records, write

Say = Callable[[str], None]
"""One sentence for the artist."""
NEAR = 1e-3
"""Share of the power by which a prefix may differ from the one that a kept segment started from. Zero on a CPU; a
graphics card may round otherwise from run to run, and no eye sees that."""


@dataclass
class Journal:
    """Finished segments of one job, in a folder that nobody else writes to.

    Attributes:
        folder: of the files, or None where nothing can be kept.
        total: segments of the film.
        say: told when the film goes on somewhere, and what could not be read or written.
        resumes: whether kept segments are taken; else they are made again and replaced.
        writes: whether new ones are kept.
    """

    folder: Path | None
    total: int
    say: Say
    resumes: bool = True
    writes: bool = True
    _files: dict[int, Path] = field(init=False)
    _taken: int = field(init=False, default=0)
    _told: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self._files = {} if self.folder is None else records(self.folder)
        if self._files and not self.resumes:
            self.say(f"{self.kept} of {self.total} segments are there from an earlier run; they are made again.")

    @property
    def kept(self) -> int:
        """How many segments there are."""
        return len(self._files)

    def remembering(self, denoise: Callable[..., Tensor]) -> Callable[..., Tensor]:
        """``denoise(segment, prefix, ...)`` that is asked only for segments that are not kept, and keeps them."""

        def remembered(segment: Segment, prefix: Tensor, *given: Any) -> Tensor:
            latents = self.recall(segment, prefix)
            if latents is None:
                latents = denoise(segment, prefix, *given)
                self.keep(segment, prefix, latents)
            return latents

        return remembered

    def recall(self, segment: Segment, prefix: Tensor) -> Tensor | None:
        """Latents of a segment that is kept and started from that prefix, on the prefix's device; None to make it."""
        latents = self._read(segment, prefix) if self.resumes and segment.index in self._files else None
        if latents is not None:
            self._taken += 1
            if self._taken == self.total:
                self.say(f"All {self.total} segments were made before: nothing was left to do.")
        elif self._taken:
            self._say_once("resumed", f"Resumed at segment {segment.index + 1} of {self.total}.")
        return latents

    def keep(self, segment: Segment, prefix: Tensor, latents: Tensor) -> None:
        """Keep a finished segment; numbers that are not finite are not. A film goes on where that fails."""
        if self.folder is None or not self.writes or not torch.isfinite(latents).all():
            return
        try:
            path = write(self.folder, segment.index, Record(prefix, latents))
        except OSError as problem:
            self._say_once("unwritten", unwritten(self.folder, problem, f"segments from {segment.index + 1} on"))
            return
        old = self._files.get(segment.index)
        self._files[segment.index] = path
        if old is not None and old != path:
            old.unlink(missing_ok=True)

    def _read(self, segment: Segment, prefix: Tensor) -> Tensor | None:
        try:
            record = read(self._files[segment.index])
        except Damaged as problem:
            self.say(f"Segment {segment.index + 1} is made again: {problem.args[0]}")
            return None
        if not near(record.prefix.to(prefix), prefix):
            self.say(f"Segment {segment.index + 1} is made again: it was begun from another frame.")
            return None
        return record.latents.to(prefix.device)

    def _say_once(self, kind: str, text: str) -> None:
        if kind not in self._told:
            self._told.add(kind)
            self.say(text)


def near(kept: Tensor, prefix: Tensor) -> bool:
    """Whether two prefix latents are the same but for rounding."""
    if kept.shape != prefix.shape:
        return False
    return bool((kept - prefix).float().square().mean() <= NEAR * prefix.float().square().mean())


def unwritten(folder: Path, problem: OSError, what: str) -> str:
    """What to say when the journal cannot be written."""
    reason = problem.strerror or str(problem)
    return f"The film is made, but {what} cannot be kept for a restart in {folder}: {reason}. Free some space there."
