"""A film that was interrupted anywhere goes on and is the film that it would have been."""

import errno
import os
import time

import pytest
import torch

from humandit.errors import HumanDiTError
from humandit.journal import Shelf, book, remembered
from humandit.journal.record import records
from humandit.journal.shelf import JOB, KEEP_DAYS
from humandit.types import Canvas
from humandit.video.sample import segment_noise
from humandit.video.segments import chain, plan_segments

CANVAS = Canvas(32, 16)
SEGMENTS = plan_segments(40, 9, CANVAS)


class Power(Exception):
    """The lights go out."""


class Film:
    """A chain whose segments depend on all before them, and that counts what it had to make."""

    def __init__(self, folder, seed=0, stop_at=None, **shelf):
        self.made, self.said, self.seed, self.stop_at = [], [], seed, stop_at
        self.shelf = Shelf(folder, self.said.append, **shelf)

    def run(self):
        def denoise(segment, prefix, pose):
            if segment.index == self.stop_at:
                raise Power
            self.made.append(segment.index)
            return segment_noise(self.seed, segment.index, (3, 3, 2, 4)) + 0.5 * prefix

        def decode(latents):
            return latents.movedim(1, -1).repeat_interleave(8, 1).repeat_interleave(8, 2).repeat_interleave(4, 0)[3:]

        def film(denoise):
            picture, images = torch.zeros(16, 32, 3), torch.zeros(41, 8, 16, 8)
            return chain(picture, images, SEGMENTS, lambda f: f.movedim(-1, 1)[..., ::8, ::8], denoise, decode)

        parts = remembered(self.shelf, lambda: {"seed": self.seed}, SEGMENTS, denoise, film)
        return torch.cat([part.frames for part in parts])

    def broken_off(self):
        with pytest.raises(Power):
            self.run()
        return self


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return Film(tmp_path_factory.mktemp("whole")).run()


def files(folder):
    (job,) = [path for path in folder.iterdir() if path.is_dir()]
    return records(job)


@pytest.mark.parametrize("stop_at", [0, 1, 3, 4])
def test_it_goes_on_at_the_first_missing_segment(tmp_path, whole, stop_at):
    Film(tmp_path, stop_at=stop_at).broken_off()
    again = Film(tmp_path)
    assert torch.equal(again.run(), whole)
    assert again.made == list(range(stop_at, 5))
    assert again.said == ([f"Resumed at segment {stop_at + 1} of 5."] if stop_at else [])


def test_a_finished_film_is_there_at_once(tmp_path, whole):
    Film(tmp_path).run()
    again = Film(tmp_path)
    assert torch.equal(again.run(), whole) and again.made == []
    assert again.said == ["All 5 segments were made before: nothing was left to do."]


def test_another_job_never_takes_its_segments(tmp_path, whole):
    Film(tmp_path, stop_at=3).broken_off()
    other = Film(tmp_path, seed=1)
    assert not torch.equal(other.run(), whole) and other.made == [0, 1, 2, 3, 4] and other.said == []
    assert torch.equal(Film(tmp_path).run(), whole)


@pytest.mark.parametrize("harm", ["cut", "bit", "empty", "zeros"])
def test_a_damaged_file_is_recognised_said_and_made_again(tmp_path, whole, harm):
    Film(tmp_path, stop_at=4).broken_off()
    path = files(tmp_path)[2]
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes({"cut": content[:-9], "bit": content, "empty": b"", "zeros": bytes(len(content))}[harm])
    again = Film(tmp_path)
    assert torch.equal(again.run(), whole)
    assert again.made == [2, 4], "the segments after the damaged one still fit"
    assert again.said[0].startswith("Segment 3 is made again: segment-00003-") and "damaged" in again.said[0]
    assert torch.equal(Film(tmp_path).run(), whole) and len(files(tmp_path)) == 5


def test_a_segment_that_began_elsewhere_is_not_used(tmp_path, whole):
    Film(tmp_path, stop_at=4).broken_off()
    kept = files(tmp_path)
    name = kept[3].name.split("-")[2]
    kept[3].rename(kept[1].with_name(f"segment-00002-{name}"))
    kept[1].unlink()
    again = Film(tmp_path)
    assert torch.equal(again.run(), whole) and 1 in again.made
    assert "begun from another frame" in again.said[0]


def test_half_written_files_are_not_taken_and_go(tmp_path, whole):
    Film(tmp_path, stop_at=2).broken_off()
    job = files(tmp_path)[0].parent
    (job / ".part-abc").write_bytes(b"half")
    assert torch.equal(Film(tmp_path).run(), whole)
    assert not list(job.glob(".part-*"))


def test_without_resume_all_is_made_again_and_nothing_lost(tmp_path, whole):
    Film(tmp_path, stop_at=3).broken_off()
    anew = Film(tmp_path, stop_at=1, resumes=False).broken_off()
    assert anew.said[0] == "3 of 5 segments are there from an earlier run; they are made again." and anew.made == [0]
    assert anew.said[1:] == ["3 of 5 segments are kept."]
    again = Film(tmp_path, asked=True)
    assert torch.equal(again.run(), whole) and again.made == [3, 4]


def test_asking_for_what_is_not_there_is_answered(tmp_path):
    film = Film(tmp_path, asked=True)
    film.run()
    assert film.said[0].startswith("No segment of this very film is kept")


def test_a_full_disk_costs_the_journal_and_not_the_film(tmp_path, whole, monkeypatch):
    written = []

    def full(folder, index, record, write=book.write):
        written.append(index)
        if index in (1, 2):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(folder, index, record)

    monkeypatch.setattr(book, "write", full)
    film = Film(tmp_path)
    assert torch.equal(film.run(), whole) and written == [0, 1, 2, 3, 4]
    (said,) = film.said
    assert said.startswith("The film is made, but segments from 2 on cannot be kept") and "No space left" in said
    assert sorted(files(tmp_path)) == [0, 3, 4]


def test_a_folder_that_cannot_be_made_costs_nothing_but_the_journal(tmp_path, whole):
    (tmp_path / "taken").write_text("a file")
    film = Film(tmp_path / "taken" / "journals")
    assert torch.equal(film.run(), whole)
    assert len(film.said) == 1 and "cannot be kept for a restart" in film.said[0]


def test_numbers_that_are_not_finite_are_not_kept(tmp_path):
    shelf = Shelf(tmp_path, print)
    with shelf.opened({}, 2) as journal:
        journal.keep(SEGMENTS[0], torch.zeros(1, 3, 2, 4), torch.full((3, 3, 2, 4), float("nan")))
        assert journal.kept == 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_latents_are_kept_to_the_bit_in_any_format_and_layout(tmp_path, dtype):
    latents, prefix = torch.randn(1, 3, 5, 2, 4).to(dtype).transpose(1, 2), torch.randn(1, 3, 1, 2, 4)
    shelf = Shelf(tmp_path, print)
    with shelf.opened({}, 2) as journal:
        journal.keep(SEGMENTS[0], prefix, latents)
    with shelf.opened({}, 2) as journal:
        back = journal.recall(SEGMENTS[0], prefix)
    assert back.dtype == dtype and torch.equal(back, latents)


def test_two_jobs_at_once_in_one_folder(tmp_path):
    shelf = Shelf(tmp_path, print)
    with shelf.opened({"seed": 1}, 2):
        with pytest.raises(HumanDiTError, match=f"made by another process .number {os.getpid()}"):
            with shelf.opened({"seed": 1}, 2):
                pass
        with shelf.opened({"seed": 2}, 2) as other:
            assert other.folder is not None
    with shelf.opened({"seed": 1}, 2):
        pass


def test_helping_processes_read_without_a_lock_and_write_nothing(tmp_path, whole):
    Film(tmp_path, stop_at=2).broken_off()
    helper = Film(tmp_path, writes=False)
    with Film(tmp_path).shelf.opened({"seed": 0}, 5):
        assert torch.equal(helper.run(), whole)
    assert helper.made == [2, 3, 4] and helper.said == [] and len(files(tmp_path)) == 2


def test_a_single_segment_leaves_no_trace(tmp_path):
    asked, shelf = [], Shelf(tmp_path, print)
    out = list(remembered(shelf, lambda: asked.append(1) or {}, SEGMENTS[:1], abs, lambda denoise: iter([denoise])))
    assert out == [abs] and asked == [] and not list(tmp_path.iterdir())


def test_old_journals_and_the_oldest_beyond_the_limit_go(tmp_path, monkeypatch):
    for seed in range(4):
        Film(tmp_path, seed=seed).run()
    jobs = list(tmp_path.glob(f"*/{JOB}"))
    for days, job in zip((0.1, 5, 13, KEEP_DAYS + 1), jobs, strict=True):
        os.utime(job, (time.time() - days * 86400,) * 2)
    Film(tmp_path, seed=4).run()
    assert set(tmp_path.glob(f"*/{JOB}")) > set(jobs[:3]) and not jobs[3].parent.exists()
    one = sum(path.stat().st_size for path in next(tmp_path.iterdir()).glob("segment-*"))
    monkeypatch.setattr("humandit.journal.shelf.MOST_BYTES", 2.5 * one)
    newest = Film(tmp_path, seed=4)
    newest.run()
    assert len(list(tmp_path.glob(f"*/{JOB}"))) == 2 and newest.made == []


def test_finished_journals_are_cleared_away_and_only_they(tmp_path):
    Film(tmp_path / "j", stop_at=3).broken_off()
    film = Film(tmp_path / "j", seed=1)
    film.run()
    film.shelf.clear_finished()
    assert len(files(tmp_path / "j")) == 3
    film = Film(tmp_path / "j")
    film.run()
    film.shelf.clear_finished()
    assert not (tmp_path / "j").exists()


def test_a_journal_that_does_not_say_what_it_is_stays_and_can_be_gone_on_with(tmp_path, whole):
    Film(tmp_path, stop_at=3).broken_off()
    (job,) = tmp_path.glob(f"*/{JOB}")
    job.write_bytes(bytes(99))
    Film(tmp_path).shelf.clear_finished()
    again = Film(tmp_path)
    assert torch.equal(again.run(), whole) and again.made == [3, 4]
