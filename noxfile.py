"""The project's commands: ``nox -s demo``, ``tests``, ``lint``, ``long``, ``browser``,
``reference``, ``soak``.

All share the environment in ``.nox/host``, or in ``.nox/own-host`` when ``COMFYUI_PATH`` names an existing
ComfyUI. More settings from outside: ``HUMANDIT_CACHE`` (downloads), ``TORCH_SPEC`` (another PyTorch), ``CI`` or
``HUMANDIT_STRICT`` (a missing real part is an error, not a skipped test).
"""

from __future__ import annotations

import ctypes.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2024.4.15"
nox.options.sessions = ["tests"]

TORCH = tuple(os.environ.get("TORCH_SPEC", "torch==2.13.0 torchvision==0.28.0").split())
OWN_HOST = bool(os.environ.get("COMFYUI_PATH"))
ENVIRONMENT = Path(__file__).resolve().parent / ".nox" / ("own-host" if OWN_HOST else "host")
PYTHON = str(ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
TEST_TOOLS = (
    *("pytest>=8", "hypothesis", "jaxtyping", "beartype", "moderngl>=5.10", "playwright>=1.45"),
    *("onnx>=1.17", "onnxruntime>=1.20"),
    *("scikit-image>=0.24", "lpips>=0.1.4", "pytorch-fid>=0.3"),
)
LINT_TOOLS = ("ruff==0.17.6", "pyright[nodejs]==1.1.414", "import-linter>=2.1")
PACK_TOOLS = ("comfy-cli==1.23.0", "comfy-test==0.4.15", "comfy-lint==0.1.0")
"""What ComfyUI's registry and others check packs with; in an environment of their own, for they bring many packages."""
SYSTEM_PACKAGES = ("libegl1", "libgl1", "libgl1-mesa-dri", "libglib2.0-0")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
STRICT = any(os.environ.get(name) for name in ("CI", "HUMANDIT_STRICT"))
ANY_CODE = range(256)


@nox.session(python=False)
def demo(session: nox.Session) -> None:
    """Animate the bundled picture after a real film in a real ComfyUI; prints where film and contact sheet are."""
    install_system_packages(session)
    install(session)
    run(session, "-m", "tools.demo", *session.posargs)


@nox.session(python=False)
def tests(session: nox.Session) -> None:
    """Library, nodes, server and browser tests. Arguments after ``--`` go to pytest."""
    install_for_browser(session)
    run(session, "-m", "pytest", *session.posargs, env={"HUMANDIT_STRICT": "1"} if STRICT else {})


@nox.session(python=False)
def long(session: nox.Session) -> None:
    """Tests that take minutes each: whole data builds, killed servers. Arguments after ``--`` go to pytest."""
    install_system_packages(session)
    install(session, *TEST_TOOLS, "rapidocr-onnxruntime>=1.4", "ray[data]>=2.40")
    run(session, "-m", "tools.fetch")
    run(session, "-m", "pytest", "-m", "long", *session.posargs)


@nox.session(python=False)
def browser(session: nox.Session) -> None:
    """Every workflow opened and run on two versions of ComfyUI's page, with the classic canvas and with Nodes 2.0.

    Pictures and times are left in ``HUMANDIT_SCREENSHOTS``, else in ``out/screenshots``.
    """
    install_for_browser(session)
    run(session, "-m", "tools.frontend")
    only = () if session.posargs else ("tests/host",)
    run(session, "-m", "pytest", "-m", "browser", *only, *session.posargs)


@nox.session(python=False)
def reference(session: nox.Session) -> None:
    """The pose detector beside MediaPipe's own Holistic on real films: agreement and speed."""
    install(session, *TEST_TOOLS)
    run(session, "-m", "tools.fetch")
    run(session, "-m", "humandit", "pose", "evaluate", "--parts", "reference", "--json")


@nox.session(python=False)
def soak(session: nox.Session) -> None:
    """200 segments by the small model, broken off in the middle and gone on with: memory, time, frames. Not in CI."""
    install(session)
    run(session, "-m", "tools.soak", *session.posargs)


@nox.session(python=False)
def lint(session: nox.Session) -> None:
    """Style, formatting, types and import contracts; then the pack as ComfyUI's own checkers see it."""
    install(session, *TEST_TOOLS, *LINT_TOOLS)
    run(session, "-m", "ruff", "check", ".")
    run(session, "-m", "ruff", "format", "--check", ".")
    run(session, "-m", "pyright")
    run(session, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")
    validate(session)


def validate(session: nox.Session) -> None:
    """The registry's check, a checker of packs, and one of workflows against what the server says of its nodes."""
    folder = ENVIRONMENT.parent / "pack"
    tools = folder / ("Scripts" if os.name == "nt" else "bin")
    if not tools.exists():
        session.run_install(sys.executable, "-m", "virtualenv", "--quiet", str(folder))
    call = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "8")
    session.run_install(str(tools / "python"), *call, *PACK_TOOLS)
    session.run(str(tools / "comfy"), "--skip-prompt", "node", "validate", external=True)
    session.run(str(tools / "comfy-test"), "lint", str(published(folder / "published")), external=True)
    schema = folder / "object_info.json"
    run(session, "-m", "tools.schema", str(schema))
    for workflow in sorted(Path("workflows/api").glob("*.json")):
        check = ("-m", "comfy_lint.cli", str(workflow), "--schema-cache", str(schema))
        session.run(str(tools / "python"), *check, external=True)


def published(folder: Path) -> Path:
    """A copy of what the registry would publish: the files of the repository without those of ``.comfyignore``."""
    shutil.rmtree(folder, ignore_errors=True)
    left_out = tuple(Path(".comfyignore").read_text(encoding="utf-8").split())
    tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.splitlines()
    for name in tracked:
        if not name.startswith(left_out) and Path(name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(name, folder / name)
    return folder


def run(session: nox.Session, *arguments: str, env: dict[str, str] | None = None) -> None:
    session.run(PYTHON, *arguments, env={"PYTHONUNBUFFERED": "1", **(env or {})})


def install_for_browser(session: nox.Session) -> None:
    """What all tests want: the environment, a Chromium, films and nets."""
    install_system_packages(session, *([] if chromium() else ["chromium"]))
    install(session, *TEST_TOOLS)
    if not chromium():
        session.run(PYTHON, "-m", "playwright", "install", "chromium", success_codes=[0] if STRICT else ANY_CODE)
    run(session, "-m", "tools.fetch")


def install(session: nox.Session, *tools: str) -> None:
    """PyTorch, the requirements of the ComfyUI host, those of the pack, and ``tools``; quick when all are there."""
    if not Path(PYTHON).exists():
        session.run_install(sys.executable, "-m", "virtualenv", "--quiet", str(ENVIRONMENT))
    pip(session, *TORCH)
    listing = session.run_install(PYTHON, "-m", "tools.host", "requirements", silent=True, log=False)
    pip(session, "-r", str(listing).strip().splitlines()[-1], *TORCH)
    pip(session, "-r", str(requirements()), "websocket-client", *tools, *TORCH)
    if OWN_HOST:
        add_torchaudio(session)


def add_torchaudio(session: nox.Session) -> None:
    """Newer ComfyUIs import torchaudio when they start: its Python parts do, its compiled ones fit one PyTorch only."""
    pip(session, "--no-deps", "torchaudio==2.11.0")
    folder = "Path(sysconfig.get_path('platlib'), 'torchaudio', 'lib')"
    drop = f"import sysconfig; from pathlib import Path; [path.unlink() for path in {folder}.glob('*.so')]"
    session.run_install(PYTHON, "-c", drop)


def requirements() -> Path:
    """The pack's requirements; where Linux has no libGL, with the build of OpenCV that wants none."""
    text = Path("requirements.txt").read_text(encoding="utf-8")
    if sys.platform == "linux" and not ctypes.util.find_library("GL"):
        text = text.replace("opencv-python>", "opencv-python-headless>")
    path = ENVIRONMENT.parent / "requirements.txt"
    path.write_text(text, encoding="utf-8")
    return path


def pip(session: nox.Session, *arguments: str) -> None:
    call = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "8")
    session.run_install(PYTHON, *call, *arguments)


def install_system_packages(session: nox.Session, *packages: str) -> None:
    """On Debian as root, install what the system lacks; elsewhere leave the system alone."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    wanted = [name for name in (*SYSTEM_PACKAGES, *packages) if not is_installed(name)]
    if not wanted:
        return
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    session.run_install("apt-get", "update", "-qq", silent=True, success_codes=ANY_CODE)
    call = ("apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted)
    session.run_install(*call, env=environment, silent=True, success_codes=ANY_CODE)


def is_installed(package: str) -> bool:
    """Whether dpkg knows the package, for any architecture, also under its 64-bit-time name."""
    patterns = (f"{package}.list", f"{package}:*.list", f"{package}t64*.list")
    return any(any(Path("/var/lib/dpkg/info").glob(pattern)) for pattern in patterns)


def chromium() -> str | None:
    """Path of a Chromium that the system has."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)
