"""What a build leaves: shards that are the same to the byte, resumed ones too, a log and a page."""

import io
import json
import tarfile

import numpy as np
import pytest

from humandit.data.clips import run, shards
from humandit.data.clips.clip import write_clip
from humandit.data.clips.examine import Labels, Verdict
from humandit.data.clips.film_log import FilmLog
from humandit.data.clips.report import write_report
from humandit.data.clips.rules import RULES, broken
from humandit.data.clips.settings import Settings
from humandit.data.clips.shards import pack, read_shard
from humandit.data.clips.shots import Stretch
from humandit.data.clips.spread import spread
from humandit.data.clips.subjects import Crop, Subject
from humandit.data.clips.work import Film, Job, given_up
from humandit.data.synthetic.shards import unpack_mask
from humandit.errors import HumanDiTError, MissingDependency
from humandit.media.write import write_mp4
from humandit.pose import skeleton as coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas

SIDE, FRAMES = 32, 6
NAMES = {"poses": "a hand", "clarity": "an eye"}


def labels(seed):
    rng = np.random.default_rng(seed)
    masks = rng.random((2, FRAMES, SIDE, SIDE)) > 0.5
    return Labels(masks[0], masks[1], None, rng.random(4), rng.random(2), 100 * rng.random(2))


def one(seed):
    """A clip's frames and its subject."""
    rng = np.random.default_rng(seed)
    poses = PoseSequence(
        rng.uniform(0, SIDE, (FRAMES, coco.COUNT, 2)), np.ones((FRAMES, coco.COUNT)), Canvas(SIDE, SIDE), 12.5
    )
    return rng.integers(0, 255, (FRAMES, SIDE, SIDE, 3), np.uint8), Subject(
        0, 0, FRAMES, Crop(3, 4, SIDE, SIDE), poses, 0
    )


def finish(job, film, kept, rejected=0):
    """A film's folder as a worker leaves it."""
    folder = job.folder(film)
    folder.mkdir(parents=True)
    log = FilmLog(film.name, film.number, folder, NAMES)
    log.about = {"fps": 12.5, "seconds": 3.0}
    for seed in range(kept + rejected):
        frames, subject = one(100 * film.number + seed)
        figures = {"person": 1.0, "frames": 40.0 if seed < kept else 12.0}
        verdict = Verdict(figures, broken(RULES, figures), labels(seed) if seed < kept else None)
        log.judged(Stretch(25 * seed, frames, False), subject, verdict, frames)
    log.save()


def job_in(folder, clips=2):
    return Job(folder / "films", folder, Settings(clips=clips))


def all_films(job):
    films = [Film(0, "a.mp4"), Film(1, "b/c.mp4"), Film(2, "d.mp4")]
    for film, kept in zip(films, (1, 3, 1), strict=True):
        if not job.done(film):
            finish(job, film, kept, rejected=1)
    return films


def digests(paths):
    return {path.name: path.read_bytes() for path in paths}


def test_a_shard_is_a_plain_tar_with_a_clip_per_name(tmp_path):
    job = job_in(tmp_path)
    paths = pack(job, all_films(job))
    assert [p.name for p in paths] == [f"shard-{i:06d}.tar" for i in range(3)]
    clips = [clip for path in paths for clip in read_shard(path)]
    assert [key for key, _ in clips] == ["000000_000", "000001_000", "000001_001", "000001_002", "000002_000"]
    with tarfile.open(paths[0]) as archive:
        assert archive.getnames()[:3] == ["000000_000.json", "000000_000.mp4", "000000_000.npz"]
        assert {m.mtime for m in archive} == {0} and {m.uname for m in archive} == {""}


def test_a_clip_comes_back_with_everything_known_of_it(tmp_path):
    import av

    job = job_in(tmp_path)
    _, files = next(read_shard(pack(job, all_films(job))[0]))
    about = json.loads(files[".json"])
    assert about["film"] == "a.mp4" and about["scored_by"] == NAMES and about["fps"] == 12.5
    assert about["crop"] == {"left": 3, "top": 4, "width": SIDE, "height": SIDE} and about["frames"] == FRAMES
    frames, subject = one(0)
    with np.load(io.BytesIO(files[".npz"])) as arrays:
        np.testing.assert_array_equal(arrays["xy"], subject.poses.xy)
        np.testing.assert_array_equal(unpack_mask(arrays["mask"], SIDE), labels(0).mask)
        np.testing.assert_array_equal(unpack_mask(arrays["text"], SIDE), labels(0).text)
        assert arrays["background_xy"].shape == (FRAMES, 0, 2) and len(arrays["hand_clarity"]) == 4
    with av.open(io.BytesIO(files[".mp4"])) as film:
        assert sum(1 for _ in film.decode(video=0)) == FRAMES


def test_the_same_clip_gives_the_same_bytes(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        frames, subject = one(5)
        write_clip(tmp_path / folder / "x", frames, subject.poses, labels(5), {"b": 1, "a": 2})
    for suffix in (".json", ".mp4", ".npz"):
        assert (tmp_path / "one" / f"x{suffix}").read_bytes() == (tmp_path / "two" / f"x{suffix}").read_bytes()


def test_the_same_film_gives_the_same_bytes_whatever_was_in_memory(tmp_path):
    grid = np.random.default_rng(0).integers(0, 255, (12, 16, 21, 3), np.uint8)
    film = grid.repeat(16, 1).repeat(16, 2)
    made = set()
    for value in range(4):
        junk = [np.full(size, 60 * value, np.uint8) for size in range(9_000, 300_000, 150)]
        del junk
        write_mp4(tmp_path / "a.mp4", film, 12.5, repeatable=True)
        made.add((tmp_path / "a.mp4").read_bytes())
    assert len(made) == 1


def test_packing_goes_on_where_it_stopped(tmp_path):
    whole, resumed = job_in(tmp_path / "whole"), job_in(tmp_path / "resumed")
    wanted = digests(pack(whole, all_films(whole)))
    films = all_films(resumed)
    first = pack(resumed, films)
    for path in first:
        assert digests([path]) == {path.name: wanted[path.name]}
    assert not list(resumed.films.glob("*/*.mp4")), "clips lie in shards alone"
    assert digests(pack(resumed, films)) == wanted
    first[1].unlink()
    with pytest.raises(HumanDiTError, match=r"shard-000001\.tar is gone"):
        pack(resumed, films)


def test_a_kill_between_shards_loses_nothing(tmp_path, monkeypatch):
    whole, killed = job_in(tmp_path / "whole"), job_in(tmp_path / "killed")
    wanted = digests(pack(whole, all_films(whole)))
    films, write, count = all_films(killed), shards._write, []

    def dies(path, clips):
        count.append(path)
        if len(count) == 2:
            raise KeyboardInterrupt
        write(path, clips)

    monkeypatch.setattr(shards, "_write", dies)
    with pytest.raises(KeyboardInterrupt):
        pack(killed, films)
    monkeypatch.setattr(shards, "_write", write)
    assert digests(pack(killed, films)) == wanted


def test_another_build_in_the_same_folder_is_refused_by_name(tmp_path):
    job = job_in(tmp_path)
    (tmp_path / "films").mkdir()
    for name in ("a.mp4", "d.mp4"):
        (tmp_path / "films" / name).write_bytes(b"film")
    films = [Film(0, "a.mp4"), Film(1, "d.mp4")]
    run._same_build(job, films, NAMES)
    run._same_build(job, films, NAMES)
    with pytest.raises(HumanDiTError, match="clips was 2, is 5"):
        run._same_build(job_in(tmp_path, 5), films, NAMES)
    with pytest.raises(HumanDiTError, match="clarity was an eye, is a guess"):
        run._same_build(job, films, {**NAMES, "clarity": "a guess"})
    (tmp_path / "films" / "d.mp4").write_bytes(b"longer film")
    with pytest.raises(HumanDiTError, match=r"film d\.mp4 was 4, is 11"):
        run._same_build(job, films, NAMES)


def test_films_are_found_in_folders_and_sorted(tmp_path):
    for name in ("b.MP4", "a/z.webm", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    films, folder = run.find_films(tmp_path)
    assert [f.name for f in films] == ["a/z.webm", "b.MP4"] and folder == tmp_path
    assert run.find_films(tmp_path / "b.MP4") == ([Film(0, "b.MP4")], tmp_path)
    (tmp_path / "none").mkdir()
    for place, words in ((tmp_path / "none", "no film"), (tmp_path / "gone", "neither")):
        with pytest.raises(HumanDiTError, match=words):
            run.find_films(place)


def test_no_clip_left_says_which_rule_took_them(tmp_path):
    job, film = job_in(tmp_path), Film(0, "a.mp4")
    finish(job, film, kept=0, rejected=3)
    other = Film(1, "b.mp4")
    given_up(job, other, "the process died")
    with pytest.raises(HumanDiTError, match="3 rejected by frames, 1 could not be read"):
        run._finished(job, [film, other], NAMES)
    page = (tmp_path / "report.html").read_text()
    assert "frames 12, needed &gt;= 30 frames" in page and "the process died" in page
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 4


def test_the_page_needs_nothing_from_outside_and_names_what_scored(tmp_path):
    job = job_in(tmp_path)
    films = all_films(job)
    write_report(tmp_path / "r.html", [shards.read_log(job, f) for f in films], RULES, NAMES, job.films)
    page = (tmp_path / "r.html").read_text()
    assert "http" not in page and "<script" not in page and page.count("data:image/jpeg;base64,") == 8
    assert all(r.name in page for r in RULES) and all(name in page for name in NAMES.values())
    assert page.count("<svg") == 1 and 'class="bad" x=' in page and 'class="good" x=' in page


def test_a_cluster_without_ray_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(MissingDependency, match=r"pip install .ray\[data\]"):
        next(spread(job_in(tmp_path), [Film(0, "a.mp4")], 1, "local"))
