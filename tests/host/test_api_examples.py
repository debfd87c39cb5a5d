"""The examples of docs/api.md, as they are, against the real server."""

import json
import shutil
import subprocess
import sys

import pytest

from humandit.media.read import read_film
from tools.host import ROOT
from tools.prompt import api_path

pytestmark = [pytest.mark.host, pytest.mark.slow]


def test_the_python_example_follows_and_fetches(host, tmp_path):
    path = tmp_path / "film.mp4"
    command = [sys.executable, ROOT / "docs/api/animate.py", api_path("animate-a-picture"), path, host.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "of" in done.stdout and len(read_film(path).frames) == 24


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="needs curl and jq")
def test_the_shell_example_fetches(host, prompt, tmp_path):
    short, path = tmp_path / "short.json", tmp_path / "film.mp4"
    short.write_text(json.dumps(prompt))
    command = [ROOT / "docs/api/animate.sh", short, path, host.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert len(read_film(path).frames) == 17
