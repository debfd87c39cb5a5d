"""Nodes are tested inside the test's own process: the host's modules are imported, no server is started."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACK = "humandit_pack"


def load_by_path(name: str, path: Path) -> ModuleType:
    """Import a file or package under ``name``, the way ComfyUI loads a pack."""
    inside = [str(path.parent)] if path.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=inside)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def comfy() -> ModuleType:
    """The host's modules on the import path, set to the CPU."""
    tools = load_by_path("humandit_tools_host", ROOT / "tools" / "host.py")
    starter = load_by_path("humandit_tools_run_host", ROOT / "tools" / "run_host.py")
    try:
        sys.path.insert(0, str(tools.host_folder()))  # before the project, whose folder "nodes" shares a name
        starter.declare_missing_operators()
        from comfy.cli_args import args

        args.cpu = True
        import comfy.sample
        import comfy.sd

        import nodes  # noqa: F401  (the host's, which other modules of the host import)
    except (ImportError, OSError, SystemExit) as error:
        if os.environ.get("CI") or os.environ.get("HUMANDIT_STRICT"):
            raise
        pytest.skip(f"no ComfyUI host to import: {error}")
    return comfy


@pytest.fixture(scope="session")
def pack(comfy: ModuleType) -> Callable[[str], ModuleType]:
    """``pack("nodes.native")``: a module of the pack as ComfyUI would load it, with its own copy of the library."""
    load_by_path(PACK, ROOT / "__init__.py")
    return lambda name: importlib.import_module(f"{PACK}.{name}")


@pytest.fixture
def tiny(pack: Callable[[str], ModuleType]) -> Callable[..., tuple]:
    """``tiny(prediction)``: a config and a random state dict without zeros, so that every part of the model matters.
    With ``finished`` it is shown the moved picture and finishes its frames, as the bundled model does."""
    import torch

    def make(prediction: str = "v", finished: bool = False) -> tuple:
        config = pack("humandit.video.config").DiTConfig(
            heads=2, head_dim=32, layers=2, time_dim=32, text_dim=None, rope_base=(2, 3), prediction=prediction,
            moved_picture=finished, overlaid=finished, finished=finished,
        )  # fmt: skip
        rng = torch.Generator().manual_seed(7)
        state = {
            name: torch.randn(value.shape, generator=rng) * (0.3 if value.ndim < 2 else value[0].numel() ** -0.5)
            for name, value in pack("humandit.video.model").HumanDiT(config).state_dict().items()
        }
        return config, state

    return make


@pytest.fixture
def library_model(pack: Callable[[str], ModuleType]) -> Callable:
    """``library_model(config, state)``: the model outside the host."""

    def make(config: object, state: dict) -> object:
        model = pack("humandit.video.model").HumanDiT(config)
        model.load_state_dict(state)
        return model.eval()

    return make


@pytest.fixture(autouse=True)
def inference() -> Iterator[None]:
    import torch

    with torch.inference_mode():
        yield


@pytest.fixture(autouse=True)
def user_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The host's user folder, where finished segments are kept: new for every test, or one goes on with another's."""
    if "folder_paths" in sys.modules:
        monkeypatch.setattr("folder_paths.user_directory", str(tmp_path / "user"))
    return tmp_path / "user"


@pytest.fixture(autouse=True)
def own_speeds(pack: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test's sampling tells of this machine's speed is not for the plans of its owner."""
    monkeypatch.setattr(pack("humandit.video.plan.speed"), "memory_file", lambda: tmp_path / "speed.json")
