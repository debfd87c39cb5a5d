"""The whole build on films with planted faults, with the real detector: found, named, resumed, spread."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from humandit.data.clips.run import build
from humandit.data.clips.settings import Settings
from humandit.data.clips.shards import read_shard
from humandit.errors import MissingDependency
from humandit.pose.detect.nets import find_nets
from tests.conftest import ROOT, missing
from tests.data.clips.planted import (
    BROKEN,
    FILMS,
    FRAMES,
    scene,
    tell,
    write_broken,
    write_film,
    write_rotated,
    write_uneven,
)

pytestmark = [pytest.mark.real, pytest.mark.long]
SETTINGS = Settings(clips=3)


@pytest.fixture(scope="module", autouse=True)
def nets():
    try:
        find_nets()
    except MissingDependency as error:
        missing(str(error))


def command(source, out, *more):
    words = ["data", "build", source, "--out", out, "--workers", 1, "--clips", 3, "--json", *more]
    return [sys.executable, "-m", "humandit", *map(str, words)]


def shards(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.glob("shard-*.tar"))}


def logs(folder):
    made = [json.loads(path.read_text()) for path in sorted(folder.glob("films/*/film.json"))]
    return {Path(log["film"]).stem: log for log in made}


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """Four films, one of them broken, and their shards."""
    folder = tmp_path_factory.mktemp("few")
    source, out = folder / "films", folder / "out"
    source.mkdir()
    for name, seed in (("a", 3), ("b", 9), ("d", 4)):
        write_film(source / f"{name}.mp4", scene(seed).frames)
    (source / "c.mp4").write_text("no film")
    said = []
    result = build(source, out, SETTINGS, said.append)
    assert result["clips"] == 3 and result["unreadable"] == 1 and len(said) == 4
    return source, shards(out)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    source = folder / "films"
    source.mkdir()
    for name, film in FILMS.items():
        write_film(source / f"{name}.mp4", film.frames())
    write_broken(source)
    write_rotated(source / "rotated.mp4", np.ascontiguousarray(scene(4).frames[:, :, 64:448]))
    steps = np.random.default_rng(0).choice([0.06, 0.08, 0.08, 0.08, 0.14], FRAMES - 1)
    write_uneven(source / "uneven.mp4", scene(9).frames, np.cumsum(np.r_[0, steps]))
    result = build(source, folder / "out", Settings(), lambda text: None)
    return logs(folder / "out"), result, folder / "out"


def test_every_planted_fault_is_found_and_named_and_good_films_stay(planted):
    pytest.importorskip("rapidocr_onnxruntime")  # one of the faults is writing
    found, result, _ = planted
    rows, wrong = [], []
    for name, film in FILMS.items():
        clips = found[name]["clips"]
        kept, named = sum(c["kept"] for c in clips), sorted({rule for c in clips for rule in c["broken"]})
        cuts = len(found[name]["cuts"])
        rows.append(f"{name:16} wanted {film.rule or 'to stay':18} cuts {cuts}, kept {kept}, {named}")
        fits = kept == film.kept and cuts == film.cuts and (film.rule is None or film.rule in named)
        wrong += [] if fits else [rows[-1]]
    tell("\n".join(rows))
    assert not wrong, "\n".join(wrong)
    for name, words in BROKEN.items():
        assert words in found[name]["error"] and not found[name]["clips"]
    assert result["unreadable"] == len(BROKEN)


def test_phone_films_and_uneven_ones_are_kept(planted):
    found, *_ = planted
    assert [c["kept"] for c in found["rotated"]["clips"]] == [c["kept"] for c in found["uneven"]["clips"]] == [True]
    assert not found["uneven"]["source"]["steady"] and found["rotated"]["source"]["steady"]


def test_cuts_are_found_to_the_frame(planted):
    found, *_ = planted
    assert found["cut"]["cuts"] == [pytest.approx(FRAMES / 12.5, abs=0.001)]


def test_subtitles_are_masked_where_they_are(planted):
    pytest.importorskip("rapidocr_onnxruntime")
    *_, out = planted
    for path in sorted(out.glob("*.tar")):
        for _, files in read_shard(path):
            about = json.loads(files[".json"])
            share = about["figures"]["text_share"]
            assert (share > 0.02) == (about["film"] == "subtitles.mp4"), about["film"]


def test_killed_in_the_middle_and_resumed_gives_the_same_shards(few, tmp_path):
    source, wanted = few
    out = tmp_path / "out"
    process = subprocess.Popen(command(source, out), cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 300
    while not (out / "films" / "000000" / "film.json").exists() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.5)  # in the middle of the second film
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not shards(out)
    done = (out / "films" / "000000" / "film.json").stat().st_mtime_ns
    said = []
    build(source, out, SETTINGS, said.append)
    assert "done already" in said[0] and (out / "films" / "000000" / "film.json").stat().st_mtime_ns == done
    assert shards(out) == wanted and not list((out / "films").glob(".*"))


def test_two_processes_give_the_same_shards(few, tmp_path):
    source, wanted = few
    build(source, tmp_path / "out", SETTINGS, lambda text: None, workers=2)
    assert shards(tmp_path / "out") == wanted


def test_a_ray_cluster_of_two_gives_the_same_shards(few, tmp_path, monkeypatch):
    pytest.importorskip("ray")
    monkeypatch.setenv("RAY_worker_niceness", "0")  # on a busy machine polite workers never start
    source, wanted = few
    build(source, tmp_path / "out", SETTINGS, lambda text: None, workers=2, address="local")
    assert shards(tmp_path / "out") == wanted


def test_a_full_disk_stops_the_build_and_loses_nothing(few, tmp_path):
    source, wanted = few
    out = tmp_path / "out"
    resource = pytest.importorskip("resource")

    def small_disk():
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    done = subprocess.run(
        command(source, out), cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=small_disk
    )
    assert done.returncode == 2 and "no more room" in done.stderr and not shards(out)
    build(source, out, SETTINGS, lambda text: None)
    assert shards(out) == wanted


@pytest.mark.skipif(os.name == "nt", reason="kills by signal")
def test_a_film_that_kills_its_process_is_left_out(few, tmp_path, monkeypatch):
    """A worker that dies, as with no memory left: its film is named, the others are made."""
    from humandit.data.clips import spread

    source, _ = few
    monkeypatch.setattr(spread, "_run", dies_with_b)
    result = build(source, tmp_path / "out", SETTINGS, lambda text: None, workers=2)
    assert result["clips"] == 2 and result["unreadable"] == 2
    assert "process that worked on it died" in logs(tmp_path / "out")["b"]["error"]


def dies_with_b(film):
    """Stands in for a broken decoder: ends the process without a word."""
    from humandit.data.clips import spread

    if film.name == "b.mp4":
        os._exit(1)
    assert spread._worker is not None
    return film, spread._worker(film)
