"""One job at a time in a folder: a lock that the system itself takes from a process that died."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import HumanDiTError

PATIENCE = 1.0
"""Seconds to wait for a process that is just ending."""
FAR = 1 << 20
"""Byte of the file that is locked on Windows, where locked bytes cannot be read: far behind the text."""


class Busy(HumanDiTError):
    """Another process holds the lock."""


@contextmanager
def held(path: Path, what: str, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock file at ``path`` for the block; its text is the number of the process that has it.

    Args:
        what: is being worked on, for the error's text.
        patience: seconds to wait for it.

    Raises:
        Busy: another process, or another job of this one, has it.
        OSError: the folder cannot be written, or its file system knows no locks.
    """
    handle = _taken(path, what, time.monotonic() + patience)
    try:
        with contextlib.suppress(OSError):  # a full disk: the lock holds without its text
            os.ftruncate(handle, 0)
            os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)  # and the lock is free


def _taken(path: Path, what: str, deadline: float) -> int:
    """A handle of the file, locked."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if _lock(handle) and _is_still(handle, path):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
        if time.monotonic() >= deadline:
            raise Busy(
                f"{what} is being made by another process ({_owner(path)}). Wait until it ends, or stop it; other "
                "settings, another seed for one, make a film of their own."
            )
        time.sleep(0.05)


def _lock(handle: int) -> bool:
    """Whether the lock could be had at once."""
    try:
        if os.name == "nt":
            import msvcrt

            os.lseek(handle, FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _is_still(handle: int, path: Path) -> bool:
    """Whether the file was not removed, and perhaps made anew, between opening and locking it."""
    with contextlib.suppress(FileNotFoundError):
        return os.fstat(handle).st_ino == path.stat().st_ino
    return False


def _owner(path: Path) -> str:
    with contextlib.suppress(OSError):
        return f"number {path.read_text().strip()}"
    return "its number is not known"
