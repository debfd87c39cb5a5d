"""A film on the canvas that was interrupted goes on, for the very same job only, and takes its memory once."""

import re

import numpy as np
import pytest
import torch

SIDE, STEPS = 32, 3
FILM = dict(
    width=SIDE, height=SIDE, frames=0, segment_frames=9, steps=STEPS, guidance=1.5, sampler="ddim", fps=12.5, seed=5
)


def some_poses(pack, frames):
    rng = np.random.default_rng(0)
    xy = rng.uniform(0.2, 0.8, (1, 133, 2)) * SIDE + rng.normal(0, 0.05 * SIDE, (frames, 133, 2))
    canvas = pack("humandit.types").Canvas(SIDE, SIDE)
    return pack("humandit.pose.sequence").PoseSequence(xy, np.ones((frames, 133)), canvas, 12.5)


@pytest.fixture
def native_vae(pack):
    torch.manual_seed(0)
    light = pack("humandit.video.light_vae")
    vae = light.LightVAE(light.LightVAEConfig(width=16, layers=1, detail=4))
    film = torch.rand(9, SIDE, SIDE, 3)
    vae.single.fit(vae.single.blocks(film).flatten(0, 2))
    vae.quad.fit(vae.quad.blocks(film[1:]).flatten(0, 2))
    return pack("nodes.native_vae").build_vae(vae.eval())


@pytest.fixture
def sample(comfy, pack, native_vae, tiny, monkeypatch):
    """``sample(stop_at=step, **changes)``: a film of three segments on the host, or None when it was stopped."""
    import comfy.model_management as management
    import comfy.utils

    said = []
    monkeypatch.setattr(pack("nodes.host"), "show_text", lambda text, _: said.append(text.splitlines()[-1]))
    config, state = tiny("x0")
    model = pack("nodes.native_load").build_model(config, state, pack("nodes.native").HumanDiTLatent(0.7))
    picture = torch.rand(1, SIDE, SIDE, 3, generator=torch.Generator().manual_seed(1))

    def make(stop_at=None, steps_seen=None, **changes):
        def hook(value, total, preview, node_id=None):
            if steps_seen is not None:
                steps_seen.append(value)
            if value == stop_at:
                management.interrupt_current_processing()

        given = dict(
            model=model, vae=native_vae, reference=picture, reference_poses=some_poses(pack, 1),
            poses=some_poses(pack, 20),
        )  # fmt: skip
        comfy.utils.set_progress_bar_global_hook(hook)
        said.clear()
        try:
            return pack("nodes.video").HumanDiTSample.execute(**{**given, **FILM, **changes}).args[0]
        except management.InterruptProcessingException:
            return None
        finally:
            comfy.utils.set_progress_bar_global_hook(None)
            management.interrupt_current_processing(False)

    make.model, make.said = model, said
    return make


def test_cancel_keeps_finished_segments_and_the_same_film_goes_on(sample, user_folder):
    assert sample(stop_at=2 * STEPS + 1) is None
    assert sample.said == ["2 of 3 segments are kept. Queue the same again to go on."]
    steps = []
    film = sample(steps_seen=steps)
    assert steps[:4] == [STEPS, 2 * STEPS, 2 * STEPS + 1, 2 * STEPS + 2], "kept segments move the bar at once"
    assert sample.said == ["Resumed at segment 3 of 3."]
    for part in user_folder.rglob("segment-*"):
        part.unlink()
    assert torch.equal(film, sample()) and sample.said == []


@pytest.mark.parametrize("change", [{"seed": 6}, {"guidance": 2.0}, {"fps": 12.0}, {"sampler": "dpm++2m"}])
def test_other_settings_make_another_film(sample, change):
    sample(stop_at=2 * STEPS + 1)
    steps = []
    assert sample(steps_seen=steps, **change) is not None and steps[0] == 1 and sample.said == []


def test_a_lora_makes_another_film_whether_or_not_it_is_applied_right_now(sample, pack):
    parts = pack("nodes.host_journal").parts
    model = sample.model
    name = next(key for key, value in model.model.state_dict().items() if value.ndim == 2)
    patched = [model.clone() for _ in range(2)]
    for clone, strength in zip(patched, (0.5, 0.6), strict=True):
        clone.add_patches({name: ("diff", (torch.ones_like(model.model.state_dict()[name]),))}, strength)

    class Coder:
        first_stage_model, vae_dtype = torch.nn.Linear(2, 2), torch.float32

    def job(of):
        return pack("humandit.journal").fingerprint(parts(of, Coder))

    plain, half, more = job(model), job(patched[0]), job(patched[1])
    assert len({plain, half, more}) == 3
    patched[0].patch_model()
    try:
        assert job(model) == plain and job(patched[0]) == half
    finally:
        patched[0].unpatch_model()


def test_one_segment_leaves_nothing_behind(sample, user_folder):
    assert sample(frames=8).shape == (8, SIDE, SIDE, 3) and not user_folder.exists()


def test_a_film_that_cannot_be_one_image_is_refused_before_it_is_made(pack):
    canvas = pack("humandit.types").Canvas(1280, 1280)
    with pytest.raises(ValueError, match=r"45000 frames at 1280x1280 take 884\.7 GB.*humandit animate"):
        pack("nodes.film_reel").gathered(iter([]), 45_000, canvas)


def test_a_segment_is_shown_whole_and_small(pack, tmp_path, monkeypatch):
    from PIL import Image

    monkeypatch.setattr("folder_paths.temp_directory", str(tmp_path))
    told = []
    monkeypatch.setattr(pack("nodes.host"), "tell_browser", lambda event, data: told.append((event, data)))
    types, segments = pack("humandit.types"), pack("humandit.video.segments")
    frames = torch.linspace(0, 1, 8)[:, None, None, None].expand(8, 64, 640, 3)
    part = segments.Finished(types.Segment(1, 8, types.VideoShape(9, 64, 640)), frames, segments.Handover(frames[-1]))
    show = pack("nodes.film_shown").playing("7", 3, 12.5)
    show(part)
    show(part)  # at once: not shown again
    ((event, data),) = told
    assert (event, data["node"], data["segment"], data["segments"]) == ("humandit.segment", "7", 2, 3)
    picture = Image.open(tmp_path / data["file"]["filename"])
    picture.load()
    assert picture.n_frames == 8 and picture.size == (320, 32) and picture.info["duration"] == 80
    assert re.fullmatch(r"humandit_segment_[0-9a-f]{8}_[01]\.webp", data["file"]["filename"])
