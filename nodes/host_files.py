"""Model folders and files of the host: what its lists offer, and the paths behind their entries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .host import choice

POSE_FOLDER = "humandit_pose"
"""Folder of pose nets under ComfyUI's ``models``."""
POSE_FILES = {".tflite", ".onnx", ".task", ".safetensors", ".pt", ".pt2", ".torchscript"}
NET_FILES = (".onnx", ".pt", ".pt2", ".torchscript")
"""Endings of the pose nets that are chosen one by one."""
BUNDLED = "mini (bundled)"
"""Entry of a loader's list that stands for the weights inside the pack."""
EXAMPLES = Path(__file__).parent / "examples"


def register_folders() -> None:
    """Tell ComfyUI about our model folder, with the file endings that count as pose nets."""
    import folder_paths

    folder_paths.add_model_folder_path(POSE_FOLDER, str(Path(folder_paths.models_dir) / POSE_FOLDER))
    paths, _ = folder_paths.folder_names_and_paths[POSE_FOLDER]
    folder_paths.folder_names_and_paths[POSE_FOLDER] = (paths, POSE_FILES)


def pose_folder() -> Path:
    """Where pose nets are looked for and kept."""
    import folder_paths

    return Path(folder_paths.get_folder_paths(POSE_FOLDER)[0])


def tracker_files() -> list[str]:
    """TorchScript files with "track" in their names: others in the folder are pose nets."""
    import folder_paths

    names = folder_paths.get_filename_list(POSE_FOLDER)
    return [name for name in names if "track" in name.lower() and name.endswith((".pt", ".torchscript"))]


def tracker_path(name: str) -> str:
    """Full path of one of :func:`tracker_files`."""
    import folder_paths

    chosen = choice(name, tracker_files(), f"trackers in models/{POSE_FOLDER}")
    return folder_paths.get_full_path(POSE_FOLDER, chosen) or chosen


def pose_files() -> list[str]:
    """Names of the pose and person nets in ComfyUI's pose folders."""
    import folder_paths

    return [name for name in folder_paths.get_filename_list(POSE_FOLDER) if name.endswith(NET_FILES)]


def pose_path(name: str) -> str:
    """The full path of one of :func:`pose_files`."""
    import folder_paths

    return folder_paths.get_full_path_or_raise(
        POSE_FOLDER, choice(name, pose_files(), f"files in models/{POSE_FOLDER}")
    )


def weight_files(kind: str) -> list[str]:
    """The bundled weights and every safetensors file in ComfyUI's folder ``kind`` ("diffusion_models", "vae")."""
    import folder_paths

    return [BUNDLED, *(name for name in folder_paths.get_filename_list(kind) if name.endswith(".safetensors"))]


def weight_path(kind: str, name: str) -> str:
    """What the library's loaders take: "mini", or the full path of a file in ComfyUI's folder ``kind``."""
    import folder_paths

    if name == BUNDLED:
        return "mini"
    return folder_paths.get_full_path(kind, choice(name, weight_files(kind), f"weights in models/{kind}")) or name


def example_files(pattern: str) -> list[str]:
    """Names of bundled example files, sorted."""
    return sorted(path.name for path in EXAMPLES.glob(pattern))


def json_files() -> list[str]:
    """JSON files in ComfyUI's input folder and, marked " [output]", in its output folder; sorted."""
    import folder_paths

    places = ((folder_paths.get_input_directory(), ""), (folder_paths.get_output_directory(), " [output]"))
    return [
        Path(name).as_posix() + mark
        for folder, mark in places
        for name in sorted(folder_paths.recursive_search(folder, [".git"])[0] if Path(folder).is_dir() else [])
        if name.lower().endswith(".json") and not Path(name).name.startswith(".")
    ]


def json_path(name: str) -> Path:
    """The file behind an entry of :func:`json_files`; nothing else can be reached."""
    import folder_paths

    return Path(folder_paths.get_annotated_filepath(choice(name, json_files(), "JSON files in input and output")))


def json_fingerprint(name: str) -> str:
    """Changes when the file's content does; a file that is gone has a print of its own."""
    import hashlib

    return hashlib.sha256(json_path(name).read_bytes()).hexdigest() if name in json_files() else "missing"


def output_file(prefix: str, suffix: str, size: tuple[int, int]) -> tuple[Path, str]:
    """A new file's path in ComfyUI's output folder, and its name inside that folder for showing.

    Args:
        prefix: as in core's save nodes: folders, "%date%" words; may not lead out of the output folder.
        suffix: file ending with its dot.
        size: width and height for "%width%" and "%height%".
    """
    import folder_paths

    from ..humandit.errors import HumanDiTError

    if not Path(prefix).name.strip(". ") or not prefix.isprintable():
        raise HumanDiTError(f"Expected a file name or folder/name as filename_prefix, got {prefix!r}.")
    try:
        folder, name, number, inside, _ = folder_paths.get_save_image_path(
            prefix, folder_paths.get_output_directory(), *size
        )
    except Exception as error:  # the host raises plain Exception for paths outside
        raise HumanDiTError(f"{prefix!r} cannot be saved: it must lie inside ComfyUI's output folder.") from error
    file = f"{name}_{number:05}_{suffix}"
    return Path(folder) / file, (Path(inside) / file).as_posix()


def temporary_file(prefix: str, suffix: str, print_of: bytes, make: Callable[[], bytes]) -> dict[str, str]:
    """A file in ComfyUI's temporary folder, and how the page fetches it.

    The name follows from ``print_of``; ``make`` gives the content, and is not asked when the file is there already.
    """
    import hashlib

    import folder_paths

    name = f"{prefix}_{hashlib.sha256(print_of).hexdigest()[:16]}{suffix}"
    path = Path(folder_paths.get_temp_directory()) / name
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{name}.part")
        part.write_bytes(make())
        part.replace(path)
    return {"filename": name, "subfolder": "", "type": "temp"}
