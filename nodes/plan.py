"""Plan: the size and length of the film to come, and what it will cost, before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_api.latest import io

from . import host
from .film_inputs import fps_input, frames_input, guidance_input, preset_input, side_input, steps_input
from .host_memory import free_memory
from .types import PoseSocket, as_poses, pose_input, schema

if TYPE_CHECKING:
    from ..humandit.framing import Framing
    from ..humandit.types import Canvas
    from ..humandit.video.config import DiTConfig
    from ..humandit.video.plan import Machine
    from ..humandit.video.plan.autoencoders import AutoencoderCost

MODES = ["fit", "fill", "pad"]
SIZES = ["mini", "5b"]
PRECISIONS = ["default", "fp32", "bf16", "fp16", "fp8"]


class HumanDiTPlan(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTPlan",
            display_name="HumanDiT Plan",
            category="HumanDiT/video",
            description="Says what a film will cost before anything runs: segments, time, memory, and what to change "
            "if it does not fit. Its outputs set the size and length in HumanDiT Sample.",
            search_aliases=["vram estimate", "resolution", "how long does it take", "resize image to video", "budget"],
            hidden=[io.Hidden.unique_id],
            is_output_node=True,
            inputs=[
                side_input(
                    "width",
                    192,
                    "Wanted width in pixels, a multiple of 16 up to 1280. With 'fit' and a picture, width x height is "
                    "the area that is kept to, not the exact size.",
                ),
                side_input(
                    "height",
                    192,
                    "Wanted height in pixels, a multiple of 16 up to 1280. The bundled model knows 128 to 192.",
                ),
                io.Combo.Input(
                    "mode",
                    MODES,
                    default="fit",
                    tooltip="How the picture comes to the size: 'fit' keeps its shape and chooses sides for it, 'fill' "
                    "covers the size and cuts what hangs over, 'pad' shows everything inside black borders.",
                ),
                io.Float.Input(
                    "seconds",
                    default=4.0,
                    min=0.1,
                    max=7200.0,
                    step=0.1,
                    tooltip="Length of the film in seconds. Not used if frames is above 0.",
                ),
                frames_input("Frames to make instead of seconds; 0 goes by the seconds above."),
                fps_input("Frames per second of the video; models were trained at 12.5. More frames cost more time."),
                io.Int.Input(
                    "segment_frames",
                    default=0,
                    min=0,
                    max=249,
                    tooltip="Frames made at once: 8k+1 (9, 17, 25, …). 0 chooses the longest that model and token "
                    "budget allow, evened out over the film. Set it lower if memory is short.",
                ),
                steps_input("Denoising steps per segment, as in HumanDiT Sample. Time grows in step with them."),
                guidance_input(
                    "As in HumanDiT Sample. Any value but 1.0 asks the model twice per step: double the time."
                ),
                io.Combo.Input(
                    "model_size",
                    SIZES,
                    default="mini",
                    tooltip="Which model to plan for if none is connected: the bundled small one, or CogVideoX-5b's "
                    "size, which you can plan for without having it.",
                ),
                io.Combo.Input(
                    "precision",
                    PRECISIONS,
                    default="default",
                    tooltip="Number format of the weights in memory. 'default' is that of the connected model, else "
                    "fp32 for small and bf16 for large models. Half the bytes, half the memory of the weights.",
                ),
                io.Model.Input(
                    "model",
                    optional=True,
                    tooltip="From HumanDiT Load Model: the plan is then for this model. Unconnected, model_size says.",
                ),
                io.Image.Input(
                    "picture",
                    optional=True,
                    tooltip="Picture of the person. It comes out at the planned size, for Detect Pose and Sample. Of "
                    "several, all are brought to the size.",
                ),
                pose_input(
                    "poses",
                    "Pose that was found in the picture before this node, to be placed with it. Not needed if the pose "
                    "is detected in the picture that comes out.",
                    optional=True,
                ),
                preset_input(
                    "As in HumanDiT Sample: 'balanced' and 'fast' choose the steps themselves, and take less."
                ),
                io.Boolean.Input(
                    "calibrate",
                    default=False,
                    optional=True,
                    tooltip="Measure how fast this machine is before planning: seconds on a card, longer on a CPU. It "
                    "is remembered; switch it off afterwards.",
                ),
                io.Vae.Input(
                    "vae",
                    optional=True,
                    tooltip="From HumanDiT Load VAE: decoding is then counted for this one. Unconnected, for the one "
                    "that usually goes with a model of that size.",
                ),
            ],
            outputs=[
                io.Int.Output("planned_width", display_name="width", tooltip="For HumanDiT Sample."),
                io.Int.Output("planned_height", display_name="height", tooltip="For HumanDiT Sample."),
                io.Int.Output("planned_frames", display_name="frames", tooltip="For HumanDiT Sample."),
                io.Int.Output("planned_segment_frames", display_name="segment_frames", tooltip="For HumanDiT Sample."),
                io.Float.Output("planned_fps", display_name="fps", tooltip="For HumanDiT Sample."),
                io.Image.Output("framed_picture", display_name="picture", tooltip="The picture at the planned size."),
                PoseSocket.Output("framed_poses", display_name="poses", tooltip="The pose on that picture."),
                io.String.Output("report", display_name="report", tooltip="What it costs and what to change, as text."),
            ],
        )

    @classmethod
    def execute(
        cls,
        width: int,
        height: int,
        mode: str,
        seconds: float,
        frames: int,
        fps: float,
        segment_frames: int,
        steps: int,
        guidance: float,
        model_size: str,
        precision: str,
        model: Any = None,
        picture: Any = None,
        poses: Any = None,
        preset: str = "exact",
        calibrate: bool = False,
        vae: Any = None,
    ) -> io.NodeOutput:
        from ..humandit.types import Canvas
        from ..humandit.video import plan as cost
        from ..humandit.video.plan import Wish, frames_of
        from ..humandit.video.presets import preset as switches
        from ..humandit.video.sample import Sampling

        config, format_ = planned_model(model, model_size, host.choice(precision, PRECISIONS, "number formats"))
        framing = framing_of(picture, Canvas(width, height), host.choice(mode, MODES, "modes"))
        canvas = Canvas(width, height) if framing is None else framing.canvas
        wanted = frames or frames_of(seconds, fps)
        sampling = switches(preset).applied(Sampling(steps, guidance))
        wish = Wish(config, canvas, wanted, fps, segment_frames, sampling, format_, planned_vae(vae))
        plan = cost.planned(wish, machine(config, format_, calibrate), model_size if model is None else "FILE")
        report = cost.text(plan)
        host.show_text(report, cls.hidden.unique_id)
        sizes = (canvas.width, canvas.height, wanted, plan.shape.frames, fps)
        return io.NodeOutput(
            *sizes, framed_picture(picture, framing), framed_poses(poses, framing), report, ui={"text": (report,)}
        )


def planned_model(model: Any, size: str, precision: str) -> tuple[DiTConfig, str]:
    """Sizes and number format to plan for."""
    from ..humandit.video.config import COGVIDEOX_5B, MINI
    from .native_sampling import config_of

    if model is None:
        return {"mini": MINI, "5b": COGVIDEOX_5B}[host.choice(size, SIZES, "model sizes")], precision
    return config_of(model), host.number_format_of(model) if precision == "default" else precision


def planned_vae(vae: Any) -> AutoencoderCost | None:
    """What a connected VAE costs; None for the usual one."""
    if vae is None:
        return None
    from .native_vae import cost_of

    return cost_of(vae)


def machine(config: DiTConfig, precision: str, calibrate: bool) -> Machine:
    """The host's device, with what is free there once its models have made room."""
    from ..humandit.video import plan as cost

    device, vram, ram = free_memory()
    if calibrate:
        cost.remember(cost.calibrate(config, device, cost.format_of(precision, config)))
    return cost.machine_of(device, config, precision, vram, ram)


def framing_of(picture: Any, wanted: Canvas, mode: Any) -> Framing | None:
    from ..humandit.framing import framed
    from ..humandit.types import Canvas

    if picture is None:
        return None
    height, width = host.to_uint8(picture[:1]).shape[1:3]
    return framed(Canvas(width, height), wanted, mode)


def framed_picture(picture: Any, framing: Framing | None) -> Any:
    """IMAGE at the planned size; without one, something that says so to whoever uses it."""
    from ..humandit.media.frames import framed_frames

    if framing is None:
        return host.blocked("HumanDiT Plan gives a picture only if one is connected to it. Connect its picture input.")
    return host.to_image(framed_frames(host.to_uint8(picture), framing))


def framed_poses(poses: Any, framing: Framing | None) -> Any:
    """Poses on that picture; without any, something that says so to whoever uses it."""
    if poses is None or framing is None:
        return host.blocked(
            "HumanDiT Plan gives poses only if a picture and its pose are connected to it. Connect both, or take the "
            "pose from HumanDiT Detect Pose."
        )
    return as_poses(poses).framed(framing)


NODES = (HumanDiTPlan,)
