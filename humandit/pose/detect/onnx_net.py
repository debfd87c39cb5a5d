"""One net on ONNX Runtime, on the best device that its build and this machine offer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...errors import InvalidWeights, MissingDependency

DEVICES = {
    "CUDAExecutionProvider": "cuda",
    "MIGraphXExecutionProvider": "rocm",
    "ROCMExecutionProvider": "rocm",
    "DmlExecutionProvider": "directml",
    "CPUExecutionProvider": "cpu",
}
"""ONNX Runtime's name of a device -> ours, the fastest first."""
QUIET = 3
"""Log level: errors only."""


class OnnxNet:
    """A loaded net: pictures [1, 3, H, W] in, all its outputs out, float32 whatever the file computes in.

    Attributes:
        device: what it really runs on.
    """

    def __init__(self, path: Path, device: str | None = None) -> None:
        runtime = _runtime()
        options = runtime.SessionOptions()
        options.log_severity_level = QUIET
        try:
            self._session = runtime.InferenceSession(str(path), options, providers=_providers(runtime, device))
        except Exception as error:  # the runtime has a dozen kinds of error without a common ancestor
            raise InvalidWeights(f"ONNX Runtime cannot load {path.name}: {_first_line(error)}") from error
        self._path, self._input = path, self._session.get_inputs()[0]
        self._half = "float16" in self._input.type
        self.device = f"{DEVICES.get(self._session.get_providers()[0], 'other')} (ONNX Runtime)"

    def __call__(self, pictures: np.ndarray) -> list[np.ndarray]:
        batch = np.ascontiguousarray(pictures, np.float16 if self._half else np.float32)
        try:
            return [output.astype(np.float32) for output in self._session.run(None, {self._input.name: batch})]
        except Exception as error:  # see above
            shape = list(pictures.shape)
            raise InvalidWeights(f"{self._path.name} cannot take pictures {shape}: {_first_line(error)}") from error


def _runtime() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingDependency(
            "This pose detector runs on ONNX Runtime, which is not installed. Run: pip install onnxruntime "
            "(with an NVIDIA card: pip install onnxruntime-gpu). The mediapipe detector works without it."
        ) from error
    return onnxruntime


def _providers(runtime: Any, device: str | None) -> list[str]:
    """Devices to try, in order; ONNX Runtime itself goes on to the next where one does not start."""
    wanted = (device or "").split(":")[0]
    there = [name for name in DEVICES if name in runtime.get_available_providers()]
    chosen = [name for name in there if not wanted or DEVICES[name] in (wanted, "cpu")]
    return chosen or there


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
