"""Fun Pose on the host: the library's film, with tiny files of the true form, by prompt and by the stored one."""

from __future__ import annotations

import pytest
import torch

from tests.nodes.no_room import ERRORS, out_of_memory
from tests.nodes.public import folders, loaded, models, motion, nodes, run, said, words  # noqa: F401

SIZE = {"width": 48, "height": 32}
SHORT = {
    **SIZE, "frames": 0, "window_frames": 9, "overlap": 4, "steps": 2, "guidance": 3.0, "sampler": "ddim", "fps": 8.0,
    "seed": 5,
}  # fmt: skip


def by_library(pack, models, poses, text, negative, name="tiny-fun"):  # noqa: F811
    """The same film without a host."""
    fun, segments, drawn = (pack(f"humandit.{part}") for part in ("video.fun_pose", "video.segments", "pose.drawn"))
    types, sample, load = pack("humandit.types"), pack("humandit.video.sample"), pack("humandit.weights.load")
    model = load.load_model(models / "diffusion_models" / f"{name}.safetensors")
    vae = load.load_vae(models / "vae" / "tiny-cogvideox.safetensors")
    canvas = types.Canvas(SIZE["width"], SIZE["height"])
    film = drawn.DrawnFilm([pack("humandit.pipeline").fit_poses(poses, canvas)], canvas)
    whole = types.Segment(0, 0, types.VideoShape(types.whole_length(len(film)), canvas.height, canvas.width))
    control = fun.drawn_control(vae, segments.image_window(film, whole))
    noise = sample.segment_noise(5, 0, tuple(control.shape))
    latents = fun.sample_fun_pose(
        model, control, noise, text, negative, sample.Sampling(2, 3.0, "ddim", 5),
        overlap=pack("humandit.video.overlap").Overlap(3, 1),
    )  # fmt: skip
    return torch.cat(list(vae.decode(latents[0] / vae.scaling_factor)))[: len(film)]


def test_the_node_gives_the_librarys_film(pack, nodes, models, loaded):  # noqa: F811
    """13 frames in windows of 9, with two prompts."""
    frames, fps = run(nodes["HumanDiTFunPose"], **loaded(), poses=motion(pack), **SHORT, **said(words(), words(2)))
    expected = by_library(pack, models, motion(pack), words(), words(2))
    assert frames.shape == (13, 32, 48, 3) and fps == 8.0 and frames.std() > 0.01
    assert (frames - expected).abs().max() < 1e-3
    assert (frames - by_library(pack, models, motion(pack), words(3), words(2))).abs().max() > 1e-3


def test_a_drawn_film_is_as_good_as_its_poses(pack, nodes, loaded):  # noqa: F811
    poses = pack("humandit.pipeline").fit_poses(motion(pack, 9), pack("humandit.types").Canvas(48, 32))
    drawn = torch.from_numpy(pack("humandit.pose.draw").draw(poses, lines="dwpose")).float() / 255
    both = [
        run(nodes["HumanDiTFunPose"], **loaded(), poses=film, **SHORT, **said(words(), words(2)))[0]
        for film in (poses, drawn)
    ]
    assert torch.equal(*both)
    fewer = {**SHORT, "frames": 4}
    few = run(nodes["HumanDiTFunPose"], **loaded(), poses=drawn, **fewer, **said(words(), words(2)))[0]
    assert len(few) == 4


def test_everybody_is_drawn(pack, nodes):  # noqa: F811
    one, other = motion(pack), motion(pack)
    formats = pack("humandit.pose.formats")
    people = [
        {**a, "people": a["people"] + b["people"]}
        for a, b in zip(formats.to_pose_keypoint(one), formats.to_pose_keypoint(other), strict=True)
    ]
    film = pack("nodes.drawn_film").drawn_film(people, pack("humandit.types").Canvas(48, 32), 12.5, 5)
    assert len(film) == 5 and len(film.people) == 2 and film[1:3].shape == (2, 32, 48, 3)


def test_the_stored_prompt_needs_no_text_encoder(pack, nodes, models, loaded):  # noqa: F811
    kept = loaded("tiny-fun-kept")
    for given, text, negative in ((said(words()), words(), None), ({}, None, None)):
        frames, _ = run(nodes["HumanDiTFunPose"], **kept, poses=motion(pack), **SHORT, **given)
        expected = by_library(pack, models, motion(pack), text, negative, "tiny-fun-kept")
        assert (frames - expected).abs().max() < 1e-3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "positive is not connected, and its weights hold no empty prompt. Connect HumanDiT Prompt"),
        (said(words()), "negative is not connected.*type sd3 or cogvideox"),
        (said(words(tokens=77), words()), "226 tokens with 12 numbers each, positive has 77 x 12"),
        (said(words(), words(width=768)), "negative has 226 x 768. Connect HumanDiT Prompt"),
    ],
)
def test_prompts_that_are_missing_or_of_another_encoder(pack, nodes, given, message, loaded):  # noqa: F811
    with pytest.raises(ValueError, match=message):
        run(nodes["HumanDiTFunPose"], **loaded(), poses=motion(pack), **SHORT, **given)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"overlap": 12}, "Windows of 3 latent frames can share 1 to 2, got 3"),
        ({"window_frames": 10}, r"8k\+1.*10"),
        ({"width": 1280, "height": 1280, "window_frames": 249}, "budget"),
        ({"poses": torch.rand(3, 8, 8, 7)}, "Expected pictures"),
        ({"poses": torch.rand(1, 32, 48, 3)}, "got one picture.*reference of HumanDiT VCtrl.*Fun weights take none"),
    ],
)
def test_what_cannot_work_is_said(pack, nodes, change, message, loaded):  # noqa: F811
    given = {**loaded(), "poses": motion(pack), **SHORT, **said(words(), words(2)), **change}
    with pytest.raises(ValueError, match=message):
        run(nodes["HumanDiTFunPose"], **given)


def test_other_weights_and_the_bundled_vae(pack, nodes, loaded):  # noqa: F811
    given = {**loaded(), "poses": motion(pack), **SHORT, **said(words(), words(2))}
    for name, takes in (("mini (bundled)", "nothing"), ("tiny-i2v", "a picture")):
        model = loaded(name)["model"]
        with pytest.raises(ValueError, match=f"these take {takes}. Load CogVideoX-Fun-V1.1-5b-Pose.*HumanDiT Sample"):
            run(nodes["HumanDiTFunPose"], **{**given, "model": model})
    with pytest.raises(ValueError, match="Choose the CogVideoX VAE in HumanDiT Load VAE"):
        run(nodes["HumanDiTFunPose"], **{**given, "vae": run(nodes["HumanDiTLoadVAE"], vae="mini (bundled)")})
    with pytest.raises(ValueError, match="Connect HumanDiT Load Model"):
        run(nodes["HumanDiTFunPose"], **{**given, "model": object()})


def test_fun_weights_take_no_picture_and_say_what_does(comfy, pack, nodes, loaded):  # noqa: F811
    """In HumanDiT Sample, and behind HumanDiT Condition in core's sampler."""
    said_so = "no reference picture.*use HumanDiT weights.*PP-VCtrl.*HumanDiT Fun Pose"
    parts = loaded()
    still = {"vae": parts["vae"], "reference": torch.rand(1, 32, 48, 3), "reference_poses": motion(pack, 1), **SIZE}
    with pytest.raises(ValueError, match=said_so):
        run(
            nodes["HumanDiTSample"], model=parts["model"], **still, poses=motion(pack), frames=8, segment_frames=9,
            steps=1, guidance=1.5, sampler="ddim", fps=8.0, seed=0,
        )  # fmt: skip
    positive, negative, latent = run(nodes["HumanDiTCondition"], **still, poses=motion(pack), frames=9, start=0)
    samples = latent["samples"]
    with pytest.raises(ValueError, match=said_so):
        comfy.sample.sample(
            parts["model"], torch.randn_like(samples), 1, 1.5, "euler", "simple", positive, negative, samples,
            disable_pbar=True, seed=0,
        )  # fmt: skip


def test_memory_is_set_aside_for_a_window_not_for_the_film(comfy, pack, nodes, monkeypatch, loaded):  # noqa: F811
    import comfy.sampler_helpers as helpers

    asked = []
    inner = helpers._prepare_sampling
    monkeypatch.setattr(
        helpers,
        "_prepare_sampling",
        lambda model, shape, *a, **k: [asked.append(list(shape)), inner(model, shape, *a, **k)][1],
    )
    run(nodes["HumanDiTFunPose"], **loaded(), poses=motion(pack), **SHORT, **said(words(), words(2)))
    assert asked == [[1, 16, 3, 4, 6]]


@pytest.mark.parametrize("error", ERRORS, ids=["cuda", "mps"])
def test_a_film_that_did_not_fit_is_tried_once_more_with_less(pack, nodes, loaded, monkeypatch, error):  # noqa: F811
    given = {**loaded(), "poses": motion(pack), **SHORT, **said(words(), words(2))}
    expected, _ = run(nodes["HumanDiTFunPose"], **given)
    model = given["model"].clone()
    monkeypatch.setattr(model.model, "caution", 1.0)
    model.set_model_unet_function_wrapper(out_of_memory(1, error))
    frames, _ = run(nodes["HumanDiTFunPose"], **{**given, "model": model})
    assert torch.equal(frames, expected)
    assert model.model.caution == 2, "more is kept free of weights from now on"


def test_a_film_that_does_not_fit_says_what_to_lower(pack, nodes, loaded, monkeypatch):  # noqa: F811
    parts = loaded()
    model = parts["model"].clone()
    monkeypatch.setattr(model.model, "caution", 1.0)
    model.set_model_unet_function_wrapper(out_of_memory(2, ERRORS[0]))
    given = {**parts, "model": model, "poses": motion(pack), **SHORT, **said(words(), words(2))}
    with pytest.raises(ValueError, match="not enough memory.*width and height or the frames.*fp8"):
        run(nodes["HumanDiTFunPose"], **given)


def test_a_drawn_film_is_encoded_in_tiles_where_it_does_not_fit(pack, loaded):  # noqa: F811
    host_vae, vae = pack("nodes.host_vae"), loaded()["vae"]
    film = torch.rand(9, 272, 32, 3, generator=torch.Generator().manual_seed(0))
    needed = vae.memory_used_encode((1, 3, 9, 272, 32), vae.vae_dtype) + vae.patcher.model_size()
    whole, tiled = host_vae.encode_film(vae, film, needed), host_vae.encode_film(vae, film, needed - 1)
    assert torch.equal(whole, vae.encode(film).float().transpose(1, 2)) and tiled.shape == whole.shape
    assert not torch.equal(tiled, whole)


def test_eight_bit_layers_leave_the_prompt_as_it_is(pack, nodes, models):  # noqa: F811
    """The prompt that weights hold is read, not multiplied: in eight bits its numbers would be other ones."""
    from safetensors.torch import load_file

    model = run(nodes["HumanDiTLoadModel"], model="tiny-i2v-kept.safetensors", dtype="fp8").model.diffusion_model
    file = load_file(models / "diffusion_models" / "tiny-i2v-kept.safetensors")
    for name, kept in (
        ("empty_prompt", model.empty_prompt),
        ("patch_embed.pos_embedding", model.patch_embed.pos_embedding),
    ):
        assert kept.dtype == torch.bfloat16 and torch.equal(kept, file[name].bfloat16())
    assert model.proj_out.weight.dtype == torch.float8_e4m3fn
