"""Killed, out of disk, out of memory, two at once: real processes, and the film is always the undisturbed one."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="signals and limits of POSIX")]
ROOT = Path(__file__).parents[2]


def start(folder, *words):
    command = [sys.executable, "-m", "tests.journal.worker", str(folder), *map(str, words)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def finish(folder, *words):
    """Lines that a process printed; the last is the film's checksum, or an error."""
    return start(folder, *words).communicate(timeout=240)[0].splitlines()


def kill(process):
    process.send_signal(signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL


def said(lines):
    return [line.removeprefix("said: ") for line in lines if line.startswith("said: ")]


def kept(folder):
    return len(list(folder.glob("*/segment-*")))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Checksum of the film that nothing happened to."""
    *lines, film = finish(tmp_path_factory.mktemp("undisturbed"))
    assert lines == [f"segment {number}" for number in range(1, 6)] and film.startswith("film: ")
    return film


def test_killed_in_the_middle_of_segments_again_and_again(tmp_path, undisturbed):
    for number in (1, 3, 4):
        process = start(tmp_path, "--slow", 0.5)
        for line in process.stdout:
            if line.strip() == f"segment {number}":
                kill(process)
                break
    assert finish(tmp_path) == ["said: Resumed at segment 4 of 5.", "segment 4", "segment 5", undisturbed]


def test_the_second_of_two_is_told_and_a_dead_ones_lock_is_free_at_once(tmp_path, undisturbed):
    first = start(tmp_path, "--slow", 60)
    assert first.stdout.readline().strip() == "segment 1"
    (refusal,) = finish(tmp_path)
    assert f"made by another process (number {first.pid})" in refusal
    kill(first)
    assert finish(tmp_path)[-1] == undisturbed


def test_a_disk_that_takes_no_more_costs_the_journal_and_not_the_film(tmp_path, undisturbed):
    lines = finish(tmp_path, "--limit-file", 2000)  # a segment has about 3300 bytes here
    assert lines[-1] == undisturbed and len(said(lines)) == 1
    assert "segments from 1 on cannot be kept" in said(lines)[0] and "File too large" in said(lines)[0]
    assert not list(tmp_path.glob("*/segment-*")) and not list(tmp_path.glob("*/.part-*"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root makes file systems")
def test_on_a_full_file_system_the_film_is_made_and_goes_on(tmp_path, undisturbed):
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20k", "t", tmp_path], capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"no small file system can be made: {made.stderr.decode().strip()}")
    try:
        lines = finish(tmp_path / "journal")
        assert lines[-1] == undisturbed and len(said(lines)) == 1 and "No space left" in said(lines)[0]
        there = kept(tmp_path / "journal")
        assert 1 <= there < 5
        lines = finish(tmp_path / "journal")
        assert lines[-1] == undisturbed and said(lines)[0] == f"Resumed at segment {there + 1} of 5."
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_out_of_memory_keeps_what_is_finished(tmp_path, undisturbed):
    cap = 40 << 30
    lines = finish(tmp_path, "--limit-memory", cap, "--greed", cap)
    assert said(lines) == ["3 of 5 segments are kept."] and lines[-1].startswith("error: ") and "memory" in lines[-1]
    assert finish(tmp_path) == ["said: Resumed at segment 4 of 5.", "segment 4", "segment 5", undisturbed]
