"""Which clips the shards of ``data build`` hold, and where their bytes lie: nothing is unpacked, nothing read twice."""

from __future__ import annotations

import json
import re
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..data.clips.clip import SUFFIXES
from ..errors import HumanDiTError, InvalidMedia
from ..types import Canvas

NAME = re.compile(r"shard-(\d{6})\.tar")
BLOCK = 512
"""Bytes of a tar's unit; one of zeros ends it."""


@dataclass(frozen=True)
class Clip:
    """One clip in a shard.

    Attributes:
        shard: the file. key: the clip's name in it. film: the film it was cut from.
        frames, fps, canvas: length, speed and size.
        places: suffix -> offset and length in bytes.
    """

    shard: Path
    key: str
    film: str
    frames: int
    fps: float
    canvas: Canvas
    places: dict[str, tuple[int, int]]

    def read(self, suffix: str) -> bytes:
        """One of the clip's files.

        Raises:
            InvalidMedia: the shard has changed, or is gone.
        """
        offset, length = self.places[suffix]
        try:
            with self.shard.open("rb") as file:
                file.seek(offset)
                data = file.read(length)
        except OSError as problem:
            raise InvalidMedia(f"{self.shard.name} cannot be read any more ({problem}). Put it back.") from problem
        if len(data) != length:
            raise InvalidMedia(f"{self.shard.name} has become shorter: {self.key}{suffix} is not whole. Put it back.")
        return data


@dataclass(frozen=True)
class Index:
    """All clips of a folder's shards, in order.

    Attributes:
        clips: of the shards that are whole.
        prints: shard's name -> a number that tells whether its list of clips is the same.
        lost: in words, shards that are missing or broken and so left out.
    """

    clips: tuple[Clip, ...]
    prints: dict[str, int]
    lost: tuple[str, ...]


def read_index(folder: Path) -> Index:
    """The index of ``folder``. One lost shard of many costs its clips only: it is named and left out.

    Raises:
        HumanDiTError: no shard is whole.
    """
    paths = sorted(path for path in folder.glob("shard-*.tar") if NAME.fullmatch(path.name))
    numbers = {int(path.stem[-6:]) for path in paths}
    lost = [f"shard-{n:06d}.tar is missing" for n in range(max(numbers, default=-1) + 1) if n not in numbers]
    clips, prints = [], {}
    for path in paths:
        try:
            found = read_clips(path)
        except InvalidMedia as problem:
            lost.append(str(problem))
            continue
        clips += found
        prints[path.name] = zlib.crc32(repr([(c.key, c.places) for c in found]).encode())
    if not clips:
        raise HumanDiTError(
            f"{folder} holds no whole shard with a clip. {' '.join(f'{words}.' for words in lost)}".strip()
        )
    return Index(tuple(clips), prints, tuple(lost))


def read_clips(path: Path) -> list[Clip]:
    """The clips of one shard.

    Raises:
        InvalidMedia: it is damaged or not of ``data build``.
    """
    places: dict[str, dict[str, tuple[int, int]]] = {}
    told: dict[str, bytes] = {}
    try:
        with path.open("rb") as file, tarfile.open(fileobj=file, mode="r:") as archive:
            for member in archive:
                key, _, suffix = member.name.partition(".")
                places.setdefault(key, {})[f".{suffix}"] = (member.offset_data, member.size)
                if suffix == "json":
                    stream = archive.extractfile(member)
                    assert stream is not None
                    told[key] = stream.read()
            _check_end(file, archive.offset)
        return [_clip(path, key, told[key], found) for key, found in places.items()]
    except (tarfile.TarError, OSError, ValueError, KeyError, TypeError) as problem:
        raise InvalidMedia(f"{path.name} is broken ({key_words(problem)})") from problem


def key_words(problem: BaseException) -> str:
    """What went wrong, where a bare name says too little."""
    return f"{problem} is missing" if isinstance(problem, KeyError) else str(problem)


def _check_end(file: BinaryIO, offset: int) -> None:
    """A reader of tars stops at rubbish as if the file ended there."""
    file.seek(offset)
    if file.read(BLOCK) != bytes(BLOCK):
        raise ValueError(f"rubbish from byte {offset} on")


def _clip(path: Path, key: str, told: bytes, places: dict[str, tuple[int, int]]) -> Clip:
    if missing := [suffix for suffix in SUFFIXES if suffix not in places]:
        raise ValueError(f"{key} lacks {', '.join(missing)}")
    about = json.loads(told)
    canvas = Canvas(int(about["width"]), int(about["height"]))
    return Clip(path, key, str(about["film"]), int(about["frames"]), float(about["fps"]), canvas, places)
