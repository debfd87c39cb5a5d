"""Load Pose Detector with nets of the user's own."""

from __future__ import annotations

import asyncio
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from tests.pose import tiny_nets

PLACES = np.array([[121.3, 80.6], [180.0, 240.25], [90.75, 320.0]])


@pytest.fixture
def load(pack, comfy, tmp_path, monkeypatch):
    """The node, in a ComfyUI whose pose folder is ``tmp_path / "nets"``."""
    import folder_paths
    from comfy_api.latest import io

    asyncio.run(pack("nodes").comfy_entrypoint())
    (tmp_path / "nets").mkdir()
    endings = folder_paths.folder_names_and_paths["humandit_pose"][1]
    monkeypatch.setitem(folder_paths.folder_names_and_paths, "humandit_pose", ([str(tmp_path / "nets")], endings))
    monkeypatch.setattr(folder_paths, "filename_list_cache", {})
    monkeypatch.setenv("HUMANDIT_CACHE", str(tmp_path / "cache"))
    node = pack("nodes.load").HumanDiTLoadPoseDetector
    monkeypatch.setattr(node, "hidden", io.HiddenHolder.from_dict({}))  # as the host does before it runs a node
    monkeypatch.setitem(
        sys.modules, "server", SimpleNamespace(PromptServer=None)
    )  # none runs that could show a line of text
    return node


def options(node, name: str) -> list[str]:
    return next(entry.options for entry in node.define_schema().inputs if entry.id == name)


def test_files_are_offered_and_chosen(pack, load, tmp_path):
    assert options(load, "pose_net") == ["automatic"] and options(load, "detector") == list(
        pack("humandit.pose.detect").DETECTORS
    )
    tiny_nets.simcc(tmp_path / "nets" / "dw-tiny.onnx")
    tiny_nets.torchscript(tmp_path / "nets" / "sapiens_torchscript.pt2", 308)
    (tmp_path / "nets" / "pose_detection.tflite").write_bytes(b"")
    assert options(load, "pose_net") == ["automatic", "dw-tiny.onnx", "sapiens_torchscript.pt2"]
    assert options(load, "person_net")[:2] == ["automatic", "none (whole picture)"]

    output = load.execute(detector="dwpose", download=False)
    assert output.ui == {"text": ("dwpose on cpu (ONNX Runtime)",)}
    found = output.args[0].detect([tiny_nets.blobs(PLACES, 300, 400)], 12.5)
    assert np.linalg.norm(found.xy[0] - PLACES[np.arange(133) % 3], axis=-1).max() < 0.75

    sapiens = load.execute("sapiens", False, "sapiens_torchscript.pt2", "none (whole picture)").args[0]
    assert sapiens.device.endswith("(TorchScript)") and sapiens.persons is None


def test_what_does_not_fit_is_refused(pack, load, tmp_path):
    errors = pack("humandit.errors")
    with pytest.raises(errors.MissingDependency, match="No file for rtmw in .* found none"):
        load.execute("rtmw", True)
    tiny_nets.yolox(tmp_path / "nets" / "yolox.onnx")
    with pytest.raises(errors.InvalidWeights, match="yolox.onnx is a person net"):
        load.execute("rtmw", True, "yolox.onnx")
    with pytest.raises(errors.MissingDependency, match="such files run code"):
        load.execute("sapiens", True)
    with pytest.raises(errors.HumanDiTError, match="no '../secret.onnx' among the files in models/humandit_pose"):
        load.execute("rtmw", True, "../secret.onnx")
    with pytest.raises(errors.MissingDependency, match="weights get pose"):
        load.execute("mediapipe", False)
