"""What the nodes of the public CogVideoX 5B weights ask for beside ``film_inputs``, and the words that they share."""

from __future__ import annotations

from comfy_api.latest import io

from .types import KeypointSocket, PoseSocket

FPS = 8.0
"""Frames per second that the CogVideoX 5B models were trained with."""
FRAMES_TIP = "Frames to make at the fps below. 0 makes the whole film; start with 9 to 49 for a look."
STEPS_TIP = "Denoising steps. {} is what the weights' authors take; half of them make a good look."
GUIDANCE_TIP = (
    "How strongly the prompt is followed. {:g} is the authors' value; 1.0 is twice as fast and hardly follows it; much "
    "more makes harsh pictures."
)
SAMPLER_TIP = (
    "'ddim' is what the weights' authors use; 'dpm++2m' goes where it goes in half the steps; 'dpm++' adds fresh noise "
    "at each step and can be sharper."
)
FPS_TIP = (
    "Frames per second of the video; poses are resampled to it and keep their speed, a drawn film is taken frame by "
    "frame. CogVideoX 5B learnt 8."
)
PROMPT_TIP = "CONDITIONING of 226 T5-XXL tokens, from HumanDiT Prompt. "


def poses_input(tooltip: str) -> io.Input:
    """Poses, which are drawn, or a film that is drawn already."""
    return io.MultiType.Input("poses", [PoseSocket, KeypointSocket, io.Image], tooltip=tooltip)


def prompt_inputs(without: str) -> list[io.Input]:
    """Both prompts; ``without`` says what comes of leaving them out."""
    return [
        io.Conditioning.Input("positive", optional=True, tooltip=PROMPT_TIP + without),
        io.Conditioning.Input(
            "negative", optional=True, tooltip=PROMPT_TIP + "What the film should keep away from; may be empty."
        ),
    ]
