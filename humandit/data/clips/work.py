"""One film from file to finished clips, in a folder that appears whole or not at all; a bad film is but logged."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ...errors import HumanDiTError, MissingDependency, NoPersonFound
from ...pose.track import track
from .examine import Verdict, examine
from .film import open_film
from .film_log import NAME, FilmLog
from .regions import scored_frames
from .rules import Broken
from .settings import Settings
from .shots import Stretch, stretches
from .subjects import subjects
from .tools import Tools, load_tools

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""The operating system's words for a disk that takes no more."""


@dataclass(frozen=True)
class Film:
    """One file to work on: ``number`` in the sorted list of films, its ``name`` below the source folder."""

    number: int
    name: str


@dataclass(frozen=True)
class Job:
    """What a worker needs to know, and nothing that cannot be sent to another machine.

    Attributes:
        source: folder of the films. out: folder of the build. settings: of the build.
    """

    source: Path
    out: Path
    settings: Settings

    @property
    def films(self) -> Path:
        """Folder of finished films."""
        return self.out / "films"

    def folder(self, film: Film) -> Path:
        return self.films / f"{film.number:06d}"

    def done(self, film: Film) -> bool:
        return (self.folder(film) / NAME).is_file()


class Worker:
    """Works on one film after the other; loads its parts once, when the first film comes."""

    def __init__(self, job: Job) -> None:
        self.job = job

    @cached_property
    def tools(self) -> Tools:
        return load_tools(self.job.settings)

    def __call__(self, film: Film) -> str | None:
        """Work on a film. None, or the reason why the whole build has to stop."""
        folder = self.job.folder(film)
        part = folder.with_name(f".{folder.name}.{os.getpid()}")
        try:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            log = FilmLog(film.name, film.number, part, self.tools.names)
            self._work(film, log)
            log.save()
            part.replace(folder)
        except MissingDependency as problem:
            return str(problem)
        except OSError as problem:
            if not disk_full(problem):
                raise
            return full(self.job.out, problem)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return None

    def _work(self, film: Film, log: FilmLog) -> None:
        """Everything of one film; whatever is wrong with it ends up in its log."""
        path, settings = self.job.source / film.name, self.job.settings
        try:
            stream = open_film(path, settings.fastest, settings.side)
            log.opened(path, stream)
            for stretch in stretches(stream.frames, stream.timing.fps, settings.longest):
                self._stretch(stretch, stream.timing.fps, log)
        except Exception as problem:  # one bad film never stops the others
            if isinstance(problem, MissingDependency) or disk_full(problem):
                raise
            log.problem(problem)

    def _stretch(self, stretch: Stretch, fps: float, log: FilmLog) -> None:
        frames, rules = stretch.frames, self.job.settings.rules
        if stretch.after_cut:
            log.cut(stretch)
        try:
            people = track(self.tools.detector, frames, fps)
        except NoPersonFound:
            nobody = Broken(rules[0], 0)
            log.judged(stretch, None, Verdict({"person": 0.0, "frames": float(len(frames))}, (nobody,), None), frames)
            return
        for subject in subjects(people, self._crowd(frames)):
            cut = subject.crop.cut(frames[subject.start : subject.stop])
            log.judged(stretch, subject, examine(cut, subject, self.tools, rules), cut)

    def _crowd(self, frames: np.ndarray) -> np.ndarray | None:
        """[T, N, 4] boxes of the person net in every fifth frame, or None without one."""
        if self.tools.persons is None:
            return None
        found = {t: self.tools.persons(frames[t])[:, :4] for t in scored_frames(len(frames))}
        boxes = np.full((len(frames), max(len(b) for b in found.values()) or 1, 4), np.nan)
        for t, rows in found.items():
            boxes[t, : len(rows)] = rows
        return boxes


def given_up(job: Job, film: Film, reason: str) -> None:
    """A finished folder of a film that nobody can work on."""
    folder = job.folder(film)
    folder.mkdir(parents=True, exist_ok=True)
    log = FilmLog(film.name, film.number, folder, {})
    log.problem(HumanDiTError(f"{film.name} is left out: {reason}."))
    log.save()


def disk_full(problem: BaseException) -> bool:
    return isinstance(problem, OSError) and problem.errno in FULL


def full(out: Path, problem: OSError) -> str:
    """What to say when the disk takes no more."""
    return (
        f"There is no more room in {out} ({problem.strerror}). Make room and run the same command again: what is "
        "finished stays."
    )
