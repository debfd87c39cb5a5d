"""Save Prompt and Load Prompt: what the text encoder made once, again, without it."""

from __future__ import annotations

import pytest
import torch

WORDS = torch.randn(1, 226, 12, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def files(pack, tmp_path, monkeypatch):
    module = pack("nodes.prompt_files")
    monkeypatch.setattr(module, "prompts_folder", lambda: tmp_path)
    return module


def load(files, name):
    return files.HumanDiTLoadPrompt.execute(name).args[0]


def test_a_prompt_comes_back_as_it_was(files, tmp_path):
    said = files.HumanDiTSavePrompt.execute([[WORDS.half(), {"pooled_output": None}]], "empty")
    assert said.ui["text"] == ("Saved humandit_prompts/empty.safetensors",)
    assert files.prompt_files() == ["empty.safetensors"]
    ((words, more),) = load(files, "empty.safetensors")
    assert torch.equal(words, WORDS.half().float()) and more == {}
    before = files.HumanDiTLoadPrompt.fingerprint_inputs("empty.safetensors")
    files.HumanDiTSavePrompt.execute([[2 * WORDS, {}]], "empty")
    assert torch.equal(load(files, "empty.safetensors")[0][0], 2 * WORDS)
    assert files.HumanDiTLoadPrompt.fingerprint_inputs("empty.safetensors") != before
    assert files.HumanDiTLoadPrompt.fingerprint_inputs("gone.safetensors") == "missing"


@pytest.mark.parametrize("name", ["", "..", "a/b", "../a", "a\\b", "a\n"])
def test_names_that_lead_elsewhere(files, tmp_path, name):
    with pytest.raises(ValueError, match="file name without folder and ending"):
        files.HumanDiTSavePrompt.execute([[WORDS, {}]], name)
    assert not list(tmp_path.rglob("*.safetensors"))


def test_what_cannot_be_saved_or_loaded_is_said(files, tmp_path):
    with pytest.raises(ValueError, match="Expected one prompt, got 2 combined"):
        files.HumanDiTSavePrompt.execute([[WORDS, {}], [WORDS, {}]], "empty")
    with pytest.raises(ValueError, match="No prompt is saved yet. Connect HumanDiT Prompt"):
        load(files, files.prompt_files()[0])
    (tmp_path / "broken.safetensors").write_bytes(b"")
    with pytest.raises(ValueError, match="broken.safetensors"):
        load(files, "broken.safetensors")
    with pytest.raises(ValueError, match="no 'other.safetensors' among the prompts"):
        load(files, "other.safetensors")


def test_the_folder_lies_among_the_models(comfy, pack):
    import folder_paths

    module = pack("nodes.prompt_files")
    assert module.prompts_folder().parent.name == "models" and module.FOLDER in folder_paths.folder_names_and_paths
