"""HumanDiT Draft in the real server, in the place of the sampler."""

import pytest

from tools.prompt import node_of

pytestmark = [pytest.mark.host, pytest.mark.slow]


def drafted(prompt, **changes):
    """The bundled workflow up to its poses, then the draft, shown as pictures."""
    sampler = prompt[node_of(prompt, "HumanDiTSample")]["inputs"]
    given = {name: sampler[name] for name in ("reference", "reference_poses", "poses")}
    settings = dict(
        width=128, height=128, frames=5, fps=12.5, detector=[node_of(prompt, "HumanDiTLoadPoseDetector"), 0]
    )
    shown = {
        "90": {"class_type": "HumanDiTDraft", "inputs": {**given, **settings, **changes}},
        "91": {"class_type": "PreviewImage", "inputs": {"images": ["90", 0]}},
        "92": {"class_type": "MaskToImage", "inputs": {"mask": ["90", 2]}},
        "93": {"class_type": "PreviewImage", "inputs": {"images": ["92", 0]}},
    }
    wanted = {"HumanDiTExample", "HumanDiTLoadPoseDetector", "HumanDiTDetectPose", "HumanDiTSmoothPose",
              "HumanDiTAdaptPose"}  # fmt: skip
    return {key: node for key, node in prompt.items() if node["class_type"] in wanted} | shown


def test_frames_and_masks_without_any_model(client, prompt):
    run = client.run(drafted(prompt))
    assert run.end == "execution_success", run.error
    assert len(run.outputs["91"]["images"]) == len(run.outputs["93"]["images"]) == 5


def test_a_picture_without_anybody_is_refused_in_words(client, prompt, nobody):
    from tools.prompt import with_own_files

    prompt = with_own_files(drafted(prompt), *nobody)
    run = client.run(prompt)
    assert run.end == "execution_error" and "nobody" in run.error.lower()
