"""What both video nodes ask for and do first: picture and motion brought to the video's size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_api.latest import io

from . import film_inputs, host
from .film_inputs import MAX_SIDE
from .types import BackgroundSocket, as_poses

if TYPE_CHECKING:
    import torch

    from ..humandit.pose.background import BackgroundPoints
    from ..humandit.pose.raster import Raster
    from ..humandit.pose.sequence import PoseSequence
    from ..humandit.types import Canvas

REFERENCE_TIP = (
    "Picture of the person, one image (of several, the first). It is scaled and cropped around its middle to width x "
    "height. The video starts from it."
)
REFERENCE_POSES_TIP = (
    "Pose found in the reference picture, from HumanDiT Detect Pose. Of several frames the first is used."
)
POSES_TIP = (
    "Motion for the video, from HumanDiT Adapt Pose. Poses straight from a film work too, but the person in the "
    "picture then takes over the other one's build and place."
)


def side_input(name: str, default: int = 192) -> io.Input:
    about = (
        f"{name.capitalize()} of the video in pixels, a multiple of 16 up to {MAX_SIDE}. "
        "The bundled model knows 128 to 192; larger needs larger weights. Time and memory grow faster than the area."
    )
    return film_inputs.side_input(name, default, about)


def background_input() -> io.Input:
    return BackgroundSocket.Input(
        "background",
        optional=True,
        tooltip="Camera motion, from HumanDiT Track Background, for as many frames as the poses. It moves what is "
        "behind the person. Unconnected, the model decides.",
    )


def fitted(
    reference: Any, reference_poses: Any, poses: Any, canvas: Canvas, fps: float, frames: int | None = None
) -> tuple[torch.Tensor, PoseSequence]:
    """The picture [H, W, 3] in 0..1 and its pose followed by the motion [1 + frames], all on ``canvas``."""
    from dataclasses import replace

    from ..humandit.pipeline import fit_picture, fit_poses, moving

    picture, pose = fit_picture(host.to_uint8(reference[:1])[0], as_poses(reference_poses)[:1], canvas)
    motion = fit_poses(moving(as_poses(poses)), canvas).resampled(fps)[:frames]
    return host.to_image(picture), replace(pose, fps=fps).concat(motion)


def rasterized(
    poses: PoseSequence,
    background: BackgroundPoints | None = None,
    picture: torch.Tensor | None = None,
    taken: int = 0,
) -> Raster:
    """Pose images that are drawn segment by segment; with the ``picture`` of frame ``taken`` moved along its bones."""
    from ..humandit.pose.background import shown_with
    from ..humandit.pose.raster import Raster

    return Raster(poses, poses.canvas, shown_with(background, poses), picture, taken)
