"""The whole library, with small real models: pictures and poses in, frames out."""

import json
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch

from humandit.cli import main
from humandit.errors import InvalidMedia, InvalidPose
from humandit.media.read import read_film, read_image
from humandit.media.write import write_image
from humandit.pipeline import Models, Settings, animate, driving_poses, fit_picture
from humandit.pose import skeleton as coco
from humandit.pose.adapt import Retarget
from humandit.pose.background import camera_background
from humandit.pose.formats import save_json
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from humandit.video.config import DiTConfig
from humandit.video.light_vae import LightVAE, LightVAEConfig
from humandit.video.model import HumanDiT
from humandit.video.sample import Sampling

CANVAS = Canvas(32, 48)


@pytest.fixture(scope="module")
def models():
    torch.manual_seed(0)
    config = DiTConfig(heads=2, head_dim=16, layers=1, time_dim=16, text_dim=None, rope_base=(3, 2), prediction="x0")
    vae = LightVAE(LightVAEConfig(width=16, layers=1, detail=4))
    film = torch.rand(9, 64, 64, 3)
    vae.single.fit(vae.single.blocks(film).flatten(0, 2))
    vae.quad.fit(vae.quad.blocks(film[1:]).flatten(0, 2))
    return Models(HumanDiT(config).eval(), vae.eval())


def standing(canvas, frames, fps, sway=0.0, size=1.0):
    """A person with straight limbs; ``sway`` moves the left wrist, ``size`` scales the body about the neck."""
    places = {
        "nose": (0, -0.12), "left_shoulder": (0.1, 0), "right_shoulder": (-0.1, 0), "left_elbow": (0.15, 0.12),
        "right_elbow": (-0.15, 0.12), "left_wrist": (0.2, 0.24), "right_wrist": (-0.2, 0.24), "left_hip": (0.07, 0.3),
        "right_hip": (-0.07, 0.3), "left_knee": (0.07, 0.5), "right_knee": (-0.07, 0.5), "left_ankle": (0.07, 0.7),
        "right_ankle": (-0.07, 0.7),
    }  # fmt: skip
    xy, score = np.zeros((frames, 133, 2), np.float32), np.zeros((frames, 133), np.float32)
    for name, place in places.items():
        xy[:, coco.INDEX[name]] = np.array([0.5, 0.25]) + size * np.array(place)
        score[:, coco.INDEX[name]] = 1
    xy[:, coco.INDEX["left_wrist"], 0] += sway * np.sin(np.arange(frames))
    return PoseSequence(xy * canvas.height, score, canvas, fps)


def test_a_film_of_any_length_comes_out_in_step_with_the_motion(models):
    picture = np.full((96, 64, 3), 128, np.uint8)
    motion = standing(Canvas(320, 240), 60, 25, sway=0.05)
    steps = []
    done = list(
        animate(
            picture, standing(Canvas(64, 96), 1, 25), motion, models,
            Settings(CANVAS, fps=12.5, segment_frames=17, sampling=Sampling(steps=2)),
            lambda segment, i, n: steps.append((segment.index, i, n)),
        )
    )  # fmt: skip
    frames = torch.cat([part.frames for part in done])
    assert frames.shape == (30, 48, 32, 3), "60 frames at 25 fps are 30 at 12.5"
    assert [len(part.frames) for part in done] == [16, 14]
    assert steps == [(0, 1, 2), (0, 2, 2), (1, 1, 2), (1, 2, 2)]
    assert 0 <= frames.min() and frames.max() <= 1


def test_the_same_seed_gives_the_same_film_and_another_seed_another(models):
    def film(seed):
        settings = Settings(CANVAS, segment_frames=9, sampling=Sampling(steps=2, seed=seed))
        picture = np.full((48, 32, 3), 90, np.uint8)
        parts = animate(picture, standing(CANVAS, 1, 12.5), standing(CANVAS, 9, 12.5, 0.1), models, settings)
        return torch.cat([p.frames for p in parts])

    assert torch.equal(film(1), film(1))
    assert not torch.equal(film(1), film(2))


def test_a_moving_background_reaches_the_model_and_none_changes_nothing(models):
    torch.manual_seed(1)
    dit = deepcopy(models.dit)
    torch.nn.init.normal_(dit.pose_guider.proj.weight)
    picture = np.full((48, 32, 3), 90, np.uint8)

    def film(background):
        settings = Settings(CANVAS, segment_frames=9, sampling=Sampling(steps=2), background=background)
        motion = standing(Canvas(64, 96), 9, 12.5, 0.1)
        parts = animate(picture, standing(CANVAS, 1, 12.5), motion, replace(models, dit=dit), settings)
        return torch.cat([p.frames for p in parts])

    nothing = camera_background(Canvas(64, 96), 9, 12.5)
    nothing = replace(nothing, visible=np.zeros_like(nothing.visible))
    panned = film(camera_background(Canvas(64, 96), 18, 25.0, pan=(0.5, 0.0)))
    assert panned.shape == film(None).shape and not torch.equal(panned, film(None))
    assert torch.equal(film(nothing), film(None))
    with pytest.raises(InvalidPose, match="its background only 4"):
        film(camera_background(Canvas(64, 96), 4, 12.5))


def test_driving_poses_start_with_the_picture_and_wear_its_body():
    settings = Settings(CANVAS, fps=12.5)
    reference = standing(CANVAS, 1, 12.5, size=0.8)
    poses = driving_poses(reference, standing(Canvas(200, 300), 20, 25, size=1.2), settings)
    assert len(poses) == 11
    assert np.array_equal(poses.xy[0], reference.xy[0])
    knee, ankle = coco.INDEX["left_knee"], coco.INDEX["left_ankle"]
    shin = np.linalg.norm(poses.xy[:, ankle] - poses.xy[:, knee], axis=-1)
    assert np.allclose(shin, shin[0], atol=1e-3), "bones keep the picture's length"


def test_the_motion_is_retargeted_as_asked():
    reference, film = standing(CANVAS, 1, 12.5), standing(Canvas(600, 300), 12, 12.5, sway=0.4)
    wrist = coco.INDEX["left_wrist"]
    free, kept = (
        driving_poses(reference, film, Settings(CANVAS, retarget=Retarget(keep_inside=inside)))
        for inside in (False, True)
    )
    assert free.xy[1:, wrist, 0].max() > CANVAS.width >= kept.xy[1:, wrist, 0].max()


def test_picture_and_pose_are_cut_alike():
    picture = np.zeros((100, 300, 3), np.uint8)
    picture[40:60, 140:160] = 255
    pose = standing(Canvas(300, 100), 1, 12.5)
    marked = pose.xy.copy()
    marked[0, 0] = (150, 50)
    fitted, moved = fit_picture(picture, PoseSequence(marked, pose.score, pose.canvas, 12.5), Canvas(64, 64))
    assert fitted.shape == (64, 64, 3)
    x, y = moved.xy[0, 0]
    assert fitted[round(float(y)), round(float(x))].min() > 200


def test_a_picture_that_is_none_is_refused(models):
    with pytest.raises(InvalidMedia, match=r"\[H, W, 3\]"):
        animate(np.zeros((48, 32), np.uint8), standing(CANVAS, 1, 1), standing(CANVAS, 2, 1), models, Settings(CANVAS))


def test_cameras_by_command_line():
    from humandit.cli import parser_for
    from humandit.commands.animate.inputs import camera_of

    poses = standing(Canvas(96, 96), 10, 25)
    film = np.random.default_rng(0).integers(0, 255, (1, 12, 12, 3), dtype=np.uint8)
    film = film.repeat(8, 1).repeat(8, 2).repeat(10, 0)

    def camera(*words, shown=film):
        need = ["animate", "--image", "i", "--motion", "m", "--out", "o"]
        return camera_of(parser_for("animate").parse_args([*need, *words]), None, poses, shown)

    assert camera() is None
    still, panned = camera("--background", "still"), camera("--background", "pan", "--pan", "0.5", "0")
    assert (still.xy == still.xy[0]).all() and still.canvas == Canvas(192, 192) and len(still) == 10
    assert np.allclose(panned.xy[1, 0] - panned.xy[0, 0], [-0.02 * 192, 0], atol=1e-3)
    found = camera("--background", "film")
    assert found.canvas == Canvas(96, 96) and np.abs(found.xy - found.xy[0])[found.visible].max() < 0.1
    with pytest.raises(InvalidPose, match="needs a film"):
        camera("--background", "film", shown=None)


def test_a_bad_command_line_input_is_one_readable_line(capsys, tmp_path):
    (tmp_path / "film.mp4").write_text("no film")
    write_image(tmp_path / "p.png", np.zeros((32, 32, 3), np.uint8))
    code = main(["pose", "detect", str(tmp_path / "film.mp4"), "--out", str(tmp_path / "o.json")])
    assert code == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1
    assert not (tmp_path / "o.json").exists()


@pytest.mark.slow
def test_animate_command_with_the_bundled_weights(capsys, tmp_path):
    """The README's own command, with poses instead of a film so that no net is needed for the motion."""
    pytest.importorskip("ai_edge_litert")
    from humandit.errors import MissingDependency
    from humandit.pose.detect.nets import find_nets

    try:
        find_nets()
    except MissingDependency as missing:
        pytest.skip(str(missing))
    from pathlib import Path

    examples = Path(__file__).parent.parent / "nodes" / "examples"
    save_json(standing(Canvas(128, 128), 20, 12.5, 0.1), tmp_path / "motion.json")
    words = ["animate", "--image", str(min(examples.glob("picture-*.png"))), "--motion", str(tmp_path / "motion.json")]
    words += ["--adapt", "paper", "--ground", "--keep-inside"]
    out = tmp_path / "o.mp4"
    assert main([*words, "--model", "mini", "--out", str(out), "--segment-frames", "17", "--steps", "2", "--json"]) == 0
    result = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert set(result) == {"video", "frames", "fps", "width", "height", "segments", "seconds", "peak_memory_mb"}
    assert (result["frames"], result["segments"], result["width"], result["height"]) == (20, 2, 192, 192)
    assert len(read_film(out)) == 20
    words += ["--segment-frames", "9", "--steps", "1", "--background", "still", "--continuity", "default", "--drift"]
    assert main([*words, "--out", str(tmp_path / "steady.mp4"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert (result["frames"], result["segments"]) == (20, 4), "segments overlap"
    assert {name: len(values) for name, values in result["drift"].items() if name != "plot"} == {
        "colour": 4, "identity": 4, "sharpness": 4, "pck": 4
    }  # fmt: skip
    assert read_image(Path(result["drift"]["plot"])).shape[2] == 3


def test_poses_that_are_no_poses_are_refused(tmp_path):
    (tmp_path / "motion.json").write_text('{"schema": "humandit-pose/1"}')
    from humandit.pose.formats import load_json

    with pytest.raises(InvalidPose):
        load_json(tmp_path / "motion.json")


def test_presets_by_command_line():
    from humandit.cli import parser_for
    from humandit.commands.animate.inputs import preset_of
    from humandit.errors import HumanDiTError

    def chosen(*words):
        return preset_of(
            parser_for("animate").parse_args(["animate", "--image", "i", "--motion", "m", "--out", "o", *words])
        )

    assert (chosen(), chosen("--steps", "9"), chosen("--preset", "fast")) == ("exact", "exact", "fast")
    assert chosen("--preset", "exact", "--sampler", "dpm++") == "exact"
    with pytest.raises(HumanDiTError, match="chooses steps"):
        chosen("--preset", "fast", "--steps", "9")
    with pytest.raises(HumanDiTError, match="exact, balanced, fast"):
        chosen("--preset", "warp")


def test_a_preset_takes_its_own_steps_and_an_exact_one_those_asked_for(models, monkeypatch, tmp_path):
    monkeypatch.setenv("HUMANDIT_CACHE", str(tmp_path))

    def steps(preset):
        settings = Settings(CANVAS, segment_frames=9, sampling=Sampling(steps=2), preset=preset)
        done, picture = [], np.full((48, 32, 3), 90, np.uint8)
        motion = standing(CANVAS, 9, 12.5, 0.1)
        list(animate(picture, standing(CANVAS, 1, 12.5), motion, models, settings, lambda *seen: done.append(seen)))
        return done[-1][2]

    assert steps("exact") == 2 and steps("balanced") > steps("fast") > 2
