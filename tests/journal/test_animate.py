"""``humandit animate``: killed and resumed, the film is the undisturbed one, byte for byte."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from humandit.metrics.bench_memory import swaying
from humandit.pose.formats import save_json
from humandit.types import Canvas

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")]
ROOT = Path(__file__).parents[2]
PICTURE = min((ROOT / "nodes" / "examples").glob("picture-*.png"))
FILM = ["--model", "mini", "--width", "64", "--height", "64", "--segment-frames", "9", "--steps", "2"]
UNWRITTEN = {"film": "85"}
"""What glibc fills new memory with; x264 reads some of it, and then writes another film of the same frames."""


@pytest.fixture
def animate(tmp_path):
    """``animate(name, *words, processes=1)``: processes that make 20 frames, three segments."""
    pytest.importorskip("ai_edge_litert")
    from humandit.errors import MissingDependency
    from humandit.pose.detect.nets import find_nets

    try:
        find_nets()
    except MissingDependency as missing:
        pytest.skip(str(missing))
    save_json(swaying(20, Canvas(64, 64), 12.5), tmp_path / "motion.json")

    def start(name, *words, processes=1):
        spread = ["torch.distributed.run", "--nproc-per-node", str(processes), "-m"] if processes > 1 else []
        command = [sys.executable, "-m", *spread, "humandit", "animate", "--image", PICTURE, *FILM, *words, "--json"]
        command += ["--motion", tmp_path / "motion.json", "--out", tmp_path / f"{name}.mp4"]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "MALLOC_PERTURB_": UNWRITTEN.get(name, "0")}
        pipes = dict(stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        return subprocess.Popen(command, cwd=ROOT, env=environment, **pipes)

    return start


def killed_at(process, words):
    """Kill the process, and those it started, when it has printed the words."""
    seen = b""
    while words not in seen:
        seen += process.stderr.read(1)
        assert process.poll() is None or words in seen, seen.decode()
    psutil = pytest.importorskip("psutil")
    for each in (*psutil.Process(process.pid).children(recursive=True), process):
        each.kill()
    process.communicate()


@pytest.mark.parametrize("processes", [1, 2])
def test_killed_and_resumed(animate, tmp_path, processes):
    _, said = animate("whole", processes=processes).communicate(timeout=240)
    assert (tmp_path / "whole.mp4").exists(), said.decode()
    assert not (tmp_path / "whole.journal").exists(), "the film is written, its journal gone"

    killed_at(animate("film", processes=processes), b"segment 3: step 1/2")
    assert not (tmp_path / "film.mp4").exists()
    assert len(list(tmp_path.glob("film.journal/*/segment-*"))) == 2
    _, said = animate("film", "--resume", processes=processes).communicate(timeout=240)
    assert b"Resumed at segment 3 of 3." in said and b"segment 2: step" not in said
    assert (tmp_path / "film.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()
    assert not (tmp_path / "film.journal").exists()
