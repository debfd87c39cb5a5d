"""Training beside frozen weights: what learns, what it leaves, and that LoRA readers make the trained model of it."""

import copy
import json
import sys
from dataclasses import replace

import pytest
import torch

from humandit.cli import main
from humandit.errors import HumanDiTError, InvalidWeights, MissingDependency
from humandit.train.data_report import data_report
from humandit.train.examples import Batch
from humandit.train.export import DATA_KEY, LORA, RECIPE_KEY, about_run, export_run, save_weights
from humandit.train.lora import LAYERS, WHOLE, add_lora, load_trained, lora_entries, trained_state
from humandit.train.loss import loss_and_clean
from humandit.train.muon import Muon
from humandit.train.optim import adamw, adamw8bit, optimizers
from humandit.train.recipe import LoRA, Recipe
from humandit.train.recompute import recomputed
from humandit.train.state import Averaged, RunFolder
from humandit.train.video import VideoTrainer
from humandit.video.sample import schedule_of
from humandit.weights.inspect import inspect_file
from humandit.weights.load import load_model
from tests.train.films import build, light_vae
from tests.weights.checkpoints import stock, write

RANK = 3


@pytest.fixture
def base(tmp_path):
    write({name: 4 * value for name, value in stock("5b").items()})(tmp_path / "tiny-5b.safetensors")
    return tmp_path / "tiny-5b.safetensors"


def example(seed=0):
    rng = torch.Generator().manual_seed(seed)
    noisy = lambda *shape: torch.randn(shape, generator=rng)  # noqa: E731
    return Batch(noisy(2, 1, 16, 4, 4), noisy(2, 2, 16, 4, 4), noisy(2, 3, 4, 4, 512).abs(), torch.ones(2, 2, 1, 4, 4))


def loss_of(model, batch, seed=1):
    noise = torch.randn(batch.latents.shape, generator=torch.Generator().manual_seed(seed))
    even, schedule = torch.ones(1, 1, 1), schedule_of(model.config)
    return loss_and_clean(model, schedule, batch, noise, torch.tensor([900, 300]), 5.0, even)[0]


def trained(base, steps=8, kind="adamw", lora=None):
    """A model after some steps on one example, its average and the losses."""
    torch.manual_seed(0)
    model = load_model(base).train()
    add_lora(model, lora or LoRA(RANK, 2 * RANK))
    averaged = Averaged(model, 0.5)
    chosen, losses = optimizers(model, model.transformer_blocks, 1e-2, torch.float32, kind), []
    for _ in range(steps):
        loss = loss_of(model, example())
        loss.backward()
        for optimizer in chosen:
            optimizer.step()
            optimizer.zero_grad()
        averaged.update(model)
        losses.append(loss.item())
    return model, averaged, losses


def outputs(model, batch):
    with torch.inference_mode():
        return model.eval()(torch.cat([batch.prefix, batch.latents], 1), torch.tensor([500, 20]), batch.pose)


def test_before_its_first_step_nothing_is_changed(base):
    plain, changed = load_model(base), load_model(base)
    add_lora(changed, LoRA(RANK))
    assert torch.equal(outputs(plain, example()), outputs(changed, example()))
    learning = {name for name, p in changed.named_parameters() if p.requires_grad}
    narrow = {f"transformer_blocks.{i}.{end}.lora_{x}.weight" for i in (0, 1) for end in LAYERS for x in "AB"}
    assert learning == narrow | {f"{name}.weight" for name in WHOLE}
    assert set(plain.state_dict()) == set(changed.state_dict()) - narrow, "the base keeps its names"


@pytest.mark.parametrize("kind", ["adamw", "muon"])
def test_it_learns_and_the_base_stays(base, kind):
    model, averaged, losses = trained(base, kind=kind)
    assert losses[-1] < 0.9 * losses[0]
    before = load_model(base).state_dict()
    for name, value in model.state_dict().items():
        learns = ".lora_" in name or name == "pose_guider.proj.weight"
        assert learns != (name in before and torch.equal(value, before[name])), name
    assert set(averaged.values) == set(trained_state(model)), "nothing frozen is averaged or kept in a checkpoint"


def test_the_base_rests_in_bf16_and_is_multiplied_there(base):
    model = load_model(base, dtype=torch.bfloat16).train()
    add_lora(model, LoRA(RANK), torch.bfloat16)
    kinds = {name: p.dtype for name, p in model.named_parameters()}
    assert kinds["transformer_blocks.0.attn1.to_q.weight"] == torch.bfloat16
    assert all(kinds[name] == torch.float32 for name in trained_state(model))
    with torch.autocast("cpu", torch.bfloat16):
        loss_of(model, example()).backward()
    assert model.pose_guider.proj.weight.grad.abs().sum() > 0


def test_only_the_layers_that_are_named(base):
    model = load_model(base)
    add_lora(model, LoRA(RANK, layers=("attn1.to_q",)))
    assert sum("lora_A" in name for name in trained_state(model)) == 2
    with pytest.raises(HumanDiTError, match="No block has a layer to_x"):
        add_lora(load_model(base), LoRA(RANK, layers=("attn1.to_q", "to_x")))


def test_a_checkpoint_of_other_layers_is_refused(base):
    model, averaged, _ = trained(base, steps=2)
    again = load_model(base)
    add_lora(again, LoRA(RANK, 2 * RANK))
    load_trained(again, trained_state(model))
    assert torch.equal(outputs(again, example()), outputs(model, example()))
    other = load_model(base)
    add_lora(other, LoRA(RANK, layers=("attn1.to_q",)))
    with pytest.raises(HumanDiTError, match="trained with other layers"):
        load_trained(other, trained_state(model))


def test_recomputed_blocks_give_the_same_gradients(base):
    model = trained(base, steps=1)[0]
    call, gradients = model.forward, []
    for run_blocks in (None, recomputed):
        model.forward = call if run_blocks is None else lambda *a: call(*a, run_blocks=recomputed)
        model.zero_grad()
        loss = loss_of(model, example())
        loss.backward()
        gradients.append([loss.detach(), *(p.grad.clone() for p in model.parameters() if p.grad is not None)])
    for plain, again in zip(*gradients, strict=True):
        assert torch.equal(plain, again)


def test_the_file_makes_the_trained_model_of_the_base(base, tmp_path):
    model, averaged, _ = trained(base)
    recipe = Recipe(tmp_path / "data", "mini", tmp_path / "run", start=base, config=None, lora=LoRA(RANK, 2 * RANK))
    notes = about_run(recipe, 8, 1.0, 0.7)
    path = save_weights(recipe.out, model, model.config, averaged.values, notes)
    found = inspect_file(path)
    assert path.name == LORA and found.looks_like == "a LoRA for a CogVideoX 5B model"
    assert found.licence == "CogVideoX LICENSE", "the base's licence holds for what was made from it"

    told = export_run(recipe.out, tmp_path / "lora.safetensors")
    assert told["trained"] == "8 steps, 1 minutes" and told["is"] == found.looks_like
    export_run(recipe.out, tmp_path / "whole.safetensors", base)
    whole = load_model(tmp_path / "whole.safetensors")
    learnt = copy.deepcopy(model)
    averaged.copy_to(learnt)
    torch.testing.assert_close(outputs(whole, example()), outputs(learnt, example()), rtol=0.02, atol=0.02)
    assert not torch.allclose(outputs(whole, example()), outputs(load_model(base), example()), rtol=0.1, atol=0.1)


def test_a_layer_trained_whole_travels_as_an_exact_product(base):
    model = trained(base)[0]
    entries = lora_entries(model, trained_state(model))
    assert all(name.startswith("transformer.") and ".lora_" in name for name in entries), "as diffusers asks for"
    down, up = (entries[f"transformer.pose_guider.proj.lora_{x}.weight"] for x in "AB")
    assert torch.equal(up @ down, model.pose_guider.proj.weight)
    layer = "transformer_blocks.0.attn1.to_q"
    narrow = model.get_submodule(layer)
    up, down = (entries[f"transformer.{layer}.lora_{x}.weight"] for x in "BA")
    torch.testing.assert_close(up @ down, 2 * narrow.lora_B.weight @ narrow.lora_A.weight)


def test_recipe_and_data_travel_with_the_weights(base, tmp_path):
    data = tmp_path / "shards"
    data.mkdir()
    plan = {
        "films": {"a.mp4": 1, "b.mp4": 2},
        "settings": {"nets": "/home/me/nets", "side": 640},
        "made_by": {"q": "Q"},
    }
    (data / "build.json").write_text(json.dumps(plan))
    clip = {"film": "a.mp4", "start_seconds": 0, "end_seconds": 4.5, "broken": {}}
    lines = [{**clip, "kept": True}, {**clip, "kept": False, "broken": {"blur": {}}}, {"film": "b.mp4", "error": "?"}]
    (data / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    notes = about_run(Recipe(data, "mini", tmp_path, start=base, config=None), 5, 2.0, 0.7)
    told, recipe = json.loads(notes[DATA_KEY]), json.loads(notes[RECIPE_KEY])
    assert (told["films"], told["clips"], told["seconds"], told["unreadable"]) == (2, 1, 4.5, 1)
    assert told["rejected_by"] == {"blur": 1} and told["settings"] == {"nets": "nets", "side": 640}
    assert recipe["data"] == "shards" and recipe["start"] == "tiny-5b.safetensors" and "a.mp4" not in str(notes)
    (data / "build.json").write_text("{")
    with pytest.raises(HumanDiTError, match="is damaged"):
        data_report(data)
    assert data_report(tmp_path) == {}


def test_what_cannot_be_exported(base, tmp_path):
    with pytest.raises(HumanDiTError, match="no weights in"):
        export_run(tmp_path / "empty", tmp_path / "out.safetensors")
    model, averaged, _ = trained(base, steps=1)
    save_weights(tmp_path / "run", model, model.config, averaged.values, {})
    with pytest.raises(InvalidWeights, match="Give the weights that it was trained beside"):
        export_run(tmp_path / "run", tmp_path / "out.safetensors", "mini")
    assert not (tmp_path / "out.safetensors").exists()
    whole = load_model(base)
    save_weights(tmp_path / "whole", whole, whole.config, {}, {})
    with pytest.raises(HumanDiTError, match="nothing to merge"):
        export_run(tmp_path / "whole", tmp_path / "out.safetensors", base)


def steps(trainer, start, end):
    for step in range(start, end):
        trainer.train_step(step / 4)


def test_a_run_goes_on_and_keeps_what_it_trains_alone(base, tmp_path):
    build(tmp_path / "shards", films=2)
    whole, halves = (
        Recipe(
            tmp_path / "shards", light_vae(tmp_path / "vae.safetensors"), tmp_path / name, start=base, config=None,
            prompt="none", steps=4, batch=1, sides=(32, 32), frames=(9, 9), optimizer="adamw", lora=LoRA(RANK),
            checkpointing=True, precision="fp32", heldout=0, compile=False,
        )
        for name in ("whole", "halves")
    )  # fmt: skip
    steady, first = VideoTrainer(whole, 0), VideoTrainer(halves, 0)
    steps(steady, 0, 4)
    steps(first, 0, 2)
    first.save()
    second = VideoTrainer(halves, 0)
    steps(second, 2, 4)
    kept = RunFolder(halves.out).load()
    assert set(kept["model"]) == set(kept["averaged"]["values"]) == set(trained_state(first.model))
    for name, value in steady.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[name]), name
    assert (halves.out / LORA).is_file() and not (halves.out / "video.safetensors").exists()
    with pytest.raises(HumanDiTError, match="cannot go on: lora was .*'rank': 3.* and is .*'rank': 5"):
        VideoTrainer(replace(halves, lora=LoRA(5)), 0)


def test_a_runs_folder_belongs_to_export_alone(tmp_path, capsys):
    for words in (["export"], ["video", str(tmp_path)]):
        assert main(["train", *words, "--out", str(tmp_path / "out.safetensors")]) == 2
        assert "train export RUN --out FILE" in capsys.readouterr().err


def test_optimisers_are_chosen_by_name(base, monkeypatch):
    model = load_model(base)
    add_lora(model, LoRA(RANK))
    choose = lambda kind: optimizers(model, model.transformer_blocks, 1e-3, torch.float32, kind)  # noqa: E731
    learning = {id(p) for p in model.parameters() if p.requires_grad}
    for kind, first in (("muon", Muon), ("adamw", torch.optim.AdamW)):
        made = choose(kind)
        assert type(made[0]) is first
        assert {id(p) for o in made for group in o.param_groups for p in group["params"]} == learning
    with pytest.raises(HumanDiTError, match="one of muon, adamw, adamw8bit, got 'sgd'"):
        choose("sgd")
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    monkeypatch.setitem(sys.modules, "bitsandbytes.optim", None)
    with pytest.raises(MissingDependency, match="pip install bitsandbytes.*Or choose 'adamw'"):
        choose("adamw8bit")


def test_eight_bit_adamw_goes_where_adamw_goes(tmp_path):
    pytest.importorskip("bitsandbytes")
    start, steps = torch.randn(64, 128, generator=torch.Generator().manual_seed(0)), 20
    ends = []
    for kind in (adamw, adamw8bit):
        parameter = torch.nn.Parameter(start.clone())
        optimizer = kind([parameter], 1e-3)
        for step in range(steps):
            parameter.grad = torch.randn(start.shape, generator=torch.Generator().manual_seed(step))
            optimizer.step()
        ends.append(parameter.detach())
    assert (ends[0] - ends[1]).abs().mean() < 0.05 * (ends[0] - start).abs().mean()
    folder = RunFolder(tmp_path)
    folder.save({"optimizers": [optimizer.state_dict()]})
    optimizer.load_state_dict(folder.load()["optimizers"][0])
    assert next(iter(optimizer.state.values()))["state1"].dtype == torch.uint8
