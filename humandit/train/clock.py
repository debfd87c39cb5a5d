"""Minutes of a run over all its stretches: when it is over, and when a checkpoint is due."""

from __future__ import annotations

import time
from typing import Protocol, runtime_checkable


@runtime_checkable
class Timed(Protocol):
    """The numbers of a recipe that the clock reads, minutes; see :mod:`.recipe`."""

    @property
    def minutes(self) -> float: ...

    @property
    def stretch(self) -> float | None: ...

    @property
    def save_minutes(self) -> float: ...


class Clock:
    """Runs from the moment it is made; ``before`` are the minutes of earlier stretches."""

    def __init__(self, timing: Timed, before: float) -> None:
        self.timing, self.before = timing, before
        self.started = self.kept = time.monotonic()

    @property
    def spent(self) -> float:
        """Minutes over all stretches."""
        return self.before + (time.monotonic() - self.started) / 60

    @property
    def stretched(self) -> bool:
        """Whether this stretch of the run has had its time."""
        stretch = self.timing.stretch
        return stretch is not None and time.monotonic() - self.started > stretch * 60

    @property
    def over(self) -> bool:
        """Whether the run or this stretch of it has had its time."""
        return self.stretched or self.spent >= self.timing.minutes

    @property
    def due(self) -> bool:
        """Whether a checkpoint is."""
        return time.monotonic() - self.kept > self.timing.save_minutes * 60

    def saved(self) -> None:
        """A checkpoint was made."""
        self.kept = time.monotonic()
