"""Load Motion, Generate Motion and Refine Motion as ComfyUI runs them, with a tiny model."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

SIDE = 512
MODEL_FPS = 25.0
GENERATE = dict(seconds=2.0, seed=5, energy=0.7, guidance=1.5, keep_inside=True, fps=12.5, steps=2)
REFINE = dict(tau=4, body=1.0, hands=1.0, face=1.0, seed=5, guidance=1.0, steps=2)


@pytest.fixture
def folder(comfy, tmp_path, monkeypatch):
    """ComfyUI's temporary and model folders are in here; no server runs that could show a line of text."""
    import folder_paths

    (tmp_path / "models").mkdir()
    endings = folder_paths.folder_names_and_paths["diffusion_models"][1]
    places = ([str(tmp_path / "models")], endings)
    monkeypatch.setitem(folder_paths.folder_names_and_paths, "diffusion_models", places)
    monkeypatch.setattr(folder_paths, "filename_list_cache", {})
    monkeypatch.setattr(folder_paths, "temp_directory", str(tmp_path / "temp"))
    monkeypatch.setitem(sys.modules, "server", SimpleNamespace(PromptServer=None))
    return tmp_path


@pytest.fixture
def weights(pack, folder):
    """A motion model of few parameters that no zeros make dull, in the model folder."""
    torch.manual_seed(0)
    config = pack("humandit.motion.config").MotionConfig(
        heads=2, head_dim=16, layers=2, time_dim=16, window=12, overlap=4
    )
    model = pack("humandit.motion.model").KeypointDiT(config)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    return pack("humandit.weights.save").save_model(folder / "models" / "tiny.safetensors", model, config, "motion")


@pytest.fixture
def motion(node_of, weights):
    return node_of("motion_load", "HumanDiTLoadMotion").execute(weights.name).args[0]


@pytest.fixture
def node_of(pack, monkeypatch):
    def ready(room, name):
        from comfy_api.latest import io

        node = getattr(pack(f"nodes.{room}"), name)
        monkeypatch.setattr(node, "hidden", io.HiddenHolder.from_dict({}))  # as the host does before it runs a node
        return node

    return ready


@pytest.fixture
def generate(node_of, motion):
    node = node_of("motion_generate", "HumanDiTGenerateMotion")
    return lambda **changes: node.execute(motion, **{**GENERATE, **changes})


@pytest.fixture
def refine(node_of, motion):
    node = node_of("motion_refine", "HumanDiTRefineMotion")
    return lambda start, film, **changes: node.execute(motion, start, film, **{**REFINE, **changes})


@pytest.fixture
def someone(pack):
    """Makes ``frames`` poses of somebody whose right hand was never seen."""

    def make(frames=1, fps=12.5, seed=0, side=SIDE):
        rng = np.random.default_rng(seed)
        score = np.full((frames, 133), 0.8)
        score[:, 112:] = 0
        xy = rng.uniform(0.3, 0.7, (1, 133, 2)) + rng.normal(0, 0.01, (frames, 133, 2))
        return pack("humandit.pose.sequence").PoseSequence(
            xy * side, score, pack("humandit.types").Canvas(side, side), fps
        )

    return make


def shown(folder, output):
    """Size, and frames' milliseconds, of the animated picture under the node. Equal frames in a row are one."""
    from PIL import Image, ImageSequence

    (file,) = output.ui["images"]
    assert file["type"] == "temp"
    picture = Image.open(folder / "temp" / file["subfolder"] / file["filename"])
    assert np.asarray(picture.convert("RGB")).max() > 100  # a random network's skeleton may shrink to nothing later
    times = [frame.info["duration"] for frame in ImageSequence.Iterator(picture) if frame.load() or True]
    return picture.size, times


def test_the_same_seed_gives_the_same_motion(generate, someone):
    start = someone()
    first, again, other = (generate(poses=start, seed=seed).args[0] for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.xy, again.xy)
    assert np.abs(first.xy - other.xy).max() > 1


def test_generate_gives_the_librarys_motion(pack, generate, motion, someone):
    library, start = pack("humandit.motion.generate"), someone()
    sampling = pack("humandit.motion.start").MotionSampling(2, 1.5, seed=5)
    wanted = library.continue_motion(motion.model, start, 25, library.Manner(0.7), sampling)
    free = generate(poses=start, keep_inside=False)
    np.testing.assert_array_equal(free.args[0].xy, wanted.xy[1:])
    kept = pack("humandit.motion.inside").kept_inside(wanted)[1:]
    np.testing.assert_array_equal(generate(poses=start).args[0].xy, kept.xy)
    wild = generate(poses=start, keep_inside=False, example=someone(30, 30.0, seed=3, side=100)).args[0]
    assert np.abs(wild.xy - free.args[0].xy).max() > 1


def test_speed_and_length(generate, someone):
    made, text, start = generate(poses=someone(fps=99.0), seconds=3.0, fps=20.0).args
    assert (len(made), made.fps, len(start), start.fps) == (60, 20.0, 1, 20.0)
    assert "60 frames, 3.0 s at 20 fps" in text and "(asked for 0.70)" in text and "made in" in text
    with pytest.raises(ValueError, match="at least 1 new frame"):
        generate(poses=someone(), seconds=0.0)
    with pytest.raises(ValueError, match="at least 1 new frame"):
        generate(poses=someone(), seconds=-1.0)


def test_of_several_frames_the_last_is_where_it_goes_on(generate, someone):
    film = someone(10, fps=25.0)
    made, _, start = generate(poses=film).args
    np.testing.assert_array_equal(start.xy, film.xy[-1:])
    whole = generate(poses=film, with_start=True).args[0]
    assert len(made) == 25 and len(whole) == 5 + 25 and whole.fps == 12.5
    np.testing.assert_array_equal(whole.xy[:5], film.xy[1::2])
    np.testing.assert_array_equal(whole.xy[5:], made.xy)
    alone = generate(poses=film[-1:]).args[0]
    assert np.abs(alone.xy - made.xy).max() > 0, "the movement is taken up"


def test_poses_of_other_packs(pack, generate, someone):
    keypoint = pack("humandit.pose.formats").to_pose_keypoint(someone())
    assert len(generate(poses=keypoint).args[0]) == 25


def test_a_picture_and_a_detector_in_place_of_poses(pack, generate, someone):
    protocol = pack("humandit.pose.detect.protocol")

    class Finds(protocol.Detector):
        name, device = "test", "cpu"

        def people(self, frame, near=(), search=True):
            box = pack("humandit.pose.detect.boxes").Box(0, 0, 1, 1)
            return [protocol.Sighting(someone().xy[0], np.ones(133), box)] if frame.any() else []

    made, _, start = generate(picture=torch.ones(2, SIDE, 600, 3), detector=Finds()).args
    assert len(made) == 25 and len(start) == 1 and made.canvas.width == 600
    np.testing.assert_allclose(start.xy, someone().xy, atol=1e-3)
    with pytest.raises(pack("humandit.errors").NoPersonFound):
        generate(picture=torch.zeros(1, SIDE, SIDE, 3), detector=Finds())
    with pytest.raises(ValueError, match="neither poses nor a picture. Connect"):
        generate()
    with pytest.raises(ValueError, match="a picture without a detector"):
        generate(picture=torch.ones(1, SIDE, SIDE, 3))


def test_refine_gives_the_librarys_poses(pack, refine, motion, someone):
    start, film = someone(3), someone(20, seed=1)
    sampling = pack("humandit.motion.start").MotionSampling(2, 1.0, seed=5)
    wanted = pack("humandit.motion.refine").refine_motion(motion.model, start[:1], film, 4, sampling=sampling)
    refined, text = refine(start, film).args
    np.testing.assert_array_equal(refined.xy, wanted.xy[1:])
    assert len(refined) == 24 and refined.fps == 12.5
    assert text.startswith("Bridge of 4 frames; moved on average") and "0 joints filled in" in text
    assert "resampled from 12.5 to the model's 25 fps and back" in text
    np.testing.assert_array_equal(refine(start, film).args[0].xy, refined.xy)


def test_strengths_and_filled_joints(refine, someone):
    start, film = someone(fps=MODEL_FPS), someone(20, MODEL_FPS, seed=1)
    film.score[5:8, 91:112] = 0
    refined, text = refine(start, film, tau=0, body=0.0, hands=0.0, face=0.0).args
    np.testing.assert_allclose(refined.xy[film.visible], film.xy[film.visible], atol=1e-2)
    assert text.startswith("No bridge") and "body 0.0 %" in text and "resampled" not in text
    assert f"{3 * 21} joints filled in" in refine(start, film).args[1]


def test_a_bridge_longer_than_the_film_is_refused(refine, someone):
    with pytest.raises(ValueError, match="0 to 6 frames.*got 7"):
        refine(someone(), someone(6), tau=7)
    nobody = someone()
    nobody.score[:] = 0
    with pytest.raises(ValueError, match="shows no joint"):
        refine(nobody, someone(6))


def test_the_motion_plays_under_the_node(folder, generate, refine, someone):
    output = generate(poses=someone(side=1000), fps=12.5)
    assert output.ui["text"] == (output.args[1],) and output.ui["animated"] == (True,)
    assert shown(folder, output) == ((320, 320), [80] * 25)
    size, times = shown(folder, generate(poses=someone(side=100), seconds=12.0, fps=50.0, steps=1))
    assert size == (100, 100) and sum(times) == 10_000 and min(times) == 40
    assert sum(shown(folder, refine(someone(), someone(20)))[1]) == 24 * 80


def test_steps_are_counted_with_pictures_and_can_be_cancelled(comfy, generate, someone, folder):
    import comfy.model_management as management
    import comfy.utils

    seen = []

    def hook(value, total, preview, node_id=None):
        seen.append((value, total, preview))
        if value == 3:
            management.interrupt_current_processing()

    comfy.utils.set_progress_bar_global_hook(hook)
    try:
        with pytest.raises(management.InterruptProcessingException):
            generate(poses=someone(), steps=4)
    finally:
        comfy.utils.set_progress_bar_global_hook(None)
        management.interrupt_current_processing(False)
    assert [value for value, _, _ in seen] == [1, 2, 3] and len({total for _, total, _ in seen}) == 1
    kind, picture, side = seen[0][2]
    assert (kind, picture.size) == ("JPEG", (320, 320)) and side >= 320
    assert sum(preview is not None for _, _, preview in seen) < 3, "pictures are drawn now and then only"


def test_weights_that_can_be_chosen(pack, weights, node_of, monkeypatch, folder):
    node, registry = node_of("motion_load", "HumanDiTLoadMotion"), pack("humandit.weights.registry")

    def options():
        return next(entry.options for entry in node.define_schema().inputs if entry.id == "model")

    bundled = registry.Entry("mini", "motion", "bundled", "Apache-2.0", "diffusion_models", Path(weights))
    others = tuple(entry for entry in registry.ENTRIES if entry.kind != "motion")
    monkeypatch.setattr(registry, "ENTRIES", (*others, bundled))
    assert options() == ["mini (bundled)", "tiny.safetensors"]
    assert node.execute("mini (bundled)").args[0].model.config.window == 12

    monkeypatch.setattr(registry, "ENTRIES", others)
    assert options() == ["tiny.safetensors"]
    with pytest.raises(ValueError, match="no 'mini \\(bundled\\)' among the motion weights"):
        node.execute("mini (bundled)")
    weights.unlink()
    monkeypatch.setattr("folder_paths.filename_list_cache", {})
    (nothing,) = options()
    with pytest.raises(ValueError, match="no motion weights yet. Put .* into models/diffusion_models"):
        node.execute(nothing)


def test_weights_of_another_kind_are_refused(pack, node_of, tiny, folder):
    config, _ = tiny()
    model = pack("humandit.video.model").HumanDiT(config)
    pack("humandit.weights.save").save_model(folder / "models" / "film.safetensors", model, config, "video")
    with pytest.raises(
        ValueError, match="Expected a HumanDiT motion model, but film.safetensors looks like a HumanDiT"
    ):
        node_of("motion_load", "HumanDiTLoadMotion").execute("film.safetensors")


def test_refine_starts_with_the_librarys_defaults(pack, node_of):
    usual = pack("humandit.motion.refine").USUAL
    inputs = {entry.id: entry for entry in node_of("motion_refine", "HumanDiTRefineMotion").define_schema().inputs}
    assert (inputs["steps"].default, inputs["guidance"].default) == (usual.steps, usual.guidance)
