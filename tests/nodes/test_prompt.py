"""HumanDiT Prompt reads words as diffusers' CogVideoX pipelines do, through core's own T5, and keeps nothing of it."""

from __future__ import annotations

import gc
import weakref
from types import SimpleNamespace

import pytest
import torch

from tests.nodes.public import folders, loaded, models, motion, nodes, run  # noqa: F401

CONFIG = {"d_model": 24, "d_ff": 32, "d_kv": 8, "num_heads": 2, "num_layers": 2}
"""Sizes of a tiny T5 v1.1; its vocabulary is the true one."""
TEXT = "A woman in a red dress dances on a beach, soft evening light."
LONG = "dance " * 400


def text_encoder(mask=False, **sizes):
    """Core's CLIP object for T5 alone, as its loader makes it for the type sd3, with a tiny T5 in it."""
    import comfy.sd
    from comfy.text_encoders import sd3_clip

    clip_class = sd3_clip.sd3_clip(clip_l=False, clip_g=False, t5=True, dtype_t5=torch.float32)
    target = SimpleNamespace(params={}, clip=clip_class, tokenizer=sd3_clip.SD3Tokenizer)
    clip = comfy.sd.CLIP(target, model_options={"t5xxl_model_config": {**CONFIG, **sizes}, "dtype": torch.float32})
    clip.cond_stage_model.t5xxl.enable_attention_masks = mask
    rng = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, value in clip.cond_stage_model.t5xxl.named_parameters():
            if name != "logit_scale":
                value.copy_(
                    1 + 0.1 * torch.randn(value.shape, generator=rng)
                    if value.ndim < 2
                    else torch.randn(value.shape, generator=rng) * 0.3
                )
    return clip


@pytest.fixture(scope="module")
def clip(comfy):
    return text_encoder()


def by_transformers(clip, text):
    """As diffusers' pipelines: padded to 226 tokens, which all see each other, or cut."""
    from transformers import T5Config, T5EncoderModel

    inner = clip.cond_stage_model.t5xxl.transformer
    config = T5Config(vocab_size=32128, feed_forward_proj="gated-gelu", **CONFIG)
    model = T5EncoderModel(config).eval()
    missing, unknown = model.load_state_dict(inner.state_dict(), strict=False)
    assert not unknown and all("embed_tokens" in name for name in missing)
    ids = clip.tokenizer.t5xxl.tokenizer(
        text, padding="max_length", max_length=226, truncation=True, return_tensors="pt"
    ).input_ids  # fmt: skip
    return model(ids).last_hidden_state


@pytest.mark.parametrize("text", [TEXT, "", LONG])
def test_words_are_read_as_diffusers_pipelines_do(pack, clip, text):
    ((got, _),) = pack("nodes.prompt").read(clip, text)
    expected = by_transformers(clip, text)
    assert got.shape == expected.shape == (1, 226, 24)
    torch.testing.assert_close(got.cpu(), expected, atol=1e-4, rtol=1e-4)


def test_both_outputs(pack, clip):
    positive, negative = pack("nodes.prompt").HumanDiTPrompt.execute(clip, TEXT, "blurred").args
    assert not torch.equal(positive[0][0], negative[0][0])


def test_nothing_holds_the_text_encoder_while_the_film_is_made(pack):
    """CONDITIONING is numbers alone: the encoder can leave the card, and memory, before sampling starts."""
    clip = text_encoder()
    positive, negative = pack("nodes.prompt").HumanDiTPrompt.execute(clip, TEXT, "").args
    config = pack("humandit.video.config").DiTConfig(heads=2, head_dim=16, layers=1, time_dim=8, text_dim=24)
    prompts = pack("nodes.words").prompts(config, positive, negative, 6.0)
    import comfy.model_management as management

    gone = [weakref.ref(part) for part in (clip.patcher, clip.cond_stage_model)]
    management.unload_all_models()
    del clip
    gc.collect()
    assert [part() for part in gone] == [None, None]
    assert prompts.positive[0][0].shape == (1, 226, 24)
    for words, more in (*prompts.positive, *prompts.negative):
        assert type(words) is torch.Tensor and all(
            value is None or isinstance(value, torch.Tensor) for value in more.values()
        )


def test_from_words_to_frames(pack, nodes, loaded):  # noqa: F811
    """The prompt as it is typed, through core's T5, to a film; the encoder has left when the film is made."""
    import comfy.model_management as management

    clip = text_encoder(d_model=12)
    films = [
        run(
            nodes["HumanDiTFunPose"], **loaded(), poses=motion(pack, 9), width=48, height=32, frames=0, window_frames=9,
            overlap=4, steps=1, guidance=3.0, sampler="ddim", fps=8.0, seed=5, positive=positive, negative=negative,
        )[0]
        for words in (TEXT, "A bear")
        for positive, negative in [run(nodes["HumanDiTPrompt"], clip=clip, prompt=words, negative_prompt="")]
        if any(entry.model.is_clip for entry in management.current_loaded_models)
    ]  # fmt: skip
    assert not any(entry.model.is_clip for entry in management.current_loaded_models)
    assert len(films) == 2 and (films[0] - films[1]).abs().max() > 1e-3


def test_other_text_encoders_are_refused(pack, clip):
    read = pack("nodes.prompt").read
    stranger = SimpleNamespace(tokenize=lambda text: {"l": [[(1, 1.0)]]})
    with pytest.raises(ValueError, match="does not read as CogVideoX's.*type sd3"):
        read(stranger, TEXT)
    with pytest.raises(ValueError, match="does not read as CogVideoX's.*type sd3"):
        read(text_encoder(mask=True), TEXT)


def test_exactly_as_many_tokens(pack):
    exactly = pack("nodes.prompt").exactly
    assert exactly([(5, 1.0, 1), (1, 1.0, 0)], 4) == [(5, 1.0), (1, 1.0), (0, 1.0), (0, 1.0)]
    assert exactly([(5, 1.0), (6, 1.2), (7, 1.0), (1, 1.0)], 3) == [(5, 1.0), (6, 1.2), (1, 1.0)]
    assert exactly([(5, 1.0), (1, 1.0), (0, 1.0), (0, 1.0)], 3) == [(5, 1.0), (1, 1.0), (0, 1.0)]
    assert exactly([(5, 1.0), (6, 1.0), (1, 1.0), (0, 1.0)], 3) == [(5, 1.0), (6, 1.0), (1, 1.0)]
