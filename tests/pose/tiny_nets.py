"""Pose and person nets with the signatures of the public ones, so small that a test can make them.

The pose nets really look: point k lies where the picture is brightest in colour k mod 3.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from tests.conftest import missing

try:
    import onnx
    import onnxruntime  # noqa: F401  (what the files are made for)
    from onnx import TensorProto, helper, numpy_helper
except ImportError:
    onnx = None

MEAN, STD = np.array([123.675, 116.28, 103.53]), np.array([58.395, 57.12, 57.375])


def save(path: Path, nodes: list, weights: dict[str, np.ndarray], image: tuple, outputs: dict[str, tuple]) -> Path:
    """An ONNX file with one input "input"; axes may be names."""
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, image)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


def node(kind: str, inputs: str, output: str, **values: object) -> object:
    if onnx is None:
        missing("The ONNX tests need: pip install onnx onnxruntime")
    return helper.make_node(kind, inputs.split(), output.split(), **values)


def colours(points: int) -> dict[str, np.ndarray]:
    """A 1 x 1 convolution that undoes the normalisation to brightness 0..1, and which colour each point follows."""
    kernel = np.diag(STD / 255).astype(np.float32)[..., None, None]
    return {"colour.weight": kernel, "colour.bias": (MEAN / 255).astype(np.float32), "pick": np.arange(points) % 3}


def simcc(path: Path, points: int = 133, width: int = 288, height: int = 384, batch: object = "batch") -> Path:
    """simcc_x [1, K, 2 W], simcc_y [1, K, 2 H]."""
    nodes = [
        node("Conv", "input colour.weight colour.bias", "map"),
        node("ReduceMax", "map", "columns", axes=[2], keepdims=1),
        node("ReduceMax", "map", "rows", axes=[3], keepdims=1),
        node("Transpose", "columns", "columns_up", perm=[0, 1, 3, 2]),
        node("Concat", "columns_up columns_up", "columns_twice", axis=3),
        node("Concat", "rows rows", "rows_twice", axis=3),
        node("Reshape", "columns_twice shape", "x_three"),
        node("Reshape", "rows_twice shape", "y_three"),
        node("Gather", "x_three pick", "simcc_x", axis=1),
        node("Gather", "y_three pick", "simcc_y", axis=1),
    ]
    shapes = {"shape": np.array([0, 3, -1])}
    outputs = {"simcc_x": (batch, points, 2 * width), "simcc_y": (batch, points, 2 * height)}
    return save(path, nodes, {**colours(points), **shapes}, (batch, 3, height, width), outputs)


def heatmap(path: Path, points: int = 133, width: int = 192, height: int = 256) -> Path:
    """Heat maps [1, K, H / 4, W / 4] whose corner cells lie on the picture's corner pixels."""
    nodes = [
        node("Conv", "input colour.weight colour.bias", "map"),
        node("Resize", "map none none size", "three", mode="linear", coordinate_transformation_mode="align_corners"),
        node("Gather", "three pick", "heat", axis=1),
    ]
    weights = {"size": np.array([1, 3, height // 4, width // 4]), "none": np.array([], np.float32)}
    return save(
        path, nodes, {**colours(points), **weights}, (1, 3, height, width),
        {"heat": (1, points, height // 4, width // 4)},
    )  # fmt: skip


def yolox(path: Path, side: int = 320, cells: float = 10.0) -> Path:
    """Raw grids [1, A, 85]: a person of 8 ``cells`` pixels where the picture is blue, in the finest grid."""
    fine, rest = (side // 8) ** 2, (side // 16) ** 2 + (side // 32) ** 2
    log = float(np.log(cells))
    before = np.tile(np.array([0.5, 0.5, log, log], np.float32), (1, fine, 1))
    nodes = [
        node("Slice", "input zero one axis", "blue"),  # OpenCV's order: blue first
        node("AveragePool", "blue", "pooled", kernel_shape=[8, 8], strides=[8, 8]),
        node("Mul", "pooled scale", "scaled"),
        node("Reshape", "scaled column", "sure"),
        node("Concat", "before sure classes", "fine_rows", axis=2),
        node("Concat", "fine_rows rest", "output", axis=1),
    ]
    weights = {
        "zero": np.array([0]), "one": np.array([1]), "axis": np.array([1]), "scale": np.float32(1 / 255),
        "column": np.array([1, fine, 1]), "before": before, "rest": np.zeros((1, rest, 85), np.float32),
        "classes": np.tile(np.eye(80, dtype=np.float32)[0], (1, fine, 1)),
    }  # fmt: skip
    return save(path, nodes, weights, (1, 3, side, side), {"output": (1, fine + rest, 85)})


def boxes(path: Path, rows: np.ndarray, weight: str = "gain", side: int = 320, gain: float = 1.0) -> Path:
    """Final boxes ``rows`` [N, 5 or 6] whose scores are multiplied with the largest input value and ``gain``."""
    columns = rows.shape[1]
    on_score = np.zeros((1, 1, columns), np.float32)
    on_score[..., 4] = gain
    nodes = [
        node("ReduceMax", "input", "largest", keepdims=0),
        node("Mul", f"largest {weight}", "factor"),
        node("Add", "factor kept", "factors"),
        node("Mul", "rows factors", "dets"),
        node("Slice", "dets zero one axis", "first"),
        node("Squeeze", "first axis", "flat"),
        node("Mul", "flat nothing", "labels"),
    ]
    kept = (on_score == 0).astype(np.float32)
    weights = {
        weight: on_score, "kept": kept, "rows": rows[None].astype(np.float32), "zero": np.array([0]),
        "one": np.array([1]), "axis": np.array([2]), "nothing": np.float32(0),
    }  # fmt: skip
    outputs = {"dets": (1, "N", columns)}
    if columns == 5:
        return save(path, nodes, weights, (1, 3, side, side), {**outputs, "labels": (1, "N")})
    return save(path, nodes[:4], {k: weights[k] for k in (weight, "kept", "rows")}, (1, 3, side, side), outputs)


class _Heat(torch.nn.Module):
    def __init__(self, points: int) -> None:
        super().__init__()
        values = colours(points)
        self.colour = torch.nn.Conv2d(3, 3, 1)
        self.register_buffer("pick", torch.from_numpy(values["pick"]))
        self.colour.weight.data = torch.from_numpy(values["colour.weight"])
        self.colour.bias.data = torch.from_numpy(values["colour.bias"])

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        small = torch.nn.functional.interpolate(image, (256, 192), mode="bilinear", align_corners=True)
        return self.colour(small)[:, self.pick]


def torchscript(path: Path, points: int) -> Path:
    """A net like Sapiens': heat maps [1, K, 256, 192] of pictures 1024 x 768."""
    torch.jit.save(torch.jit.trace(_Heat(points), torch.zeros(1, 3, 1024, 768), check_trace=False), str(path))
    return path


def blobs(places: np.ndarray, width: int, height: int, sigma: float = 6.0) -> np.ndarray:
    """A black uint8 frame with a soft red, a green and a blue blob at [3, 2] places."""
    x, y = np.arange(width), np.arange(height)
    bells = [[np.exp(-((at - p) ** 2) / (2 * sigma**2)) for at, p in ((y, py), (x, px))] for px, py in places]
    layers = [np.outer(*pair).astype(np.float32) for pair in bells]
    return (np.stack(layers, -1) * 255).round().astype(np.uint8)
