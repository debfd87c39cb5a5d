"""The nodes as ComfyUI sees them: schemas, errors, and one film from picture to frames."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import numpy as np
import pytest
import torch

SIDE = 32
PARAMETERS = {"width": SIDE, "height": SIDE, "segment_frames": 9, "steps": 3, "guidance": 1.5}


@pytest.fixture(scope="session")
def nodes(pack):
    extension = asyncio.run(pack("nodes").comfy_entrypoint())
    return {node.GET_SCHEMA().node_id: node for node in asyncio.run(extension.get_node_list())}


@pytest.fixture
def light_vae(pack):
    """The bundled VAE's class with components fitted to noise: not pretty, but every number is used."""
    torch.manual_seed(0)
    light = pack("humandit.video.light_vae")
    vae = light.LightVAE(light.LightVAEConfig(width=16, layers=1, detail=4)).eval()
    coarse = torch.rand(40, 3, 4, 4)
    frames = torch.nn.functional.interpolate(coarse, (SIDE, SIDE), mode="bilinear").permute(0, 2, 3, 1)
    for part in (vae.single, vae.quad):
        part.fit(part.blocks(frames).flatten(0, 2))
    return vae


@pytest.fixture
def native_vae(pack, light_vae):
    return pack("nodes.native_vae").build_vae(light_vae)


def some_poses(pack, frames, side=SIDE, fps=12.5):
    """A person who waves: every keypoint seen, arms moving."""
    types, sequence = pack("humandit.types"), pack("humandit.pose.sequence")
    rng = np.random.default_rng(0)
    xy = rng.uniform(0.2, 0.8, (1, 133, 2)) * side + rng.normal(0, 0.05 * side, (frames, 133, 2))
    return sequence.PoseSequence(xy, np.ones((frames, 133)), types.Canvas(side, side), fps)


@pytest.fixture
def host_model(pack, tiny):
    """``host_model(prediction, finished)``: a MODEL with its config and state dict."""

    def make(prediction="x0", finished=False):
        native = pack("nodes.native")
        config, state = tiny(prediction, finished)
        return pack("nodes.native_load").build_model(config, state, native.HumanDiTLatent(1.0)), config, state

    return make


def run(node, **inputs):
    output = node.execute(**inputs)
    return output.args if len(output.args) > 1 else output.args[0]


def test_schemas_hold_in_every_host(nodes):
    assert set(nodes) == {
        "HumanDiTExample", "HumanDiTLoadModel", "HumanDiTLoadVAE", "HumanDiTLoadPoseDetector", "HumanDiTDetectPose",
        "HumanDiTAdaptPose", "HumanDiTSmoothPose", "HumanDiTEditPose", "HumanDiTDrawPose", "HumanDiTCondition",
        "HumanDiTFinish", "HumanDiTSample", "HumanDiTDraft",
        "HumanDiTPoseToKeypoint", "HumanDiTSavePose", "HumanDiTLoadPose", "HumanDiTTrackBackground",
        "HumanDiTPlan", "HumanDiTCompare", "HumanDiTContinuity", "HumanDiTDriftMeter",
        "HumanDiTLoadMotion", "HumanDiTGenerateMotion", "HumanDiTRefineMotion", "HumanDiTLoadLoRA",
        "HumanDiTPrompt", "HumanDiTSavePrompt", "HumanDiTLoadPrompt", "HumanDiTFunPose", "HumanDiTLoadVCtrl",
        "HumanDiTVCtrl",
    }  # fmt: skip
    for name, node in nodes.items():
        schema = node.GET_SCHEMA()
        assert schema.category.startswith("HumanDiT/") and schema.description, name
        assert all(len(entry.tooltip or "") > 20 for entry in schema.inputs), name
        assert all(out.display_name and out.tooltip for out in schema.outputs), name
        assert not {entry.id for entry in schema.inputs} & {out.id for out in schema.outputs}, name


def test_every_node_has_a_help_page(nodes, pack):
    from pathlib import Path

    folder = Path(pack("nodes").__file__).parents[1] / "web" / "docs"
    for name, node in nodes.items():
        text = (folder / f"{name}.md").read_text(encoding="utf-8")
        missing = [entry.id for entry in node.GET_SCHEMA().inputs if f"`{entry.id}`" not in text]
        assert not missing, f"{name}.md does not explain {missing}"


@pytest.mark.slow
def test_importing_the_nodes_imports_nothing_heavy(pack):
    """In a fresh process whose host modules are there already, as when ComfyUI scans its packs."""
    code = (
        "import sys; sys.path[:0] = sys.argv[1:3]\n"
        "import conftest, torch\n"
        "conftest.load_by_path('s', conftest.ROOT/'tools'/'run_host.py').declare_missing_operators()\n"
        "from comfy.cli_args import args; args.cpu = True\n"
        "import nodes, asyncio; before = set(sys.modules)\n"
        "pack = conftest.load_by_path('p', conftest.ROOT/'__init__.py')\n"
        "for node in asyncio.run(asyncio.run(pack.comfy_entrypoint()).get_node_list()): node.INPUT_TYPES()\n"
        "heavy = {'cv2', 'diffusers', 'ai_edge_litert', 'av', 'scipy', 'einops'} & (set(sys.modules) - before)\n"
        "import json; print(json.dumps(sorted(heavy)))\n"
    )
    host = next(path for path in sys.path if path and "comfy" not in path.rsplit("/", 1)[-1] and _has_host(path))
    call = [sys.executable, "-c", code, host, str(pack_tests())]
    last = subprocess.run(call, capture_output=True, text=True, check=True, cwd=host).stdout.splitlines()[-1]
    assert not json.loads(last)


def _has_host(path):
    from pathlib import Path

    return (Path(path) / "comfy" / "samplers.py").is_file()


def pack_tests():
    from pathlib import Path

    return Path(__file__).parent


def test_a_film_over_two_segments(pack, nodes, native_vae, host_model):
    model, _, _ = host_model()
    frames, fps = run(
        nodes["HumanDiTSample"], model=model, vae=native_vae, reference=torch.rand(1, 40, 50, 3),
        reference_poses=some_poses(pack, 1), poses=some_poses(pack, 11), frames=0, sampler="ddim", fps=12.5, seed=5,
        **PARAMETERS,
    )  # fmt: skip
    assert frames.shape == (11, SIDE, SIDE, 3) and fps == 12.5
    assert torch.isfinite(frames).all() and frames.min() >= 0 and frames.max() <= 1
    assert frames.device.type == "cpu" and frames.dtype == torch.float32


@pytest.mark.parametrize(
    ("prediction", "sampler", "finished"),
    [("x0", "ddim", False), ("x0", "dpm++", False), ("v", "ddim", False), ("v", "dpm++", False), ("x0", "ddim", True)],
)
def test_the_node_gives_the_librarys_film(
    pack, nodes, native_vae, light_vae, sampler, prediction, finished, host_model, library_model
):
    model, config, state = host_model(prediction, finished)
    pipeline, types = pack("humandit.pipeline"), pack("humandit.types")
    reference = torch.rand(1, SIDE, SIDE, 3, generator=torch.Generator().manual_seed(2))
    picture = (reference * 255).round() / 255
    still, motion = some_poses(pack, 1), some_poses(pack, 12)
    frames, _ = run(
        nodes["HumanDiTSample"], model=model, vae=native_vae, reference=reference, reference_poses=still,
        poses=motion, frames=0, sampler=sampler, fps=12.5, seed=5, **PARAMETERS,
    )  # fmt: skip
    sampling = pipeline.Sampling(PARAMETERS["steps"], PARAMETERS["guidance"], sampler, 5)
    settings = pipeline.Settings(types.Canvas(SIDE, SIDE), segment_frames=9, sampling=sampling)
    models = pipeline.Models(library_model(config, state), light_vae)
    parts = pipeline.render(picture[0], still.concat(motion), models, settings, lambda *_: None)
    assert (frames - torch.cat([part.frames for part in parts])).abs().max() < 1e-3


@pytest.mark.parametrize("finished", [False, True])
def test_one_segment_by_core_nodes_equals_the_sample_node(comfy, pack, nodes, native_vae, host_model, finished):
    """HumanDiT Condition, KSampler's own function with the same noise, VAE Decode, HumanDiT Finish."""
    model, _, _ = host_model(finished=finished)
    given = {
        "vae": native_vae, "reference": torch.rand(1, SIDE, SIDE, 3), "reference_poses": some_poses(pack, 1),
        "poses": some_poses(pack, 8),
    }  # fmt: skip
    positive, negative, latent = run(nodes["HumanDiTCondition"], **given, width=SIDE, height=SIDE, frames=9, start=0)
    noise = pack("humandit.video.sample").segment_noise(5, 0, (1, 2, 16, 4, 4)).transpose(1, 2)
    noise = torch.cat([torch.zeros(1, 16, 1, 4, 4), noise], dim=2)
    samples = comfy.sample.sample(
        model, noise, 20, 1.5, "euler", "simple", positive, negative, latent["samples"], disable_pbar=True, seed=5
    )
    decoded = native_vae.decode(samples)[0]
    by_core = run(nodes["HumanDiTFinish"], model=model, positive=positive, images=decoded)
    assert finished == ((by_core - decoded).abs().max() > 0.01), "who has no finisher leaves frames as they are"
    ours, _ = run(
        nodes["HumanDiTSample"], model=model, **given, frames=0, sampler="ddim", fps=12.5, seed=5,
        **{**PARAMETERS, "steps": 20},
    )  # fmt: skip
    assert (by_core[1:] - ours).abs().max() < 1e-3


def test_finishing_names_what_does_not_belong_together(pack, nodes, native_vae, host_model):
    model, _, _ = host_model(finished=True)
    positive, negative, _ = run(
        nodes["HumanDiTCondition"], vae=native_vae, reference=torch.rand(1, SIDE, SIDE, 3),
        reference_poses=some_poses(pack, 1), poses=some_poses(pack, 8), width=SIDE, height=SIDE, frames=9, start=0,
    )  # fmt: skip
    finish = nodes["HumanDiTFinish"]
    with pytest.raises(ValueError, match="9 frames of 32x32, got 8 of 32x32.*none cut off"):
        run(finish, model=model, positive=positive, images=torch.rand(8, SIDE, SIDE, 3))
    with pytest.raises(ValueError, match="Connect positive of HumanDiT Condition"):
        run(finish, model=model, positive=negative, images=torch.rand(9, SIDE, SIDE, 3))


def shown(image):
    """The picture of an IMAGE as nodes hand it on, in steps of a 255th."""
    return (image[0] * 255).round().clamp(0, 255) / 255


def test_condition_continues_where_a_segment_ended(pack, nodes, native_vae):
    poses = some_poses(pack, 20)
    given = {
        "vae": native_vae, "reference": torch.rand(1, SIDE, SIDE, 3), "reference_poses": some_poses(pack, 1),
        "width": SIDE, "height": SIDE, "frames": 9,
    }  # fmt: skip
    later, _, _ = run(nodes["HumanDiTCondition"], **given, poses=poses, start=8)
    segments, raster = pack("humandit.video.segments"), pack("humandit.pose.raster")
    posed = some_poses(pack, 1).concat(poses)
    images = raster.Raster(posed, poses.canvas, picture=shown(given["reference"]), taken=8)
    window = segments.patchify_pose(images[8:17]).permute(3, 0, 1, 2)
    assert torch.equal(later[0][1]["pose_tokens"][0], window)
    with pytest.raises(ValueError, match="20 frames.*99"):
        run(nodes["HumanDiTCondition"], **given, poses=poses, start=99)


def test_a_vae_of_another_model_is_named(pack, nodes, native_vae):
    mini = pack("nodes.native_load").load_native_model("mini", "fp32")
    given = {"vae": native_vae, "reference": torch.rand(1, SIDE, SIDE, 3), "reference_poses": some_poses(pack, 1),
             "poses": some_poses(pack, 8)}  # fmt: skip
    with pytest.raises(ValueError, match="latents have 64 channels, the connected VAE's 16.*Connect the VAE"):
        run(nodes["HumanDiTSample"], model=mini, **given, frames=0, sampler="ddim", fps=12.5, seed=5, **PARAMETERS)


def test_the_vae_on_core_nodes(native_vae, light_vae):
    frames = torch.rand(9, SIDE, 48, 3)
    latent = native_vae.encode(frames)
    assert latent.shape == (1, 16, 3, 4, 6)
    expected = torch.cat(list(light_vae.decode(light_vae.encode(frames))))
    assert torch.allclose(native_vae.decode(latent)[0], expected, atol=1e-5)
    assert native_vae.decode(latent[:, :, :2])[0].shape == (5, SIDE, 48, 3)
    tiled = native_vae.decode_tiled(latent, tile_x=4, tile_y=4, overlap=1)
    assert tiled.shape == (1, 9, SIDE, 48, 3)


def test_the_cogvideox_vae_on_core_nodes(pack):
    torch.manual_seed(0)
    stock = pack("humandit.video.cogvideox_vae").CogVideoXVAE.from_config(
        {"block_out_channels": (8, 8, 8, 8), "layers_per_block": 1, "norm_num_groups": 4, "latent_channels": 16}
    )
    vae = pack("nodes.native_vae").build_vae(stock.eval())
    frames = torch.rand(9, SIDE, 48, 3)
    latent = vae.encode(frames)
    assert torch.allclose(latent[0].transpose(0, 1), stock.encode(frames), atol=1e-5)
    assert torch.allclose(vae.decode(latent)[0], torch.cat(list(stock.decode(stock.encode(frames)))), atol=1e-5)


def test_half_precision_pictures_with_alpha(pack, nodes, native_vae, host_model):
    model, _, _ = host_model()
    frames, _ = run(
        nodes["HumanDiTSample"], model=model, vae=native_vae, reference=torch.rand(2, SIDE, SIDE, 4).half(),
        reference_poses=some_poses(pack, 1), poses=some_poses(pack, 3), frames=2, sampler="ddim", fps=12.5, seed=5,
        **PARAMETERS,
    )  # fmt: skip
    assert frames.shape == (2, SIDE, SIDE, 3)


def test_pose_keypoint_is_taken_for_poses(pack, nodes):
    poses = some_poses(pack, 3)
    keypoint = pack("humandit.pose.formats").to_pose_keypoint(poses)
    ours, theirs = (run(nodes["HumanDiTDrawPose"], poses=p, width=0, height=0) for p in (poses, keypoint))
    assert ours.shape == theirs.shape == (3, SIDE, SIDE, 3) and ours.max() > 0.5
    wide = run(nodes["HumanDiTDrawPose"], poses=poses, width=64, height=0)
    assert wide.shape == (3, SIDE, 64, 3)


def test_interruption_takes_effect_within_a_step(comfy, pack, nodes, native_vae, host_model):
    import comfy.model_management as management
    import comfy.utils

    model, _, _ = host_model()
    seen = []

    def hook(value, total, preview, node_id=None):
        seen.append(value)
        if value == 2:
            management.interrupt_current_processing()

    comfy.utils.set_progress_bar_global_hook(hook)
    try:
        with pytest.raises(management.InterruptProcessingException):
            run(
                nodes["HumanDiTSample"], model=model, vae=native_vae, reference=torch.rand(1, SIDE, SIDE, 3),
                reference_poses=some_poses(pack, 1), poses=some_poses(pack, 8), frames=0, sampler="ddim", fps=12.5,
                seed=5, **{**PARAMETERS, "steps": 10},
            )  # fmt: skip
    finally:
        comfy.utils.set_progress_bar_global_hook(None)
        management.interrupt_current_processing(False)
    assert seen == [1, 2]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"width": 100}, "multiple of 16.*100.*96"),
        ({"segment_frames": 10}, "8k\\+1.*10"),
        ({"width": 1280, "height": 1280, "segment_frames": 249}, "budget"),
        ({"model": object()}, "HumanDiT Load Model"),
        ({"reference": torch.rand(0, 8, 8, 3)}, "Connect an IMAGE"),
    ],
)
def test_bad_input_is_explained(pack, nodes, native_vae, change, words, host_model):
    given = {
        "model": host_model()[0], "vae": native_vae, "reference": torch.rand(1, SIDE, SIDE, 3),
        "reference_poses": some_poses(pack, 1), "poses": some_poses(pack, 8), "frames": 0, "sampler": "ddim",
        "fps": 12.5, "seed": 5, **PARAMETERS, **change,
    }  # fmt: skip
    with pytest.raises(ValueError, match=words):
        run(nodes["HumanDiTSample"], **given)


def test_previews_show_colours(pack, light_vae):
    """A red film's latent looks red in the sampler's preview."""
    rows = torch.tensor(pack("nodes.native_load").preview_colours(light_vae, 64))
    red = torch.zeros(9, SIDE, SIDE, 3)
    red[..., 0] = 0.8
    pixels = light_vae.encode(red)[-1].permute(1, 2, 0) @ rows[:-1] + rows[-1]
    mean = pixels.mean((0, 1))
    assert mean[0] > mean[1] + 0.3 and mean[0] > mean[2] + 0.3


def test_detection_shows_what_it_found(pack, nodes, monkeypatch):
    class Stub:
        name, device = "stub", "cpu (test)"

        def detect(self, frames, fps, on_frame=None):
            for i, _ in enumerate(frames):
                on_frame(i + 1)
            return some_poses(pack, len(frames), fps=fps)

    node = nodes["HumanDiTDetectPose"]
    shown = []
    monkeypatch.setattr(pack("nodes.host"), "show_text", lambda text, _: shown.append(text))
    monkeypatch.setattr(
        pack("nodes.detect").ui,
        "PreviewImage",
        lambda image, cls: type("P", (), {"as_dict": lambda s: {"images": [{"saved": i} for i in image]}})(),
    )
    prepared = node.PREPARE_CLASS_CLONE(None) if hasattr(node, "PREPARE_CLASS_CLONE") else node
    output = prepared.execute(Stub(), torch.rand(6, SIDE, SIDE, 3), 25.0)
    poses, keypoint, people = output.args
    assert len(poses) == len(keypoint) == 6 and poses.fps == 25.0 and people == [poses]
    assert shown == ["Person found in 6 of 6 frames, on cpu (test)"] and output.ui["text"] == (shown[0],)
    assert len(output.ui["images"]) == 4 and output.ui["images"][0]["saved"].shape == (SIDE, SIDE, 3)
    (one,) = output.ui["people"]
    assert one["present"] == 1.0 and one["saved"].shape == (96, 96, 3)


@pytest.fixture
def model_folders(comfy, tmp_path, monkeypatch):
    """Empty folders for models; host caches of file lists are left out."""
    import folder_paths

    for kind in ("diffusion_models", "vae"):
        (tmp_path / kind).mkdir()
        monkeypatch.setitem(
            folder_paths.folder_names_and_paths, kind, ([str(tmp_path / kind)], {".safetensors", ".ckpt"})
        )
    monkeypatch.setattr(folder_paths, "filename_list_cache", {})
    return tmp_path


def test_weights_of_ones_own(pack, nodes, model_folders, tiny, native_vae, light_vae, library_model):
    save = pack("humandit.weights.save").save_model
    config, state = tiny("x0")
    colours = json.dumps([[0.1, 0.2, 0.3]] * 17)
    notes = {"latent_scale": "0.5", "latent_rgb": colours}
    save(model_folders / "diffusion_models" / "mine.safetensors", library_model(config, state), config, "video", notes)
    save(model_folders / "vae" / "mine.safetensors", light_vae, light_vae.config, "vae")
    (model_folders / "vae" / "old.ckpt").write_bytes(b"x")
    offered = {entry.id: entry.options for entry in nodes["HumanDiTLoadVAE"].define_schema().inputs}
    assert offered["vae"] == ["mini (bundled)", "mine.safetensors"]
    model = run(nodes["HumanDiTLoadModel"], model="mine.safetensors", dtype="default")
    assert model.model.latent_format.scale_factor == 0.5 and len(model.model.latent_format.latent_rgb_factors) == 16
    again, arguments = model.cached_patcher_init
    assert again(*arguments, disable_dynamic=True).model.get_dtype() == torch.float32
    vae = run(nodes["HumanDiTLoadVAE"], vae="mine.safetensors")
    frames = torch.rand(1, SIDE, SIDE, 3)
    assert torch.allclose(vae.encode(frames), native_vae.encode(frames))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 and so on", "zip of pickles"),
        (b"\xff\x00\x00\x00\x00\x00\x00\x00{", "truncated"),
        (None, "no 'bad.safetensors' among.*mini"),
    ],
)
def test_files_that_are_no_weights_are_explained(nodes, model_folders, content, words):
    if content is not None:
        (model_folders / "diffusion_models" / "bad.safetensors").write_bytes(content)
    with pytest.raises(ValueError, match=words):
        run(nodes["HumanDiTLoadModel"], model="bad.safetensors", dtype="default")


def test_a_file_of_another_model_is_named(pack, nodes, model_folders, light_vae):
    pack("humandit.weights.save").save_model(
        model_folders / "diffusion_models" / "vae.safetensors", light_vae, light_vae.config, "vae"
    )
    with pytest.raises(ValueError, match="light VAE|HumanDiT vae"):
        run(nodes["HumanDiTLoadModel"], model="vae.safetensors", dtype="default")


def test_unknown_choices_are_explained(nodes):
    with pytest.raises(ValueError, match="no 'fp4' among"):
        run(nodes["HumanDiTLoadModel"], model="mini (bundled)", dtype="fp4")
    with pytest.raises(ValueError, match="example films"):
        run(nodes["HumanDiTExample"], picture="picture-x.png", film="../secret.mp4")


def test_smoothing_cuts_fills_resamples_and_reports(nodes, pack, monkeypatch):
    monkeypatch.setattr(pack("nodes.host"), "show_text", lambda text, _: None)
    node = nodes["HumanDiTSmoothPose"]
    prepared = node.PREPARE_CLASS_CLONE(None) if hasattr(node, "PREPARE_CLASS_CLONE") else node
    settings = dict(method="one euro", strength=0.5, hands_strength=0.3, fill_gaps=4)
    poses, report = prepared.execute(some_poses(pack, 25, fps=25.0), **settings, fps=12.5, start=4, frames=17).args
    assert len(poses) == 9 and poses.fps == 12.5 and report.startswith("Jitter")
    with pytest.raises(ValueError, match="there are 25"):
        prepared.execute(some_poses(pack, 25, fps=25.0), **settings, fps=0.0, start=20, frames=17)
