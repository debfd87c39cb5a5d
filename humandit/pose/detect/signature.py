"""What a net's file is for, known by the shapes of what it takes and gives."""

from __future__ import annotations

from ...errors import InvalidWeights
from .onnx_file import OnnxFile, Shape

KINDS = {
    "person": "a person net (image in; boxes [1, N, 5 or more] out)",
    "simcc": "a SimCC pose net (image in; simcc_x [1, K, 2 W] and simcc_y [1, K, 2 H] out)",
    "heatmap": "a heat-map pose net (image in; heat maps [1, K, h, w] out)",
    "other": "another kind of net",
}
"""Kind -> words."""


def kind(file: OnnxFile) -> str:
    """One of :data:`KINDS`."""
    shapes = list(file.outputs.values())
    ranks = [len(shape) for shape in shapes]
    if not _takes_image(file):
        return "other"
    if ranks == [3, 3]:
        return "simcc"
    if ranks[:1] == [4] and len(ranks) == 1:
        return "heatmap"
    if ranks[:1] == [3] and _holds_boxes(shapes[0]) and set(ranks[1:]) <= {2}:
        return "person"
    return "other"


def expect(file: OnnxFile, wanted: str) -> OnnxFile:
    """The file itself.

    Raises:
        InvalidWeights: it is not of the ``wanted`` kind.
    """
    found = kind(file)
    if found != wanted:
        raise InvalidWeights(
            f"Expected {KINDS[wanted]}, but {file.path.name} is {KINDS[found]}: it has {file}. Choose another file."
        )
    return file


def image_size(file: OnnxFile, default: tuple[int, int]) -> tuple[int, int]:
    """Width and height of the picture that the net takes; ``default`` where the file leaves them open."""
    height, width = next(iter(file.inputs.values()))[2:]
    return width or default[0], height or default[1]


def _takes_image(file: OnnxFile) -> bool:
    inputs = list(file.inputs.values())
    return len(inputs) == 1 and len(inputs[0]) == 4 and inputs[0][1] in (3, None)


def _holds_boxes(shape: Shape) -> bool:
    """Rows of 5 or 6 numbers, or more of them than numbers in a row (YOLOX's grids; YOLOv8 has them crosswise)."""
    rows, columns = shape[1:]
    return columns in (None, 5, 6) or (columns > 6 and (rows is None or rows > columns))
