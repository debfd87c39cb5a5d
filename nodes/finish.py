"""Decoded frames of one segment gone over, for graphs of core samplers; HumanDiT Sample does it by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_api.latest import io

from .types import schema

if TYPE_CHECKING:
    import torch

    from ..humandit.pose.lines import LineImages
    from ..humandit.types import Segment

START, LINES, SKIN = "finish_start", "finish_lines", "finish_skin"
"""What the conditioning carries for this node: the frame that the segment starts from, the poses' lines, the colours of
hands and face."""


class HumanDiTFinish(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTFinish",
            display_name="HumanDiT Finish",
            category="HumanDiT/video",
            description="Goes over decoded frames of ONE segment: hands, faces and cloth, which latents of the bundled "
            "model are too coarse for. HumanDiT Sample does it by itself. Weights without a finisher, such as 5B ones, "
            "leave the frames as they are.",
            search_aliases=["humandit detailer", "hands", "face detail"],
            inputs=[
                io.Model.Input("model", tooltip="From HumanDiT Load Model; the one that made the frames."),
                io.Conditioning.Input("positive", tooltip="From HumanDiT Condition: picture and poses of the segment."),
                io.Image.Input("images", tooltip="All frames of the segment, from VAE Decode."),
            ],
            outputs=[io.Image.Output("finished", display_name="images", tooltip="The frames, finished.")],
        )

    @classmethod
    def execute(cls, model: Any, positive: Any, images: Any) -> io.NodeOutput:
        from .native_sampling import config_of

        if not config_of(model).finished:
            return io.NodeOutput(images)
        return io.NodeOutput(finished(model, positive, images))


def told(positive: list[Any], picture: torch.Tensor, lines: LineImages, segment: Segment) -> list[Any]:
    """``positive`` with what finishing needs beside pose tokens: the picture [H, W, 3] and the segment's lines."""
    from ..humandit.video.finish import skin_of
    from ..humandit.video.segments import image_window

    window = image_window(lines, segment)
    drawn = {START: picture[None], LINES: window, SKIN: skin_of(picture, window[0])}
    return [[text, {**values, **drawn}] for text, values in positive]


def finished(model: Any, positive: list[Any], images: torch.Tensor) -> torch.Tensor:
    """The decoded ``images`` [T, H, W, 3] as the model leaves them."""
    from ..humandit.errors import HumanDiTError, InvalidShape
    from .film import finisher_of

    given = positive[0][1]
    if START not in given or "pose_tokens" not in given:
        raise HumanDiTError("This conditioning holds no picture and poses. Connect positive of HumanDiT Condition.")
    start, lines, pose = given[START][0], given[LINES], given["pose_tokens"][0].permute(1, 2, 3, 0)
    wanted = [len(lines), *start.shape]
    if list(images.shape) != wanted:
        raise InvalidShape(
            f"The conditioning is of {wanted[0]} frames of {wanted[2]}x{wanted[1]}, got {images.shape[0]} of "
            f"{images.shape[2]}x{images.shape[1]}. Connect all frames of VAE Decode, none cut off."
        )
    finisher, where = finisher_of(model)
    return finisher.finish(images, start, pose, lines, given[SKIN], where)


NODES = (HumanDiTFinish,)
