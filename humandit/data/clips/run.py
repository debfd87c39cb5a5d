"""The whole build: films in, shards and a report out. Run again, it goes on where it stopped."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ...errors import HumanDiTError
from ...media.write import whole_file
from .report import write_report
from .settings import Settings
from .shards import pack, read_log
from .spread import spread
from .tools import load_tools
from .work import Film, Job, disk_full, full

FILMS = (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".ts", ".wmv", ".gif", ".webp", ".apng")
PLAN, LOG, REPORT = "build.json", "log.jsonl", "report.html"
"""What a build leaves beside its shards: what it was asked for, a line per clip, and the report."""

Say = Callable[[str], None]


def build(
    source: Path, out: Path, settings: Settings, say: Say, workers: int = 1, address: str | None = None
) -> dict[str, Any]:
    """Shards of everything in ``source`` that meets the rules.

    Args:
        source: a film, or a folder of films and folders.
        out: folder of the build; one that exists is continued if it was asked for the same.
        say: told about every film as it is done.
        workers, address: as :func:`.spread.spread` takes them.

    Returns:
        Counts, and where the shards and the report are.

    Raises:
        HumanDiTError: no film, another build in ``out``, a full disk, or no clip left.
    """
    films, folder = find_films(source)
    scored_by = dict(load_tools(settings).names)  # says now what is missing
    job = Job(folder, out, settings)
    try:
        _same_build(job, films, scored_by)
        _work(job, films, say, workers, address)
        return _finished(job, films, scored_by)
    except OSError as problem:
        if not disk_full(problem):
            raise
        raise HumanDiTError(full(out, problem)) from problem


def _work(job: Job, films: Sequence[Film], say: Say, workers: int, address: str | None) -> None:
    """Work on the films that are not done."""
    for part in job.films.glob(".*"):
        shutil.rmtree(part, ignore_errors=True)
    waiting = [film for film in films if not job.done(film)]
    count = len(films) - len(waiting)
    if count:
        say(f"{count} of {len(films)} films are done already")
    for film, stop in spread(job, waiting, workers, address):
        if stop is not None:
            raise HumanDiTError(stop)
        count += 1
        say(f"[{count}/{len(films)}] {told(read_log(job, film))}")


def find_films(source: Path) -> tuple[list[Film], Path]:
    """All films below ``source`` in the order of their names, and the folder that the names are below."""
    if source.is_file():
        return [Film(0, source.name)], source.parent
    if not source.is_dir():
        raise HumanDiTError(f"Expected a film or a folder of films at {source}, found neither. Check the path.")
    paths = [path for path in source.rglob("*") if path.suffix.lower() in FILMS and path.is_file()]
    names = sorted(path.relative_to(source).as_posix() for path in paths)
    if not names:
        raise HumanDiTError(f"{source} holds no film. Expected {', '.join(FILMS)}.")
    return [Film(number, name) for number, name in enumerate(names)], source


def told(log: dict[str, Any]) -> str:
    """A film's log in one line."""
    kept = sum(clip["kept"] for clip in log["clips"])
    parts = [f"{log['film']}: {kept} of {len(log['clips'])} clips kept"]
    parts += [f"cuts at {', '.join(f'{t:.1f} s' for t in log['cuts'])}"] if log["cuts"] else []
    parts += [f"{clip['start_seconds']:.1f} s: {clip['words'][0]}" for clip in log["clips"] if clip["words"]]
    parts += [log["error"]] if log["error"] else []
    return "; ".join(parts)


def _same_build(job: Job, films: Sequence[Film], scored_by: dict[str, str]) -> None:
    """Writes down what is asked for, or compares it with what was asked for here before."""
    sizes = {film.name: (job.source / film.name).stat().st_size for film in films}
    wanted = {"films": sizes, "settings": job.settings.to_dict(), "made_by": scored_by}
    path = job.out / PLAN
    if path.is_file():
        before = json.loads(path.read_text(encoding="utf-8"))
        different = list(_differences(before, json.loads(json.dumps(wanted))))
        if different:
            raise HumanDiTError(
                f"{job.out} holds another build: {'; '.join(different[:4])}. Shards must not mix; choose another "
                "--out, or ask for the same."
            )
        return
    with whole_file(path) as part:
        part.write_text(json.dumps(wanted, indent=1), encoding="utf-8")


def _differences(before: dict[str, Any], wanted: dict[str, Any]) -> Any:
    for group in wanted:
        old, new = before.get(group, {}), wanted[group]
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                yield f"{group[:-1] if group == 'films' else group} {name} was {old.get(name)}, is {new.get(name)}"


def _finished(job: Job, films: Sequence[Film], scored_by: dict[str, str]) -> dict[str, Any]:
    """Shards, log and report."""
    logs = [read_log(job, film) for film in films]
    shards = pack(job, films)
    with whole_file(job.out / LOG) as part:
        lines = [json.dumps({"film": log["film"], **clip}) for log in logs for clip in log["clips"]]
        lines += [json.dumps({"film": log["film"], "error": log["error"]}) for log in logs if log["error"]]
        part.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    write_report(job.out / REPORT, logs, job.settings.rules, scored_by, job.films)
    clips = [clip for log in logs for clip in log["clips"]]
    kept = [clip for clip in clips if clip["kept"]]
    taken = taken_by(clips)
    if not kept:
        raise HumanDiTError(
            f"No clip is left of {len(films)} films: {_words(taken, logs)}. The report shows each of them: "
            f"{job.out / REPORT}. Change a rule by --rule NAME=NUMBER into another --out, or bring other films."
        )
    return {
        "shards": len(shards), "clips": len(kept), "rejected": len(clips) - len(kept), "rejected_by": taken,
        "films": len(films), "unreadable": sum(log["error"] is not None for log in logs),
        "seconds_kept": round(sum(clip["end_seconds"] - clip["start_seconds"] for clip in kept), 1),
        "made_by": scored_by, "folder": str(job.out), "report": str(job.out / REPORT),
    }  # fmt: skip


def taken_by(clips: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Rule -> clips that it took; a clip may break several."""
    return dict(Counter(name for clip in clips for name in clip["broken"]).most_common())


def _words(taken: dict[str, int], logs: Sequence[dict[str, Any]]) -> str:
    parts = [f"{count} rejected by {name}" for name, count in taken.items()]
    unreadable = sum(log["error"] is not None for log in logs)
    return ", ".join([*parts, *([f"{unreadable} could not be read"] if unreadable else [])])
