"""The next step's examples, gathered in a thread while the device works on this one's."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from .sources import Moment

T = TypeVar("T")


class Ahead(Generic[T]):
    """What ``gather`` gives for a moment; usually it lies there already. Results are the same without it.

    Args:
        gather: reads files and uses the processor, never the device; must not depend on the moment's progress.
        following: the moment of a step.
    """

    def __init__(self, gather: Callable[[Moment], T], following: Callable[[int], Moment]) -> None:
        self.gather, self.following = gather, following
        self.thread = ThreadPoolExecutor(1)
        self.waiting: tuple[Moment, Future[T]] | None = None

    def take(self, now: Moment) -> T:
        """What belongs to ``now``, whose generator then stands where gathering left it."""
        found = self._waited_for(now)
        found = self.gather(now) if found is None else found
        then = self.following(now.step + 1)
        self.waiting = then, self.thread.submit(self.gather, then)
        return found

    def _waited_for(self, now: Moment) -> T | None:
        if self.waiting is None or self.waiting[0].step != now.step:
            return None
        then, future = self.waiting
        found = future.result()
        now.rng.bit_generator.state = then.rng.bit_generator.state
        return found
