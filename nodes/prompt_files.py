"""Save Prompt and Load Prompt: words that were read once need no text encoder again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from comfy_api.latest import io

from . import host
from .types import schema

FOLDER = "humandit_prompts"
"""Folder of saved prompts under ComfyUI's ``models``."""
NO_PROMPTS = "none found (see the help)"
"""The only entry of the list where there is nothing to choose."""


class HumanDiTSavePrompt(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTSavePrompt",
            display_name="HumanDiT Save Prompt",
            category="HumanDiT/video",
            description="Keeps what the text encoder made of a prompt, so that HumanDiT Load Prompt gives it without "
            "one. Save the empty prompt once, and most films need no text encoder.",
            search_aliases=["save conditioning", "keep prompt", "cache text"],
            is_output_node=True,
            inputs=[
                io.Conditioning.Input("conditioning", tooltip="One prompt: an output of HumanDiT Prompt."),
                io.String.Input(
                    "name",
                    default="empty",
                    tooltip="Name of the file in models/humandit_prompts, without folder or ending. A file of that "
                    "name is replaced.",
                ),
            ],
            outputs=[],
        )

    @classmethod
    def execute(cls, conditioning: Any, name: str) -> io.NodeOutput:
        from ..humandit.errors import HumanDiTError
        from ..humandit.weights.prompt import save_prompt

        if not name.strip(". ") or not name.isprintable() or Path(name).name != name or "\\" in name:
            raise HumanDiTError(f"Expected a file name without folder and ending, got {name!r}. For example: empty.")
        if len(conditioning) != 1:
            raise HumanDiTError(f"Expected one prompt, got {len(conditioning)} combined. Save each by itself.")
        path = save_prompt(prompts_folder() / f"{name}.safetensors", conditioning[0][0].detach().float().cpu())
        return io.NodeOutput(ui={"text": (f"Saved {FOLDER}/{path.name}",)})


class HumanDiTLoadPrompt(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTLoadPrompt",
            display_name="HumanDiT Load Prompt",
            category="HumanDiT/load",
            description="A prompt that HumanDiT Save Prompt kept, without a text encoder.",
            search_aliases=["load conditioning", "empty prompt"],
            inputs=[
                io.Combo.Input(
                    "prompt_file",
                    prompt_files(),
                    tooltip="Saved prompts, from models/humandit_prompts. Press R for new ones to be listed.",
                ),
            ],
            outputs=[
                io.Conditioning.Output(
                    "conditioning", display_name="CONDITIONING", tooltip="For positive or negative of a sampler."
                )
            ],
        )

    @classmethod
    def fingerprint_inputs(cls, prompt_file: str) -> str:
        path = prompts_folder() / prompt_file
        return f"{prompt_file} {path.stat().st_mtime_ns}" if path.is_file() else "missing"

    @classmethod
    def execute(cls, prompt_file: str) -> io.NodeOutput:
        from ..humandit.errors import InvalidWeights
        from ..humandit.weights.prompt import read_prompt

        if host.choice(prompt_file, prompt_files(), f"prompts in models/{FOLDER}") == NO_PROMPTS:
            raise InvalidWeights("No prompt is saved yet. Connect HumanDiT Prompt to HumanDiT Save Prompt and run it.")
        return io.NodeOutput([[read_prompt(prompts_folder() / prompt_file), {}]])


def prompts_folder() -> Path:
    """Where saved prompts lie; ComfyUI learns of it here."""
    import folder_paths

    if FOLDER not in folder_paths.folder_names_and_paths:
        folder_paths.add_model_folder_path(FOLDER, str(Path(folder_paths.models_dir) / FOLDER))
    return Path(folder_paths.get_folder_paths(FOLDER)[0])


def prompt_files() -> list[str]:
    """Names of the saved prompts."""
    return sorted(path.name for path in prompts_folder().glob("*.safetensors")) or [NO_PROMPTS]


NODES = (HumanDiTSavePrompt, HumanDiTLoadPrompt)
