"""MediaPipe's own Holistic, the reference for our detector: in an environment of its own, since its pins clash.

Nothing of it is a dependency of the pack. The environment lies in the cache and is made once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from ..errors import MissingDependency
from ..pose.detect.wholebody import Part, whole_body
from ..wheels import cache_root

WITHOUT_PINS = ("mediapipe==0.10.21",)
"""Installed without what it asks for: it pins numpy below 2 and wants jax, and needs neither."""
BESIDE = ("numpy>=2", "protobuf>=4.25.3,<5", "absl-py", "attrs", "flatbuffers", "matplotlib", "opencv-python-headless")
"""What its Holistic really imports. From protobuf 5 on it fails."""
OLDEST, NEWEST = 9, 12
"""The Pythons 3.x that it has wheels for."""
WORKER = Path(__file__).with_name("holistic_worker.py")


def environment() -> Path:
    """The Python of the reference's environment; made and filled through pip if it is not there yet.

    Raises:
        MissingDependency: no fitting Python, or pip could not fetch the packages.
    """
    folder = cache_root() / "holistic"
    if not (folder / "ready").exists():
        part = folder.with_name(f".holistic.{os.getpid()}.part")
        try:
            _run([_base_python(), "-m", "venv", "--without-pip", str(part)])
            pip = [sys.executable, "-m", "pip", "--python", str(_python(part)), "--disable-pip-version-check"]
            _run([*pip, "install", "--quiet", "--retries", "8", *BESIDE])
            _run([*pip, "install", "--quiet", "--retries", "8", "--no-deps", *WITHOUT_PINS])
            (part / "ready").touch()
            shutil.rmtree(folder, ignore_errors=True)
            part.replace(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return _python(folder)


@dataclass(frozen=True)
class Answer:
    """What the reference says about a film.

    Attributes:
        xy: [T, 133, 2] pixels. score: [T, 133]; 0 where it saw nothing.
        seconds: [T, 2] a frame's seconds by the clock and of the processor.
    """

    xy: np.ndarray
    score: np.ndarray
    seconds: np.ndarray


class Holistic:
    """A running reference; use it in a ``with`` block and call it with the frames of one film."""

    def __init__(self, python: Path, smooth: bool = False) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="humandit-")
        command = [str(python), "-I", str(WORKER), *(["smooth"] if smooth else [])]
        self._log = (Path(self._scratch.name) / "log").open("w+", encoding="utf-8")
        pipe = subprocess.PIPE
        self._worker = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._log, text=True)

    def __enter__(self) -> Holistic:
        self._heard()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._worker.kill()
        self._worker.communicate()
        self._log.close()
        self._scratch.cleanup()

    def __call__(self, frames: np.ndarray) -> Answer:
        """One film from its first frame on; [T, H, W, 3] uint8 RGB."""
        path = Path(self._scratch.name) / "film.npz"
        np.savez(path, frames=frames)
        assert self._worker.stdin
        self._worker.stdin.write(f"{path}\n")
        self._worker.stdin.flush()
        self._heard()
        with np.load(path.with_suffix(".out.npz")) as answer:
            return _answer({name: answer[name] for name in answer.files}, (frames.shape[2], frames.shape[1]))

    def _heard(self) -> None:
        """Wait for the worker's next line.

        Raises:
            MissingDependency: it ended instead.
        """
        assert self._worker.stdout
        if not self._worker.stdout.readline():
            self._log.seek(0)
            last = (self._log.read().strip() or "it said nothing").splitlines()[-1]
            raise MissingDependency(
                f"MediaPipe's Holistic ended: {last}. Delete {cache_root() / 'holistic'} and try again."
            )


def _answer(parts: dict[str, np.ndarray], size: tuple[int, int]) -> Answer:
    """133 points by the same tables as our detector's. Hands and face have no score of their own: 1 where found."""
    frames = []
    for body, left, right, face in zip(*(parts[name] for name in ("body", "left", "right", "face")), strict=True):
        if np.isnan(body).any():
            frames.append(Part(np.zeros((133, 2)), np.zeros(133)))
            continue
        left, right, face = (
            None if np.isnan(p).any() else Part(p[:, :2], np.ones(len(p))) for p in (left, right, face)
        )
        frames.append(whole_body(Part(body[:, :2], body[:, 2]), left, right, face, size))
    return Answer(np.stack([f.xy for f in frames]), np.stack([f.score for f in frames]), parts["seconds"])


def _python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _base_python() -> str:
    """A Python that the reference has wheels for."""
    if sys.version_info[0] == 3 and OLDEST <= sys.version_info[1] <= NEWEST:
        return sys.executable
    names = [f"python3.{minor}" for minor in range(NEWEST, OLDEST - 1, -1)]
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise MissingDependency(
            f"The reference needs one of {', '.join(names)}; this is Python 3.{sys.version_info[1]}."
        )
    return found


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise MissingDependency(
            f"The environment of MediaPipe's Holistic could not be made: {last}. Check the network and pip, then retry."
        )
