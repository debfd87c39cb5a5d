"""Draft: the film as a paper puppet, in seconds and without a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_api.latest import io

from . import host
from .film_inputs import MAX_SIDE, fps_input, frames_input, side_input
from .fitting import POSES_TIP, REFERENCE_POSES_TIP, REFERENCE_TIP, fitted
from .types import DetectorSocket, pose_input, schema

if TYPE_CHECKING:
    import numpy as np

    from ..humandit.types import Canvas

SIDE_TIP = (
    "{} of the draft in pixels, a multiple of 16 up to {}. Take the shape that the film will have; smaller is faster."
)
SHOW_EVERY = 4
"""Frames between two previews."""


class HumanDiTDraft(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTDraft",
            display_name="HumanDiT Draft",
            category="HumanDiT/video",
            description="The film in seconds, on any computer: the person is cut out of the picture and moved like a "
            "paper puppet. Judge timing, framing and the fit of the motion before the model starts.",
            search_aliases=["preview", "puppet", "cutout animation", "warp", "animatic", "quick look"],
            inputs=[
                io.Image.Input("reference", tooltip=REFERENCE_TIP),
                pose_input("reference_poses", REFERENCE_POSES_TIP),
                pose_input("poses", POSES_TIP),
                side_input("width", 512, SIDE_TIP.format("Width", MAX_SIDE)),
                side_input("height", 512, SIDE_TIP.format("Height", MAX_SIDE)),
                frames_input("Frames to draw at the fps below. 0 draws the whole film: 20 to 50 frames a second."),
                fps_input("Frames per second; the motion is resampled to it and keeps its speed. Take the film's."),
                io.Mask.Input(
                    "mask",
                    optional=True,
                    tooltip="White where the person is in the reference picture. Connect one where the draft tears "
                    "hair or clothes, or takes something of the background along. Without it, colours around the "
                    "skeleton tell.",
                ),
                DetectorSocket.Input(
                    "detector",
                    optional=True,
                    tooltip="From HumanDiT Load Pose Detector. The 'mediapipe' one also cuts the person out, which "
                    "finds long hair and wide clothes better than colours alone. Not used with a mask.",
                ),
                io.Boolean.Input(
                    "label",
                    default=True,
                    optional=True,
                    tooltip="Writes 'draft' small into the lower left corner, so that nobody takes one for the film.",
                ),
            ],
            outputs=[
                io.Image.Output(
                    "draft_frames",
                    display_name="frames",
                    tooltip="The draft, without the reference picture, in step with the poses.",
                ),
                io.Float.Output("draft_fps", display_name="fps", tooltip="For Create Video."),
                io.Mask.Output(
                    "draft_mask",
                    display_name="mask",
                    tooltip="White where the person is, one mask per frame: for inpainting models and compositing.",
                ),
            ],
        )

    @classmethod
    def execute(
        cls,
        reference: Any,
        reference_poses: Any,
        poses: Any,
        width: int,
        height: int,
        frames: int,
        fps: float,
        mask: Any = None,
        detector: Any = None,
        label: bool = True,
    ) -> io.NodeOutput:
        import numpy as np
        import torch

        from ..humandit.draft import puppet
        from ..humandit.types import Canvas

        canvas = Canvas(width, height)
        image, posed = fitted(reference, reference_poses, poses, canvas, fps, frames or None)
        picture = host.to_uint8(image[None])[0]
        share = None if mask is None else fitted_mask(mask, reference, canvas)
        doll = puppet(picture, posed[:1], share, detector)
        host.stop_if_interrupted()
        shown, masks = drawn(doll, posed[1:], label)
        return io.NodeOutput(host.to_image(np.stack(shown)), fps, torch.from_numpy(np.stack(masks)))


def fitted_mask(mask: Any, reference: Any, canvas: Canvas) -> np.ndarray:
    """float32 [H, W] in 0..1: the first mask, brought to the canvas as the reference is."""
    import numpy as np

    from ..humandit.errors import InvalidMedia
    from ..humandit.media.frames import fit_frames

    first = mask.reshape(-1, *mask.shape[-2:])[:1]
    if first.shape[1:] != reference.shape[1:3]:
        raise InvalidMedia(
            f"The mask must have the reference's size {list(reference.shape[1:3])}, got {list(first.shape[1:])}. "
            "Connect the mask of the same picture."
        )
    grey = host.to_uint8(first[..., None])
    return fit_frames(grey, canvas, "fill")[0, ..., 0].astype(np.float32) / 255


def drawn(doll: Any, poses: Any, label: bool) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Frames uint8 [H, W, 3] and masks float32 [H, W], with a bar and previews; Cancel stops between two frames."""
    from PIL import Image

    from ..humandit.draft import labelled, play

    advance = host.progress(len(poses))
    shown, masks = [], []
    for done, one in enumerate(play(doll, poses), 1):
        shown.append(labelled(one.frame) if label else one.frame)
        masks.append(one.mask)
        advance(done, ("JPEG", Image.fromarray(shown[-1]), 512) if done % SHOW_EVERY == 1 else None)
    return shown, masks


NODES = (HumanDiTDraft,)
