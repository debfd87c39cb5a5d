"""What is done against drift, and the meter that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_api.latest import io

from . import host
from .fitting import POSES_TIP, REFERENCE_POSES_TIP, REFERENCE_TIP, fitted
from .types import DEFAULT_FPS, ContinuitySocket, pose_input, schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import torch

OWN = "own"
PRESETS = ["default", "plain", "still camera", "gentle", OWN]
PRESET_TIP = (
    "'default': every segment starts from the reference picture, overlaps the one before by 4 frames and cross-fades; "
    "the picture's background is kept, moved as the points of HumanDiT Track Background move, if they are connected. "
    "'still camera': the same without points, for a camera that does not move. 'gentle': segments start from the last "
    "frame, colours and sharpness are half put right; for models that must start from the frame before. 'plain': "
    "nothing, the paper's chain. 'own': the switches below, which the other presets do not look at."
)
START_TIP = (
    "What a segment starts from. 'last frame' of the one before (the paper): smooth, and every fault is handed on. "
    "'reference': the picture itself, so faults cannot add up, but seams show: give an overlap. 'key frames': a frame "
    "that a short segment made from the picture; between the two, and takes longer."
)
OVERLAP_TIP = (
    "Frames at the end of a segment that the next one makes again; the two are cross-faded. 4 hides most seams, 8 all "
    "but fast motion; at most half a segment. Costs the time of the frames made twice."
)
COLOUR_TIP = (
    "How far each segment's colours, person and background apart, are brought back to the picture's. 0 is off, 0.5 "
    "gentle, 1 all. Raise it if the film gets darker, paler or tinted; lower it if the light is meant to change."
)
LATENTS_TIP = (
    "How far the contrast of each segment's latents is held to the first segment's. 0 is off. Raise it if pictures "
    "get harsher or duller from segment to segment."
)
NOISE_TIP = (
    "Noise on the frame that a segment starts from, in shares of its own contrast; 0.05 to 0.15. The model then "
    "repairs it instead of copying its faults. 'reference' needs none."
)
SHARPEN_TIP = (
    "How much of the sharpness that the starting frame lost against the picture is given back, 0 to 1. For films that "
    "get softer; too much draws rims."
)
BACKGROUND_TIP = (
    "Where the picture's own background is put back, round the body that the poses draw. 'free': nowhere. 'starting "
    "frame': where a segment starts. 'whole film': in every frame. Both are for a camera that stands still. 'by "
    "points': in every frame, moved as the background points do that are connected to HumanDiT Sample; nowhere "
    "without them. Shadows far from the feet stay as they are in the picture."
)
SEAMS_TIP = (
    "Segments end where the person moves least, and may be up to half shorter for it. A seam in slow motion is hard "
    "to see; more segments take more time."
)


class HumanDiTContinuity(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTContinuity",
            display_name="HumanDiT Continuity",
            category="HumanDiT/video",
            description="Keeps the person and the place the same through a long film. Connect it to HumanDiT Sample.",
            search_aliases=["drift", "long video", "identity", "color match", "anchor", "overlap", "crossfade"],
            inputs=[
                io.Combo.Input("preset", PRESETS, default="default", tooltip=PRESET_TIP),
                io.Combo.Input(
                    "start", ["last frame", "reference", "key frames"], default="reference", tooltip=START_TIP
                ),
                io.Int.Input("overlap", default=4, min=0, max=120, tooltip=OVERLAP_TIP),
                share_input("colour", COLOUR_TIP),
                share_input("latents", LATENTS_TIP),
                io.Float.Input("noise", default=0.0, min=0.0, max=2.0, step=0.01, tooltip=NOISE_TIP),
                share_input("sharpen", SHARPEN_TIP),
                io.Combo.Input(
                    "background",
                    ["free", "starting frame", "whole film", "by points"],
                    default="by points",
                    tooltip=BACKGROUND_TIP,
                ),
                io.Boolean.Input("slow_seams", default=False, tooltip=SEAMS_TIP),
            ],
            outputs=[
                ContinuitySocket.Output("switches", display_name="continuity", tooltip="For HumanDiT Sample."),
            ],
        )

    @classmethod
    def execute(cls, preset: str, **switches: Any) -> io.NodeOutput:
        from ..humandit.video.continuity import Continuity, continuity

        return io.NodeOutput(Continuity(**switches) if preset == OWN else continuity(preset))


def share_input(name: str, tooltip: str) -> io.Input:
    return io.Float.Input(name, default=0.0, min=0.0, max=1.0, step=0.05, tooltip=tooltip)


class HumanDiTDriftMeter(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTDriftMeter",
            display_name="HumanDiT Drift Meter",
            category="HumanDiT/video",
            description="Shows how far a film has gone from its picture, segment by segment: colours, clothes and "
            "sharpness, as a small plot and as text.",
            search_aliases=["drift", "identity", "color shift", "quality", "compare segments"],
            hidden=[io.Hidden.unique_id],
            inputs=[
                io.Image.Input("images", tooltip="The film, from HumanDiT Sample, without the reference picture."),
                io.Image.Input("reference", tooltip=REFERENCE_TIP),
                pose_input("reference_poses", REFERENCE_POSES_TIP),
                pose_input("poses", POSES_TIP),
                io.Int.Input(
                    "segment_frames",
                    default=25,
                    min=9,
                    max=249,
                    step=8,
                    tooltip="As in HumanDiT Sample: the film is measured in parts of one frame fewer.",
                ),
                io.Float.Input(
                    "fps",
                    default=DEFAULT_FPS,
                    min=1.0,
                    max=60.0,
                    step=0.5,
                    tooltip="Frames per second of the film; connect the sampler's.",
                ),
            ],
            outputs=[
                io.Image.Output("plot", display_name="plot", tooltip="One diagram per figure, segments left to right."),
                io.String.Output("report", display_name="report", tooltip="The same as numbers, one line per segment."),
            ],
        )

    @classmethod
    def execute(
        cls,
        images: Any,
        reference: Any,
        reference_poses: Any,
        poses: Any,
        segment_frames: int,
        fps: float,
    ) -> io.NodeOutput:
        from ..humandit.metrics.drift import as_lists, drift_meter, told
        from ..humandit.metrics.drift_plot import drift_plot
        from ..humandit.types import Canvas

        canvas = Canvas(images.shape[2], images.shape[1])
        picture, posed = fitted(reference, reference_poses, poses, canvas, fps, len(images))
        meter = drift_meter(posed, host.to_uint8(picture[None])[0])
        drifts = [meter(part) for part in _parts(images, segment_frames - 1)]
        report = told(drifts)
        return io.NodeOutput(host.to_image(drift_plot({"film": as_lists(drifts)}))[None], report, ui={"text": [report]})


def _parts(images: torch.Tensor, frames: int) -> Iterator[np.ndarray]:
    """uint8 frames of each segment."""
    for start in range(0, len(images), frames):
        yield host.to_uint8(images[start : start + frames])


NODES = (HumanDiTContinuity, HumanDiTDriftMeter)
