"""Fetching one public file over HTTP: resumed where it broke off, checked, and put in place whole or not at all."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from ..errors import InvalidWeights, MissingDependency
from ..pose.detect.onnx_file import read_onnx
from ..pose.detect.sapiens import is_torchscript
from .public import Digest, PublicFile

BLOCK = 1 << 20
"""Bytes read at once."""
PATIENCE = 60
"""Seconds without an answer after which the server counts as gone."""

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are here, and those that are expected if known."""


def fetch(file: PublicFile, folder: Path, progress: Progress | None = None) -> Path:
    """The file in ``folder``, downloaded unless it lies there already.

    Raises:
        MissingDependency: the network or the server does not give it; says how to fetch it by hand.
        InvalidWeights: what came, or what lay there, is another file.
    """
    target = folder / file.name
    if target.is_file():
        check(target, file.content, f"Move it away, then run the command again, or take it from {file.page}")
        return target
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{file.name}.part"
    _receive(file, part, target, progress)
    try:
        check(part, file.fetched, f"It was deleted. Try again later, or take the file from {file.page}")
        if file.archive is not None:
            _unpack(file, part)
        if not file.verified:
            _recognise(file, part)
    except InvalidWeights:
        part.unlink(missing_ok=True)
        raise
    part.replace(target)
    return target


def check(path: Path, wanted: Digest, remedy: str) -> None:
    """Refuse a file of another size or with another checksum than ``wanted`` knows."""
    size = path.stat().st_size
    if wanted.size is not None and size != wanted.size:
        raise InvalidWeights(f"{path.name} has {size} bytes, expected {wanted.size}. {remedy}.")
    if wanted.sha256 is None:
        return
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(BLOCK):
            digest.update(block)
    if digest.hexdigest() != wanted.sha256:
        raise InvalidWeights(
            f"{path.name} has SHA-256 {digest.hexdigest()[:12]}…, expected {wanted.sha256[:12]}…: it is damaged or "
            f"another version. {remedy}."
        )


def _receive(file: PublicFile, part: Path, target: Path, progress: Progress | None) -> None:
    """Bring the rest of the file into ``part``; what came before a break stays for the next try."""
    if file.fetched.sha256 is None:  # without a checksum two halves might belong to different versions
        part.unlink(missing_ok=True)
    here = part.stat().st_size if part.is_file() else 0
    if file.fetched.size is not None and here >= file.fetched.size:
        return
    headers = {"User-Agent": "humandit", **({"Range": f"bytes={here}-"} if here else {})}
    try:
        with urlopen(Request(file.url, headers=headers), timeout=PATIENCE) as answer:
            _write(answer, part, here if answer.status == 206 else 0, progress)
    except HTTPError as error:
        if error.code != 416:  # the range begins where the file ends: all of it is here
            wish = " The project may want you to accept its licence with an account first." * (error.code in (401, 403))
            raise _not_given(file, target, f"the server answered {error.code} {error.reason}.{wish}") from error
    except (URLError, HTTPException, OSError) as error:
        raise _not_given(file, target, f"{getattr(error, 'reason', error) or type(error).__name__}.") from error


def _write(answer: HTTPResponse, part: Path, here: int, progress: Progress | None) -> None:
    length = answer.headers.get("Content-Length")
    expected = here + int(length) if length else None
    with part.open("r+b" if here else "wb") as out:
        out.seek(here)
        while block := answer.read(BLOCK):
            out.write(block)
            here += len(block)
            if progress:
                progress(here, expected)
    if expected is not None and here < expected:
        raise OSError(f"the connection broke off after {here} of {expected} bytes; run the command again to go on")


def _not_given(file: PublicFile, target: Path, reason: str) -> MissingDependency:
    inside = ", unpack its .onnx" if file.archive else ""
    return MissingDependency(
        f"{file.name} could not be downloaded: {reason} By hand: fetch {file.url} (see {file.page}){inside} and "
        f"save it as {target}."
    )


def _recognise(file: PublicFile, part: Path) -> None:
    """Where no checksum tells, at least the kind of file must be right: a login page is none."""
    if file.name.endswith(".onnx"):
        read_onnx(part)
    elif file.name.endswith((".pt", ".pt2")) and not is_torchscript(part):
        raise InvalidWeights(f"{file.url} gave no TorchScript file. Take it from {file.page}.")


def _unpack(file: PublicFile, part: Path) -> None:
    """Replace a zip by the only ``.onnx`` inside it."""
    inside = part.with_suffix(".unpacked")
    try:
        with zipfile.ZipFile(part) as archive:
            names = [name for name in archive.namelist() if name.endswith(".onnx")]
            if len(names) != 1:
                raise InvalidWeights(f"Expected one .onnx in {file.url}, got {len(names)}.")
            with archive.open(names[0]) as source, inside.open("wb") as out:
                shutil.copyfileobj(source, out, BLOCK)
        check(inside, file.content, f"It was deleted. Take the file from {file.page}")
        inside.replace(part)
    except zipfile.BadZipFile as error:
        raise InvalidWeights(f"{file.url} gave no zip archive ({error}). Try again later.") from error
    finally:
        inside.unlink(missing_ok=True)
