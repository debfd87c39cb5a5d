"""Films that were made already: an evaluation that broke off goes on with the rival it was at."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import HumanDiTError

if TYPE_CHECKING:
    import numpy as np

ABOUT = "about.json"
"""What the films were made from; they are only taken up for the same."""
ASKED = ("clips", "segments", "frames", "size", "seed", "continuity", "steps", "guidance")


class Kept:
    """Films in a folder, a file per rival; without a folder nothing is kept.

    Raises:
        HumanDiTError: the folder holds films of other weights or settings.
    """

    def __init__(self, folder: Path | None, made_from: dict[str, Any]) -> None:
        self.folder = folder
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        about = folder / ABOUT
        before = json.loads(about.read_text(encoding="utf-8")) if about.is_file() else made_from
        other = [
            f"{name} {before.get(name)}, asked {value}"
            for name, value in made_from.items()
            if before.get(name) != value
        ]
        if other:
            raise HumanDiTError(f"{folder} keeps films of another evaluation: {'; '.join(other)}. Give another folder.")
        about.write_text(json.dumps(made_from, indent=1), encoding="utf-8")

    def films(self, name: str, make: Callable[[], Iterable[np.ndarray] | None]) -> Iterable[np.ndarray] | None:
        """The rival's films: the kept ones, or those that ``make`` makes, which are kept when all are there."""
        if self.folder is None:
            return make()
        import numpy as np

        path = self.folder / f"{name}.npz"
        if path.is_file():
            with np.load(path) as kept:
                return [kept[str(i)] for i in range(len(kept.files))]
        made = make()
        return None if made is None else self._keeping(path, made)

    @staticmethod
    def _keeping(path: Path, made: Iterable[np.ndarray]) -> Iterable[np.ndarray]:
        import numpy as np

        films = []
        for film in made:
            films.append(film)
            yield film
        part = path.with_name(f".{path.stem}.{os.getpid()}.npz")
        try:
            np.savez_compressed(part, **{str(i): film for i, film in enumerate(films)})
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def made_from(args: argparse.Namespace) -> dict[str, Any]:
    """Weights and settings that decide what the films are."""
    weights = {
        "model": args.sources[0],
        "vae": args.vae or "mini",
        "against": args.against,
        "against_vae": args.against_vae,
    }
    kinds = {"model": "video", "against": "video"}
    files = {name: _file(value, kinds.get(name, "vae")) for name, value in weights.items()}
    return {**files, **{name: getattr(args, name) for name in ASKED}}


def _file(source: str | None, kind: str) -> str | None:
    """A file by its path, size and time: what changes when weights do."""
    from ...weights.registry import find

    if source is None:
        return None
    entry = find(source, kind)
    path = Path(source) if entry is None or entry.path is None else entry.path
    if not path.exists():
        return str(path)
    facts = path.stat()
    return f"{path} ({facts.st_size} bytes, {facts.st_mtime_ns})"
