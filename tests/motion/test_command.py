"""``humandit motion generate`` and ``refine`` as a user types them, on a tiny model with random weights."""

import json
from dataclasses import replace

import numpy as np
import pytest

from humandit.cli import main
from humandit.errors import MissingDependency
from humandit.media.read import read_film
from humandit.media.write import write_image, write_mp4
from humandit.pose.formats import load_json, save_json
from humandit.weights.save import save_model
from tests.conftest import ROOT, missing

PICTURE = ROOT / "nodes" / "examples" / "picture-green-shirt.png"


@pytest.fixture
def weights(model, tmp_path):
    return save_model(tmp_path / "tiny.safetensors", model, model.config, "motion")


@pytest.fixture
def still(person, tmp_path):
    save_json(person(), tmp_path / "still.json")
    return tmp_path / "still.json"


@pytest.fixture
def film(person, tmp_path):
    save_json(person(12, 12.5, seed=1), tmp_path / "film.json")
    return tmp_path / "film.json"


@pytest.fixture
def command(weights, capsys):
    """Runs an action, quickly: its result, or its error of one line."""

    def run(action, *words):
        words = [*words, "--steps", 1, "--json", *([] if "--weights" in words else ["--weights", weights])]
        code = main(["motion", action, *map(str, words)])
        said = capsys.readouterr()
        if code == 0:
            return json.loads(said.out)
        assert code == 2 and said.err.startswith("error: ") and said.err.count("\n") == 1
        return said.err

    return run


def test_motion_goes_on_from_a_pose(command, still, tmp_path):
    out, film = tmp_path / "m.json", tmp_path / "m.mp4"
    result = command("generate", "--poses", still, "--seconds", 1, "--out", out, "--video", film)
    assert result["out"] == str(out) and result["video"] == str(film)
    assert (result["frames"], result["fps"], result["seconds"]) == (26, 25, 1)
    assert result["seconds_per_second"] > 0 and 0 <= result["off_canvas"] <= 1
    assert result["energy_asked"] == 0.5 and 0 <= result["energy"] <= 1
    made = load_json(out)
    np.testing.assert_allclose(made.xy[0], load_json(still).xy[0], atol=1e-3)
    assert len(made) == 26 and len(read_film(film)) == 26


def test_the_same_command_writes_the_same_bytes(command, still, tmp_path):
    def bytes_of(name, *words):
        command("generate", "--poses", still, "--seconds", 0.6, "--out", tmp_path / name, *words)
        return (tmp_path / name).read_bytes()

    first = bytes_of("a.json", "--seed", 7)
    assert bytes_of("b.json", "--seed", 7) == first
    assert bytes_of("c.json", "--seed", 8) != first
    assert bytes_of("d.json", "--seed", 7, "--energy", 0.9) != first
    assert bytes_of("e.json", "--seed", 7, "--energy", "free") != first


def test_only_what_is_new_is_kept_inside(command, person, tmp_path):
    begun = person(6)
    begun = replace(begun, xy=begun.xy + [300, 0])
    save_json(begun, tmp_path / "begun.json")
    kept, free = tmp_path / "kept.json", tmp_path / "free.json"
    command("generate", "--poses", tmp_path / "begun.json", "--seconds", 1, "--out", kept)
    command("generate", "--poses", tmp_path / "begun.json", "--seconds", 1, "--out", free, "--no-keep-inside")
    np.testing.assert_allclose(load_json(kept).xy[:6], begun.xy, atol=1e-3)
    np.testing.assert_allclose(load_json(free).xy[:6], begun.xy, atol=1e-3)
    assert not np.allclose(load_json(kept).xy, load_json(free).xy)


def test_a_file_of_another_speed_keeps_it_or_takes_the_one_that_was_asked_for(command, film, capsys, tmp_path):
    words = ["generate", "--poses", film, "--seconds", 1, "--out", tmp_path / "m.json"]
    result = command(*words)
    assert (result["frames"], result["fps"], result["given_fps"], result["model_fps"]) == (12 + 12, 12.5, 12.5, 25)
    faster = command(*words, "--fps", 25)
    assert (faster["frames"], faster["fps"], faster["given_fps"]) == (23 + 25, 25, 12.5)
    np.testing.assert_allclose(load_json(tmp_path / "m.json").xy[22], load_json(film).xy[-1], atol=1e-3)


def test_an_example_is_followed(command, still, film, tmp_path):
    words = ["generate", "--poses", still, "--seconds", 1, "--out"]
    command(*words, tmp_path / "a.json")
    command(*words, tmp_path / "b.json", "--example", film)
    assert (tmp_path / "a.json").read_bytes() != (tmp_path / "b.json").read_bytes()


def test_refining_says_what_it_changed(command, still, film, tmp_path):
    words = ["refine", "--picture-poses", still, "--poses", film, "--tau", 3, "--out", tmp_path / "r.json"]
    result = command(*words, "--video", tmp_path / "r.mp4")
    assert (result["frames"], result["fps"], result["model_fps"], result["tau"]) == (1 + 3 + 12, 12.5, 25, 3)
    assert result["changed"]["body"] > 0 and result["changed"]["face"] > 0 and result["changed"]["hands"] > 0
    assert result["filled"] == 0 and result["seconds"] > 0
    assert len(load_json(tmp_path / "r.json")) == len(read_film(tmp_path / "r.mp4")) == 16
    kept = command(*words, "--body", 0, "--hands", 0, "--face", 0)
    assert max(kept["changed"].values()) < 0.01


def test_poses_that_are_adapted_already_stay_where_they_are(command, still, film, tmp_path):
    words = ["refine", "--picture-poses", still, "--poses", film, "--tau", 2, "--body", 0, "--hands", 0, "--face", 0]
    command(*words, "--no-adapt", "--out", tmp_path / "r.json")
    given = load_json(film)
    np.testing.assert_allclose(load_json(tmp_path / "r.json").xy[3:][given.visible], given.xy[given.visible], atol=2e-3)
    command(*words, "--out", tmp_path / "r.json")
    assert not np.allclose(load_json(tmp_path / "r.json").xy[3:], given.xy, atol=1)


def test_joints_that_the_picture_shows_are_filled_in(command, still, person, tmp_path):
    whole = person(6, seed=1)
    score = whole.score.copy()
    score[2:4, :10] = 0
    save_json(replace(whole, score=score), tmp_path / "gaps.json")
    words = ["refine", "--picture-poses", still, "--poses", tmp_path / "gaps.json", "--out", tmp_path / "r.json"]
    assert command(*words, "--tau", 0)["filled"] == 20


@pytest.mark.parametrize("seconds", [0, -2, "nan", "inf"])
def test_a_motion_without_a_length_is_refused(command, still, seconds, tmp_path):
    error = command("generate", "--poses", still, f"--seconds={seconds}", "--out", tmp_path / "m.json")
    assert "more than 0 seconds" in error and not (tmp_path / "m.json").exists()


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("{", "not JSON"),
        ("[[1, 2]]", "list"),
        ({"skeleton": "horse"}, "skeleton 'horse'"),
        ({"keypoints": [[[float("nan"), 0, 1]] * 133]}, "finite"),
        ({"keypoints": []}, ""),
        ({"fps": 0}, "fps must be"),
    ],
)
def test_broken_pose_files_are_refused(command, still, text, about, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text(text if isinstance(text, str) else json.dumps(json.loads(still.read_text()) | text))
    assert about in command("generate", "--poses", broken, "--seconds", 1, "--out", tmp_path / "m.json")
    assert about in command("refine", "--picture-poses", broken, "--poses", still, "--out", tmp_path / "m.json")
    assert not (tmp_path / "m.json").exists()


def test_a_pose_without_joints_is_refused(command, still, tmp_path):
    nobody = replace(load_json(still), score=np.zeros((1, 133)))
    save_json(nobody, tmp_path / "nobody.json")
    generate = ["generate", "--poses", tmp_path / "nobody.json", "--out", tmp_path / "m.json"]
    assert "shows no joint" in command(*generate)
    refine = ["refine", "--picture-poses", tmp_path / "nobody.json", "--poses", still, "--out", tmp_path / "m.json"]
    assert "no bone in common" in command(*refine)
    assert "shows no joint" in command(*refine, "--no-adapt", "--tau", 0)


def test_impossible_wishes_are_refused(command, still, film, tmp_path):
    out = ["--out", tmp_path / "m.json"]
    generate, refine = ["generate", "--poses", still, *out], ["refine", "--picture-poses", still, "--poses", film, *out]
    assert "0 to 12 frames" in command(*refine, "--tau", 13)
    assert "0 to 12 frames" in command(*refine, "--tau", -1)
    assert "strength of the hands" in command(*refine, "--hands", 2)
    assert "Energy lies in 0..1" in command(*generate, "--energy", 7)
    assert "Guidance" in command(*generate, "--guidance", -1)
    assert "fps must be" in command(*generate, "--fps", 0)
    assert "numbers from 0 on" in command(*generate, "--person", "largest")
    assert "Person 3" in command(*generate, "--person", 3)
    assert "nothing there" in command(*generate, "--example", tmp_path / "none.json")
    assert not (tmp_path / "m.json").exists()


def test_weights_of_another_kind_or_none_are_refused(command, still, tmp_path):
    from humandit.weights.registry import MINI

    words = ["generate", "--poses", still, "--out", tmp_path / "m.json", "--weights"]
    assert "Expected a HumanDiT motion model" in command(*words, MINI / "video.safetensors")
    assert "there is no" in command(*words, tmp_path / "none.safetensors")


def test_words_that_are_no_energy_and_no_film_name_are_refused_at_once(still, capsys):
    for words in (["--energy", "wild"], ["--video", "m.avi"]):
        with pytest.raises(SystemExit) as stopped:
            main(["motion", "generate", "--poses", str(still), "--out", "m.json", *words])
        assert stopped.value.code == 2 and "error: argument" in capsys.readouterr().err


@pytest.fixture
def nets():
    from humandit.pose.detect import load_detector

    try:
        load_detector()
    except MissingDependency as error:
        missing(str(error))


@pytest.mark.real
def test_a_picture_moves_and_a_film_is_refined(nets, command, tmp_path):
    made = command("generate", "--image", PICTURE, "--seconds", 0.4, "--out", tmp_path / "m.json")
    assert (made["frames"], made["fps"], made["given_fps"]) == (11, 25, 25)
    write_mp4(tmp_path / "f.mp4", read_film(PICTURE.parent / "film-dance.mp4", 6).frames, 12.5)
    refined = command(
        "refine", "--image", PICTURE, "--film", tmp_path / "f.mp4", "--tau", 2, "--out", tmp_path / "r.json"
    )
    assert (refined["frames"], refined["fps"]) == (9, 12.5)


@pytest.mark.real
def test_a_picture_without_a_person_is_refused(nets, command, tmp_path):
    write_image(tmp_path / "grey.png", np.full((64, 64, 3), 128, np.uint8))
    error = command("generate", "--image", tmp_path / "grey.png", "--out", tmp_path / "m.json")
    assert "Nobody was found in the picture" in error
