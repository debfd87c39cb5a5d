"""The host's side of a film that is made in segments: bar, journal, preview of what is finished, and the IMAGE."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from . import host, host_journal
from .film_shown import playing
from .host_memory import free_memory

if TYPE_CHECKING:
    from ..humandit.types import Canvas, Segment
    from ..humandit.video.segments import Denoise, Finished


@dataclass(frozen=True, eq=False)
class Reel:
    """A film to be filled.

    Attributes:
        segments: all of them.
        frames: new frames that they bring together.
        steps: of each.
        fps: at which it plays.
        node_id: the running node, or None.
        advance: moves a bar over the steps of all segments; ``advance(done, preview)``.
    """

    segments: Sequence[Segment]
    frames: int
    steps: int
    fps: float
    node_id: str | None
    advance: Callable[..., None]

    @classmethod
    def of(cls, segments: Sequence[Segment], frames: int, steps: int, fps: float, node_id: str | None) -> Reel:
        """A reel with a bar of its own."""
        return cls(segments, frames, steps, fps, node_id, host.progress(len(segments) * steps))

    def shot(
        self,
        job: Callable[[], Mapping[str, Any]],
        denoise: Denoise,
        film: Callable[[Denoise], Iterator[Finished]],
    ) -> tuple[torch.Tensor, list[str]]:
        """IMAGE [frames, H, W, 3], and what the artist was told meanwhile.

        Finished segments are kept: the same job, queued again after whatever ended it, goes on behind them.

        Args:
            job: everything that can change a frame, by name.
            denoise: makes the latents of one segment.
            film: the chain, which still wants its denoiser.
        """
        from ..humandit.journal import remembered

        told: list[str] = []

        def say(text: str) -> None:
            told.append(text)
            host.show_text("\n".join(told), self.node_id)

        play = playing(self.node_id, len(self.segments), self.fps)

        def show(part: Finished) -> None:
            self.advance((part.segment.index + 1) * self.steps)
            play(part)

        parts = remembered(host_journal.shelf(say), job, self.segments, denoise, film)
        with closing(parts):  # or its journal stays locked for as long as somebody keeps an error
            return gathered(parts, self.frames, self.segments[0].shape.canvas, show), told


def gathered(
    parts: Iterable[Finished], frames: int, canvas: Canvas, show: Callable[[Finished], None] = lambda part: None
) -> torch.Tensor:
    """All segments as one IMAGE. Its memory is taken once and filled: joined at the end it would be taken twice.

    Raises:
        HumanDiTError: it would not fit into the memory that is free; said before anything is made.
    """
    need_room(frames, canvas)
    film, done = torch.empty(frames, canvas.height, canvas.width, 3), 0
    for part in parts:
        film[done : done + len(part.frames)] = part.frames
        done += len(part.frames)
        show(part)
        del part  # or it is kept while the next one is made
    return film


def need_room(frames: int, canvas: Canvas) -> None:
    """Refuse a film that is too long for one IMAGE."""
    from ..humandit.errors import HumanDiTError

    needed, free = frames * canvas.height * canvas.width * 3 * 4, free_memory()[2]
    if needed > free:
        raise HumanDiTError(
            f"{frames} frames at {canvas} take {needed / 1e9:.1f} GB of memory as one IMAGE, and {free / 1e9:.1f} GB "
            "are free. Make fewer frames at a time, or use `python -m humandit animate`: it writes them as they come."
        )
