"""Films spread over processes of this machine, or by Ray Data over a cluster. Who works on what changes no result."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from ...errors import MissingDependency
from .work import Film, Job, Worker, given_up

LOCAL = "local"
"""Address of a cluster that Ray starts on this machine and ends with the command."""

_worker: Worker | None = None


def spread(
    job: Job, films: Sequence[Film], workers: int, address: str | None = None
) -> Iterator[tuple[Film, str | None]]:
    """Every film as soon as it is done, with the reason to stop if there is one.

    Args:
        workers: films that are worked on at a time.
        address: of a Ray cluster, "auto" for the one this machine is part of, "local" for a new one here; None uses
            processes of this machine and needs no Ray.
    """
    if not films:
        return iter(())
    if address is not None:
        return _by_ray(job, films, workers, address)
    if workers == 1:
        worker = Worker(job)
        return ((film, worker(film)) for film in films)
    return _by_processes(job, films, workers)


def _by_processes(job: Job, films: Sequence[Film], workers: int) -> Iterator[tuple[Film, str | None]]:
    """A process that dies takes along only the film it worked on."""
    waiting = list(films)
    while waiting:
        with _pool(job, min(workers, len(waiting))) as pool:
            running = {pool.submit(_run, film): film for film in waiting}
            try:
                for future in as_completed(running):
                    film, stop = future.result()
                    waiting.remove(film)
                    yield film, stop
            except BrokenProcessPool:
                suspects, waiting = waiting[:workers], waiting[workers:]
                yield from ((film, _alone(job, film)) for film in suspects)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)


def _alone(job: Job, film: Film) -> str | None:
    """Work on a film that may have killed its process; if it does so again, its log says so."""
    try:
        with _pool(job, 1) as pool:
            return pool.submit(_run, film).result()[1]
    except BrokenProcessPool:
        return given_up(job, film, "the process that worked on it died (out of memory, or a broken decoder)")


def _pool(job: Job, workers: int) -> ProcessPoolExecutor:
    # Nets own threads, which do not survive a fork: spawn.
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _enter, (job,))


def _enter(job: Job) -> None:
    global _worker
    _worker = Worker(job)


def _run(film: Film) -> tuple[Film, str | None]:
    assert _worker is not None
    return film, _worker(film)


def _by_ray(job: Job, films: Sequence[Film], workers: int, address: str) -> Iterator[tuple[Film, str | None]]:
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingDependency(
            f'--address needs Ray, got: {error}. Run: pip install "ray[data]" (without --address no Ray is needed)'
        ) from error
    ours = not ray.is_initialized()
    if ours:
        here: dict[str, Any] = {"num_cpus": workers} if address == LOCAL else {}
        ray.init(address, include_dashboard=False, log_to_driver=False, logging_level="ERROR", **here)
    try:
        ray.data.DataContext.get_current().enable_progress_bars = False
        rows = [{"number": film.number, "name": film.name} for film in films]
        table = ray.data.from_items(rows, override_num_blocks=len(rows))
        done = table.map(
            RayWorker, fn_constructor_args=(job,), compute=ray.data.ActorPoolStrategy(size=min(workers, len(rows))),
            num_cpus=1,
        )  # fmt: skip
        for row in done.iter_rows():
            yield Film(int(row["number"]), str(row["name"])), str(row["stop"]) or None
    finally:
        if ours:
            ray.shutdown()


class RayWorker:
    """A :class:`Worker` as Ray Data calls one: a row in, a row out."""

    def __init__(self, job: Job) -> None:
        self._work = Worker(job)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        stop = self._work(Film(int(row["number"]), str(row["name"])))
        return {**row, "stop": stop or ""}
