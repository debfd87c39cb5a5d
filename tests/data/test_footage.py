"""Somebody's own films as training motion: how tall the person is, what is kept, what is cut, what is refused."""

import os
from dataclasses import replace

import numpy as np
import pytest

from humandit.data.motion import corrupted, draw_film
from humandit.data.motion.footage import collect
from humandit.data.motion.heldout import is_held_out
from humandit.data.motion.pieces import PRESENT, SHORTEST, cuts, draw_pieces, load_footage, pieces
from humandit.errors import HumanDiTError, InvalidPose, NoPersonFound
from humandit.motion.height import height_of
from humandit.pose import skeleton as coco
from humandit.pose.formats import load_json, save_json
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas


def silent(_):
    """Nobody listens."""


@pytest.fixture(scope="module")
def films():
    return [draw_film(seed, "heldout", 100) for seed in range(12)]


@pytest.fixture(scope="module")
def dance(films):
    """A film in which both shoulders are always seen."""
    return next(f for f in films if f.poses.visible[:, [5, 6, 11, 12]].all())


def test_the_height_of_people_is_known_within_a_tenth(films):
    found = np.array([height_of(film.poses) / film.height for film in films])
    assert np.abs(found - 1).max() < 0.12 and np.median(found) == pytest.approx(1, abs=0.04)
    rng = np.random.default_rng(0)
    faulty = [height_of(corrupted(film.poses, film.height, rng)) / film.height for film in films]
    assert np.abs(np.array(faulty) - 1).max() < 0.2 and np.median(faulty) == pytest.approx(1, abs=0.06)


def test_a_person_cut_off_at_the_chest_is_as_tall(dance):
    score = dance.poses.score.copy()
    score[:, 11:23] = 0
    assert height_of(replace(dance.poses, score=score)) == pytest.approx(dance.height, rel=0.15)


def test_pieces_have_the_windows_length_at_25_fps_and_know_the_height(dance):
    made = pieces(dance.poses.resampled(50), 40, "dance.mp4")
    assert len(made) == 7 and {len(piece.poses) for piece in made} == {40}
    assert all(piece.poses.fps == 25 and piece.motion == "dance.mp4" and not piece.everywhere for piece in made)
    assert [piece.height for piece in made] == pytest.approx([dance.height] * 7, rel=0.15)
    assert np.abs(made[0].poses.xy[:, :17] - dance.poses.xy[:40, :17]).max() < 0.1 * dance.height, "hardly smoothed"


def test_a_piece_shows_its_person_and_begins_with_them(dance):
    score = dance.poses.score.copy()
    score[20:35] = 0
    made = pieces(replace(dance.poses, score=score), 40, "a")
    assert made and all(piece.poses.visible[:, 5].mean() >= PRESENT for piece in made)
    assert all(piece.poses.visible[0, [5, 6]].all() for piece in made)
    assert len(made) < len(pieces(dance.poses, 40, "a"))


def test_no_piece_goes_across_a_cut(dance):
    xy = dance.poses.xy.copy()
    xy[50:] += 2 * dance.height
    poses = replace(dance.poses, xy=xy)
    assert np.flatnonzero(cuts(poses)).tolist() == [50] and not cuts(dance.poses).any()
    assert len(pieces(poses, 50, "a")) == 2 and not pieces(poses, 60, "a")


def test_a_short_film_is_followed_by_nobody_and_a_moment_is_none(dance):
    (piece,) = pieces(dance.poses[:30], 100, "short")
    assert len(piece.poses) == 100 and piece.poses.visible[:30].any(1).all() and not piece.poses.visible[30:].any()
    assert not pieces(dance.poses[: SHORTEST - 1], 100, "moment")


def test_mirrored_pieces_change_sides(dance):
    film = pieces(dance.poses, 100, "a")[0]
    drawn = draw_pieces([film], 40, np.random.default_rng(0))
    flipped = [piece for piece in drawn if piece is not film]
    assert 10 < len(flipped) < 30
    left, right = coco.INDEX["left_wrist"], coco.INDEX["right_wrist"]
    width = film.poses.canvas.width
    np.testing.assert_allclose(flipped[0].poses.xy[:, left, 0], width - film.poses.xy[:, right, 0], atol=1e-3)
    assert np.array_equal(flipped[0].poses.score[:, left], film.poses.score[:, right])


def test_one_file_in_ten_is_held_out_by_its_name(dance, tmp_path):
    names = [f"film-{i}.json" for i in range(400)]
    held = [name for name in names if is_held_out(name)]
    assert 20 < len(held) < 65
    seen = next(name for name in names if not is_held_out(name))
    for name in (held[0], seen):
        save_json(dance.poses, tmp_path / f"{name}.json")
    paths = [tmp_path / f"{name}.json" for name in (held[0], seen)]
    both = load_footage(paths, 60)
    assert {f.motion for f in both.train} == {seen} and {f.motion for f in both.heldout} == {held[0]}
    with pytest.raises(InvalidPose, match="none to train on"):
        load_footage(paths[:1], 60)


def test_pose_files_are_kept_in_the_run_and_made_anew_when_they_change(dance, tmp_path):
    folder, kept = tmp_path / "mine", tmp_path / "run" / "footage"
    save_json(dance.poses, folder / "dance.json")
    (folder / "notes.txt").write_text("not a film")
    (result,) = collect(folder, kept, silent)
    assert result == kept / "dance.json.json" and len(load_json(result)) == 100
    assert sorted(path.name for path in folder.iterdir()) == ["dance.json", "notes.txt"], (
        "nothing is left with the user"
    )
    before = result.stat().st_mtime_ns
    assert collect(folder, kept, silent) == [result] and result.stat().st_mtime_ns == before
    save_json(dance.poses[:50], folder / "dance.json")
    later = result.stat().st_mtime + 5
    os.utime(folder / "dance.json", (later, later))
    assert len(load_json(collect(folder, kept, silent)[0])) == 50


def test_what_cannot_be_used_is_named(dance, tmp_path):
    with pytest.raises(HumanDiTError, match="Expected a folder of films"):
        collect(tmp_path / "nowhere", tmp_path / "kept", silent)
    folder = tmp_path / "mine"
    folder.mkdir()
    with pytest.raises(HumanDiTError, match="nothing to learn from"):
        collect(folder, tmp_path / "kept", silent)
    (folder / "broken.mp4").write_bytes(b"no film")
    nobody = PoseSequence(dance.poses.xy, np.zeros_like(dance.poses.score), Canvas(100, 100), 25.0)
    save_json(nobody, folder / "empty.json")
    with pytest.raises(NoPersonFound, match=r"broken\.mp4.*empty\.json"):
        collect(folder, tmp_path / "kept", silent)
    said = []
    save_json(dance.poses, folder / "good.json")
    assert [path.name for path in collect(folder, tmp_path / "kept", said.append)] == ["good.json.json"]
    assert sum("left out" in text for text in said) == 2
