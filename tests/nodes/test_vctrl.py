"""VCtrl on the host: a chain of the library's segments, with tiny files of the true form."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file

from tests.nodes.no_room import ERRORS, out_of_memory
from tests.nodes.public import folders, loaded, models, motion, nodes, run, said, words  # noqa: F401
from tests.weights.checkpoints import stock

SIZE = {"width": 48, "height": 32}
SHORT = {
    **SIZE, "frames": 0, "segment_frames": 9, "steps": 2, "guidance": 3.0, "strength": 1.0, "layout": "spacing",
    "sampler": "ddim", "fps": 8.0, "seed": 5,
}  # fmt: skip


def picture(height=32, width=48):
    return torch.rand(1, height, width, 3, generator=torch.Generator().manual_seed(4))


def given(pack, nodes, loaded, name="tiny-i2v", **changes):  # noqa: F811
    network = run(nodes["HumanDiTLoadVCtrl"], vctrl="tiny-vctrl.safetensors")
    parts = {**loaded(name), "vctrl": network, "reference": picture(), "poses": motion(pack, 11)}
    return {**parts, **SHORT, **said(words(), words(2)), **changes}


def by_library(pack, models, images, image, sampling, text, negative, strength=1.0):  # noqa: F811
    """The same film without a host: segment after segment by the library's own sampling."""
    vctrl, segments, load = (pack(name) for name in (
        "humandit.video.vctrl_sample", "humandit.video.segments", "humandit.weights.load"))  # fmt: skip
    noise_of, canvas = pack("humandit.video.sample").segment_noise, pack("humandit.types").Canvas(*image.shape[1::-1])
    model = load.load_model(models / "diffusion_models" / "tiny-i2v.safetensors")
    vae = load.load_vae(models / "vae" / "tiny-cogvideox.safetensors")
    side = pack("humandit.weights.vctrl").load_vctrl(models / "controlnet" / "tiny-vctrl.safetensors")

    def denoise(segment, prefix, drawn):
        control = vctrl.picture_beside(model, prefix, segment.shape.latent.frames, vae.scaling_factor)
        guide = vctrl.Guide(side, vctrl.shown_film(vae, drawn), strength)
        noise = noise_of(sampling.seed, segment.index, tuple(control.shape))
        return vctrl.sample_vctrl(model, control, guide, noise, text, negative, sampling)[0]

    def decode(latents):
        return torch.cat(list(vae.decode(latents / vae.scaling_factor)))

    plan = segments.plan_segments(len(images) - 1, 9, canvas)
    done = segments.chain(image, images, plan, vae.encode, denoise, decode, window=segments.image_window)
    return torch.cat([part.frames for part in done])


def test_the_node_gives_the_librarys_film(pack, nodes, models, loaded):  # noqa: F811
    """Two segments; the picture's own pose first."""
    pose = motion(pack, 1)
    frames, fps = run(nodes["HumanDiTVCtrl"], **given(pack, nodes, loaded), reference_poses=pose)
    drawn = pack("humandit.pose.drawn").DrawnFilm(
        [pose.concat(motion(pack, 11))], pack("humandit.types").Canvas(48, 32)
    )
    sampling = pack("humandit.video.sample").Sampling(2, 3.0, "ddim", 5)
    common = (pack, models, drawn, picture()[0], sampling, words(), words(2))
    assert frames.shape == (11, 32, 48, 3) and fps == 8.0 and frames.std() > 0.01
    apart = (frames - by_library(*common)).abs()
    assert apart.mean() < 3e-4 and apart.max() < 1e-2, "random weights make rounding larger"
    without, _ = run(nodes["HumanDiTVCtrl"], **given(pack, nodes, loaded, strength=0.0), reference_poses=pose)
    assert (frames - without).abs().max() > 1e-3


def test_finished_segments_are_kept_for_the_very_same_film(pack, nodes, loaded):  # noqa: F811
    execute, parts = nodes["HumanDiTVCtrl"].execute, given(pack, nodes, loaded)
    first, again = execute(**parts), execute(**parts)
    assert first.ui is None and torch.equal(first.args[0], again.args[0])
    assert again.ui["text"] == ["All 2 segments were made before: nothing was left to do."]
    assert execute(**{**parts, "strength": 0.5}).ui is None
    assert execute(**{**parts, **said(words(3), words(2))}).ui is None


def test_without_the_pictures_pose_the_films_first_one_stands_for_it(pack, nodes, loaded):  # noqa: F811
    poses = motion(pack, 9)
    one, _ = run(nodes["HumanDiTVCtrl"], **given(pack, nodes, loaded, poses=poses))
    other, _ = run(nodes["HumanDiTVCtrl"], **given(pack, nodes, loaded, poses=poses[1:]), reference_poses=poses[:1])
    few, _ = run(nodes["HumanDiTVCtrl"], **given(pack, nodes, loaded, poses=poses, frames=3))
    assert len(one) == 8 and torch.equal(one, other) and len(few) == 3


def test_standing_pictures(pack, nodes, loaded):  # noqa: F811
    """As the vertical weights are used: the plane of the learned positions on its side, a film drawn already."""
    film = torch.rand(9, 48, 32, 3)
    changes = {"width": 32, "height": 48, "reference": picture(48, 32), "poses": film}
    frames, _ = run(nodes["HumanDiTVCtrl"], **given(pack, nodes, loaded, **changes))
    assert frames.shape == (8, 48, 32, 3) and frames.isfinite().all()


def test_a_stored_prompt_needs_no_text_encoder(pack, nodes, loaded):  # noqa: F811
    parts = given(pack, nodes, loaded, "tiny-i2v-kept", positive=None, negative=None, poses=motion(pack, 9))
    frames, _ = run(nodes["HumanDiTVCtrl"], **parts)
    other, _ = run(nodes["HumanDiTVCtrl"], **{**parts, "guidance": 1.0})
    assert torch.equal(frames, other), "nothing to guide by"
    with pytest.raises(ValueError, match="positive is not connected"):
        run(nodes["HumanDiTVCtrl"], **given(pack, nodes, loaded, positive=None))


def test_the_network_comes_and_goes_with_the_model(comfy, pack, nodes, loaded):  # noqa: F811
    import comfy.model_management as management

    parts = given(pack, nodes, loaded, poses=motion(pack, 9))
    run(nodes["HumanDiTVCtrl"], **parts)
    assert any(entry.model.model is parts["vctrl"].model for entry in management.current_loaded_models)
    options = parts["model"].model_options["transformer_options"]
    assert not options and not parts["model"].additional_models, "a run leaves nothing on the MODEL"


def test_a_segment_that_did_not_fit_is_tried_once_more_with_less(pack, nodes, loaded, monkeypatch):  # noqa: F811
    """The second of two segments: the side network comes back with the model."""
    parts = given(pack, nodes, loaded, seed=7)
    expected, _ = run(nodes["HumanDiTVCtrl"], **parts)
    model = parts["model"].clone()
    monkeypatch.setattr(model.model, "caution", 1.0)
    model.set_model_unet_function_wrapper(out_of_memory(1, ERRORS[0], after=3))
    frames, _ = run(nodes["HumanDiTVCtrl"], **{**parts, "model": model})
    assert torch.equal(frames, expected) and model.model.caution == 2
    model.set_model_unet_function_wrapper(out_of_memory(2, ERRORS[0]))
    with pytest.raises(ValueError, match="not enough memory.*width and height or the frames.*fp8"):
        run(nodes["HumanDiTVCtrl"], **{**parts, "model": model, "seed": 8})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"width": 80}, "know 48x32 and 32x48 only, got 80x32"),
        ({"layout": "odd"}, "no 'odd' among the layouts"),
        ({"segment_frames": 10}, r"8k\+1.*10"),
    ],
)
def test_what_cannot_work_is_said(pack, nodes, change, message, loaded):  # noqa: F811
    with pytest.raises(ValueError, match=message):
        run(nodes["HumanDiTVCtrl"], **given(pack, nodes, loaded, **change))


def test_other_weights(pack, nodes, models, loaded):  # noqa: F811
    for name, message in (
        ("mini (bundled)", "PP-VCtrl's network for 32 channels.*these weights take 64.*no learned positions"),
        ("tiny-fun", "no reference picture.*HumanDiT Fun Pose"),
    ):
        model = loaded(name)["model"]
        with pytest.raises(ValueError, match=message):
            run(nodes["HumanDiTVCtrl"], **given(pack, nodes, loaded, model=model))
    save_file(stock("5b"), models / "controlnet" / "no-side.safetensors")
    with pytest.raises(ValueError, match="looks like a CogVideoX-5b.*convert FILE OUT.safetensors --as vctrl"):
        run(nodes["HumanDiTLoadVCtrl"], vctrl="no-side.safetensors")
    (models / "controlnet" / "no-side.safetensors").unlink()


def test_no_network_yet(pack, nodes, tmp_path, monkeypatch):  # noqa: F811
    import folder_paths

    monkeypatch.setitem(folder_paths.folder_names_and_paths, "controlnet", ([str(tmp_path)], {".safetensors"}))
    load = pack("nodes.vctrl_load")
    assert load.vctrl_files() == [load.NO_WEIGHTS]
    with pytest.raises(ValueError, match="Fetch model_state.pdparams of PaddleMIX.*models/controlnet"):
        run(nodes["HumanDiTLoadVCtrl"], vctrl=load.NO_WEIGHTS)
