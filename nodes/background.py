"""Track Background: points that tell the model how the camera moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_api.latest import io, ui

from . import host, host_files
from .types import DEFAULT_FPS, BackgroundSocket, DetectorSocket, as_poses, pose_input, schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

    from ..humandit.pose.background import BackgroundPoints

FILM, STILL, PAN = "film", "still", "pan and zoom"
MODES = [FILM, STILL, PAN]
LUCAS_KANADE = "lucas-kanade"


class HumanDiTTrackBackground(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTTrackBackground",
            display_name="HumanDiT Track Background",
            category="HumanDiT/pose",
            description="Points of the background that tell the video model how the camera moves: taken from the "
            "driving film, or of a camera that stands still, pans or zooms.",
            search_aliases=["camera motion", "pan", "zoom", "point tracking", "cotracker", "background keypoints"],
            hidden=[io.Hidden.unique_id],
            inputs=[
                io.Image.Input(
                    "images",
                    tooltip="All frames of the driving film, the same that the poses were found in. For a made camera "
                    "they only say how many frames there are and how large.",
                ),
                io.Float.Input(
                    "fps",
                    default=DEFAULT_FPS,
                    min=0.1,
                    max=240.0,
                    step=0.1,
                    tooltip="Frames per second of the film. Connect the fps of the node that loads it.",
                ),
                io.Combo.Input(
                    "mode",
                    MODES,
                    default=FILM,
                    tooltip="'film' takes over the film's camera; 'still' holds the camera still; 'pan and zoom' moves "
                    "it by the numbers below. For none of these leave the sampler's background unconnected.",
                ),
                io.Int.Input(
                    "count",
                    default=20,
                    min=1,
                    max=20,
                    tooltip="Points at a time, at most 20. Fewer hold the background less firmly.",
                ),
                pan_input("pan_x", "widths", "right"),
                pan_input("pan_y", "heights", "down"),
                io.Float.Input(
                    "zoom",
                    default=0.0,
                    min=-0.9,
                    max=4.0,
                    step=0.01,
                    tooltip="Only for 'pan and zoom': 0.1 enlarges everything by a tenth each second, -0.1 shrinks it.",
                ),
                io.Mask.Input(
                    "mask",
                    optional=True,
                    tooltip="White where the person is, one mask per frame. Without it, the poses say where.",
                ),
                pose_input(
                    "poses",
                    "Poses found in these very images, not the adapted ones: no points go where the body is. With "
                    "neither poses nor a mask, everything counts as background.",
                    optional=True,
                ),
                DetectorSocket.Input(
                    "detector",
                    optional=True,
                    tooltip="A pose detector that cuts people out makes the person's edge finer, at about the cost of "
                    "detecting the poses again.",
                ),
                io.Combo.Input(
                    "tracker",
                    [LUCAS_KANADE, *host_files.tracker_files()],
                    default=LUCAS_KANADE,
                    optional=True,
                    tooltip="'lucas-kanade' needs no net. A CoTracker of yours, a TorchScript file with 'track' in its "
                    "name in models/humandit_pose, copes better with blur and cover.",
                ),
            ],
            outputs=[
                BackgroundSocket.Output(
                    "background_points", display_name="background", tooltip="For HumanDiT Sample or Condition."
                ),
                io.Image.Output(
                    "points_shown", display_name="preview", tooltip="Points on the first, middle and last frame."
                ),
            ],
        )

    @classmethod
    def execute(
        cls,
        images: Any,
        fps: float,
        mode: str,
        count: int,
        pan_x: float,
        pan_y: float,
        zoom: float,
        mask: Any = None,
        poses: Any = None,
        detector: Any = None,
        tracker: str = LUCAS_KANADE,
    ) -> io.NodeOutput:
        from ..humandit.pose.background import camera_background, draw_points
        from ..humandit.types import Canvas

        frames = host.to_uint8(images)
        if host.choice(mode, MODES, "background modes") == FILM:
            masks = person(frames, fps, mask, poses, detector)
            points = followed(frames, fps, masks, count, tracker)
        else:
            moving = ((pan_x, pan_y), zoom) if mode == PAN else ((0.0, 0.0), 0.0)
            points = camera_background(Canvas(frames.shape[2], frames.shape[1]), len(frames), fps, *moving, count=count)
        picks = sorted({0, len(frames) // 2, len(frames) - 1})
        picture = host.to_image(draw_points(frames[picks], points[picks]))
        text = points_text(points)
        host.show_text(text, cls.hidden.unique_id)
        return io.NodeOutput(points, picture, ui={**ui.PreviewImage(picture, cls=cls).as_dict(), "text": (text,)})


def pan_input(name: str, sides: str, way: str) -> io.Input:
    return io.Float.Input(
        name,
        default=0.0,
        min=-2.0,
        max=2.0,
        step=0.01,
        tooltip=f"Only for 'pan and zoom': frame {sides} per second by which the camera turns {way}; the scene goes "
        "the other way. 0.05 is slow, 0.3 fast; negative turns back.",
    )


def person(frames: np.ndarray, fps: float, mask: Any, poses: Any, detector: Any) -> Iterable[np.ndarray] | None:
    """Masks of the person, by the best that is at hand; None where nothing tells."""
    from ..humandit.pose.background import cut_out
    from ..humandit.types import Canvas

    if mask is not None:
        return (mask > 0.5).reshape(-1, *mask.shape[-2:]).cpu().numpy()
    if poses is None and detector is None:
        return None
    found = detector.detect(frames, fps) if poses is None else as_poses(poses)
    found = found.resized(Canvas(frames.shape[2], frames.shape[1]))
    return cut_out(frames, found, detector)


def followed(
    frames: np.ndarray, fps: float, masks: Iterable[np.ndarray] | None, count: int, tracker: str
) -> BackgroundPoints:
    """The film's points by the tracker of that name."""
    from ..humandit.pose.background import track_background

    net = None
    if tracker != LUCAS_KANADE:
        from ..humandit.pose.background.cotracker import CoTracker

        net = CoTracker.load(host_files.tracker_path(tracker))
    return track_background(frames, fps, masks, count=count, tracker=net, on_frame=host.progress(len(frames)))


def points_text(points: BackgroundPoints) -> str:
    """One line for under the node."""
    seen = points.visible.sum(1)
    return f"{seen.min()} to {seen.max()} points in sight, {seen.mean():.1f} on average over {len(points)} frames"


NODES = (HumanDiTTrackBackground,)
