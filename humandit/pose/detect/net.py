"""One TFLite net on LiteRT: a picture in, its raw outputs out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import MissingDependency

CORES = min(os.cpu_count() or 1, 4)
"""Threads that a net is given; more do not pay for nets of this size."""


class Net:
    """[side, side, 3] uint8 in, the raw outputs out (batch axis dropped).

    ``signed`` nets want pixels in -1..1, the others in 0..1. One object, one thread: it keeps its buffers.
    """

    def __init__(self, path: Path, signed: bool = False, threads: int = CORES) -> None:
        self._net = _interpreter(path, threads)
        self._net.allocate_tensors()
        details = self._net.get_input_details()[0]
        self._input = details["index"]
        self._outputs = [d["index"] for d in self._net.get_output_details()]
        self._pixels = np.zeros(details["shape"], np.float32)
        self._scale, self._offset = (127.5, 1.0) if signed else (255.0, 0.0)
        self.side = int(details["shape"][1])

    def __call__(self, crop: np.ndarray) -> list[np.ndarray]:
        np.divide(crop[None], np.float32(self._scale), out=self._pixels)
        if self._offset:
            np.subtract(self._pixels, np.float32(self._offset), out=self._pixels)
        self._net.set_tensor(self._input, self._pixels)
        self._net.invoke()
        return [self._net.get_tensor(index)[0] for index in self._outputs]


def _interpreter(path: Path, threads: int) -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise MissingDependency(
            "The mediapipe pose detector runs on LiteRT, which is not installed. Run: pip install ai-edge-litert"
        ) from error
    return Interpreter(model_path=str(path), num_threads=threads)
