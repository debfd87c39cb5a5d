"""Prompt: words for the CogVideoX 5B models, read by core's T5 text encoder the way those models learnt it."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from .types import schema
from .words import TOKENS

PAD, END = 0, 1
"""T5's own tokens for nothing, and for the end of a text."""
SINGLE = (
    "Load a T5-XXL text encoder alone, by core's CLIP loader: type sd3 (on newer hosts also cogvideox), for example "
    "t5xxl_fp8_e4m3fn.safetensors in models/text_encoders."
)


class HumanDiTPrompt(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTPrompt",
            display_name="HumanDiT Prompt",
            category="HumanDiT/video",
            description="Words for CogVideoX weights: what the film should show, and what not. Works as core's CLIP "
            "Text Encode, with exactly the 226 tokens that these weights learnt.",
            search_aliases=["cogvideox prompt", "t5 prompt", "text encode", "negative prompt"],
            inputs=[
                io.Clip.Input(
                    "clip", tooltip="A T5-XXL text encoder, from core's CLIP loader (type sd3 or cogvideox)."
                ),
                io.String.Input(
                    "prompt",
                    multiline=True,
                    default="",
                    tooltip="What the film shows, in English: the person, clothes, place, light. One to four full "
                    "sentences work best; what comes after 226 tokens, about 150 words, is not read.",
                ),
                io.String.Input(
                    "negative_prompt",
                    multiline=True,
                    default="",
                    tooltip="What the film should keep away from. Empty is fine.",
                ),
            ],
            outputs=[
                io.Conditioning.Output("positive", display_name="positive", tooltip="For HumanDiT Fun Pose or VCtrl."),
                io.Conditioning.Output("negative", display_name="negative", tooltip="For the same node."),
            ],
        )

    @classmethod
    def execute(cls, clip: Any, prompt: str, negative_prompt: str) -> io.NodeOutput:
        return io.NodeOutput(read(clip, prompt), read(clip, negative_prompt))


def read(clip: Any, text: str) -> list[Any]:
    """CONDITIONING of ``TOKENS`` tokens: filled up with empty ones, which the weights see too, or cut."""
    from ..humandit.errors import HumanDiTError

    tokens = clip.tokenize(text)
    kinds = [name for name in tokens if "t5" in name]
    if len(kinds) != 1 or _masks(clip):
        raise HumanDiTError(f"This text encoder does not read as CogVideoX's does. {SINGLE}")
    read_tokens = {**tokens, kinds[0]: [exactly([token for row in tokens[kinds[0]] for token in row])]}
    said = clip.encode_from_tokens_scheduled(read_tokens)
    if said[0][0].shape[1] != TOKENS:
        raise HumanDiTError(
            f"Expected {TOKENS} tokens, the text encoder gave {said[0][0].shape[1]}: it holds more than T5. {SINGLE}"
        )
    return said


def exactly(tokens: list[Any], count: int = TOKENS) -> list[Any]:
    """``count`` tokens (id, weight): filled up after the end, or cut before it."""
    bare = [(token[0], token[1]) for token in tokens]
    if len(bare) > count:
        return [*bare[: count - 1], (END, 1.0)] if bare[count - 1][0] != PAD else bare[:count]
    return bare + [(PAD, 1.0)] * (count - len(bare))


def _masks(clip: Any) -> bool:
    """Whether the encoder hides empty tokens from the others, which CogVideoX's does not."""
    parts = clip.cond_stage_model.children()
    return any(getattr(part, "enable_attention_masks", False) for part in parts)


NODES = (HumanDiTPrompt,)
