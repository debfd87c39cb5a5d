"""WebDataset shards: plain tar files whose members share a name per clip. The same clips give the same bytes."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import HumanDiTError
from ...media.write import whole_file
from .clip import SUFFIXES
from .film_log import NAME
from .work import Film, Job


@dataclass(frozen=True)
class Kept:
    """One clip on its way into a shard: ``stem`` is where its files lie, without a suffix."""

    stem: Path
    about: dict[str, Any]

    @property
    def key(self) -> str:
        return self.stem.name


def read_log(job: Job, film: Film) -> dict[str, Any]:
    """The finished log of a film."""
    return json.loads((job.folder(film) / NAME).read_text(encoding="utf-8"))


def pack(job: Job, films: Sequence[Film]) -> list[Path]:
    """Shards of all clips of the finished ``films``, in their order; those that lie there already stay.

    Once a shard is whole, the clips that it holds are deleted from the films' folders.
    """
    shards = []
    for number, clips in enumerate(_groups(job, films)):
        path = job.out / f"shard-{number:06d}.tar"
        if not path.is_file():
            _write(path, clips)
        for clip in clips:
            for suffix in SUFFIXES:
                clip.stem.with_suffix(suffix).unlink(missing_ok=True)
        shards.append(path)
    return shards


def _groups(job: Job, films: Sequence[Film]) -> Iterator[list[Kept]]:
    group: list[Kept] = []
    for film in films:
        for clip in read_log(job, film)["clips"]:
            if clip["kept"]:
                group.append(Kept(job.folder(film) / clip["key"], clip))
            if len(group) == job.settings.clips:
                yield group
                group = []
    if group:
        yield group


def _write(path: Path, clips: Sequence[Kept]) -> None:
    missing = [clip.key for clip in clips if not clip.stem.with_suffix(SUFFIXES[0]).is_file()]
    if missing:
        raise HumanDiTError(
            f"{path.name} is gone, and the clips {missing[0]} to {missing[-1]} that it held are not kept twice. "
            f"Delete {path.parent} and build again."
        )
    with whole_file(path) as part, tarfile.open(part, "w", format=tarfile.USTAR_FORMAT) as archive:
        for clip in clips:
            for suffix in SUFFIXES:
                data = clip.stem.with_suffix(suffix).read_bytes()
                member = tarfile.TarInfo(f"{clip.key}{suffix}")  # no time and no owner: nothing that would differ
                member.size, member.mode = len(data), 0o644
                archive.addfile(member, io.BytesIO(data))


def read_shard(path: Path) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Name and files (suffix -> bytes) of every clip of a shard, as any WebDataset reader sees them."""
    with tarfile.open(path) as archive:
        key, files = "", dict[str, bytes]()
        for member in archive:
            stem, _, suffix = member.name.partition(".")
            if stem != key and files:
                yield key, files
                files = {}
            stream = archive.extractfile(member)
            assert stream is not None
            key, files[f".{suffix}"] = stem, stream.read()
        if files:
            yield key, files
