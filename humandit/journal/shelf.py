"""Where journals stand: one folder per job, old ones cleared away."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from torch import Tensor

from ..types import Segment
from .book import Journal, Say, unwritten
from .lock import Busy, held
from .prints import fingerprint
from .record import records, sweep, whole

LOCK = "lock"
JOB = "job.json"
"""What the job is: a print of each of its parts. Its age is that of the last start."""
KEEP_DAYS = 14
"""Journals that nobody went on with for so long are cleared away."""
MOST_BYTES = 10_000_000_000
"""Of all journals together; beyond it the oldest go. An hour of film at 768 x 768."""
NOTHING = (
    "No segment of this very film is kept: it is made from its beginning. Going on needs the same picture, motion, "
    "weights, settings and version."
)
Film = TypeVar("Film")


@dataclass(frozen=True)
class Shelf:
    """A folder of journals.

    Attributes:
        folder: may not exist yet.
        say: takes sentences for the artist.
        how: the sentence that says how to go on with a film that was interrupted.
        resumes: take finished segments of the same job; else they are made again.
        asked: somebody asked for that and wants to hear when there are none.
        writes: False for helping processes that make the same film beside the one that writes.
    """

    folder: Path
    say: Say
    how: str = ""
    resumes: bool = True
    asked: bool = False
    writes: bool = True

    @contextmanager
    def opened(self, parts: Mapping[str, Any], total: int) -> Iterator[Journal]:
        """The journal of the job that consists of ``parts``, for nobody else while the block runs.

        Args:
            parts: everything that can change a frame, by name.
            total: segments of the film.

        Raises:
            Busy: another process makes the same film right now.
        """
        prints = {name: fingerprint(part) for name, part in parts.items()}
        folder = self.folder / fingerprint(prints)[:24]
        with contextlib.ExitStack() as stack:
            yield self._journal(folder, prints, total, stack)

    def _journal(self, folder: Path, prints: dict[str, str], total: int, stack: contextlib.ExitStack) -> Journal:
        if not self.writes:
            return Journal(folder if folder.is_dir() else None, total, lambda text: None, self.resumes, writes=False)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(held(folder / LOCK, "This very film"))
        except OSError as problem:
            self.say(unwritten(self.folder, problem, "its segments"))
            return Journal(None, total, self.say)
        with contextlib.suppress(OSError):  # on a full disk too the film goes on
            sweep(folder)
            describe(folder, total, prints)
            self.clear(lambda journal: False)
        journal = Journal(folder, total, self.say, self.resumes)
        if self.asked and not journal.kept:
            self.say(NOTHING)
        return journal

    def clear_finished(self) -> None:
        """Clear away journals with all their segments, once the film itself is safe; and the folder, if it is empty."""
        self.clear(is_finished)
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def clear(self, unwanted: Callable[[Path], bool]) -> None:
        """Clear away journals that are ``unwanted``, too old or too many; none that is in use."""
        kept, now = 0, time.time()
        for folder in sorted(filter(is_journal, self.folder.glob("*")), key=last_used, reverse=True):
            with contextlib.suppress(OSError):  # another process was faster
                kept += sum(path.stat().st_size for path in records(folder).values())
                if unwanted(folder) or now - last_used(folder) > KEEP_DAYS * 86400 or kept > MOST_BYTES:
                    remove(folder)


def remembered(
    shelf: Shelf | None,
    parts: Callable[[], Mapping[str, Any]],
    segments: Sequence[Segment],
    denoise: Callable[..., Tensor],
    film: Callable[[Callable[..., Tensor]], Iterator[Film]],
) -> Generator[Film, None, None]:
    """``film(denoise)``, with finished segments kept on the shelf and taken from there.

    Without a shelf, and for a single segment, nothing is kept, and ``parts`` is not asked what the job is.
    """
    if shelf is None or len(segments) < 2:
        yield from film(denoise)
        return
    with shelf.opened(parts(), len(segments)) as journal:
        try:
            yield from film(journal.remembering(denoise))
        except BaseException:
            if journal.kept:
                journal.say(f"{journal.kept} of {journal.total} segments are kept. {shelf.how}".rstrip())
            raise


def describe(folder: Path, total: int, prints: dict[str, str]) -> None:
    """Write what the job is, or that it is still of use."""
    if is_journal(folder):
        os.utime(folder / JOB)
        return
    with whole(folder / JOB) as handle:
        handle.write(json.dumps({"segments": total, "prints": prints}, indent=1).encode())


def is_journal(folder: Path) -> bool:
    return (folder / JOB).is_file()


def last_used(folder: Path) -> float:
    """Seconds since 1970."""
    try:
        return (folder / JOB).stat().st_mtime
    except FileNotFoundError:  # cleared away by another process
        return 0.0


def is_finished(folder: Path) -> bool:
    """Whether a journal has all segments of its film; no, where it does not say how many those are."""
    try:
        return len(records(folder)) >= json.loads((folder / JOB).read_bytes())["segments"]
    except (ValueError, KeyError, TypeError):
        return False


def remove(folder: Path) -> None:
    """Remove a journal, unless somebody is using it."""
    with contextlib.suppress(Busy, OSError):
        with held(folder / LOCK, folder.name, patience=0):
            for path in folder.iterdir():
                if path.name != LOCK:
                    path.unlink()
        shutil.rmtree(folder)
