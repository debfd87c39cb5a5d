"""Compare: films in, films and figures out; what does not fit is said, not hidden."""

from __future__ import annotations

import asyncio

import pytest
import torch


@pytest.fixture
def compare(pack, monkeypatch):
    """``compare(a, b, **changes)``: film, plot, report and what the node shows."""
    module = pack("nodes.compare")
    monkeypatch.setattr(pack("nodes.host"), "show_text", lambda text, _: None)
    preview = lambda image, cls: type("P", (), {"as_dict": lambda s: {"images": [image]}})()  # noqa: E731
    monkeypatch.setattr(module.ui, "PreviewImage", preview)
    extension = asyncio.run(pack("nodes").comfy_entrypoint())
    node = next(n for n in asyncio.run(extension.get_node_list()) if n.GET_SCHEMA().node_id == "HumanDiTCompare")
    prepared = node.PREPARE_CLASS_CLONE(None) if hasattr(node, "PREPARE_CLASS_CLONE") else node

    def run(a, b, **changes):
        output = prepared.execute(a, b, **changes)
        return *output.args, output.ui

    return run


def film(frames: int = 6, height: int = 32, width: int = 40) -> torch.Tensor:
    torch.manual_seed(0)
    coarse = torch.rand(1, 3, 5, 5)
    return (
        torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear")[0]
        .permute(1, 2, 0)
        .repeat(frames, 1, 1, 1)
    )


def test_the_same_film_is_the_same(compare) -> None:
    picture, plot, report, shown = compare(film(), film())
    assert picture.shape == (6, 32 + 26, 3 * 40 + 2 * 6, 3) and plot.shape[0] == 1
    assert picture[:, 26:, -40:].max() < 0.02  # the heat of no difference is black
    assert "ssim 1.000" in report and "psnr 100.00" in report and shown["text"] == (report,)


def test_the_frame_that_differs_is_named_and_hot(compare) -> None:
    other = film()
    other[3, 10:20, 10:20] = 1 - other[3, 10:20, 10:20]
    picture, _, report, shown = compare(film(), other, label_a="seed 1", label_b="seed 1")
    assert "differ most in frame 4" in report and report.startswith("seed 1 and seed 1: 6 frames of 40x32")
    hot = picture[:, 26:, -40:].mean((1, 2, 3))
    assert hot.argmax() == 3 and hot[2] < 0.02
    assert torch.equal(shown["images"][0], picture[3:4])


def test_layouts(compare) -> None:
    assert compare(film(), film(), layout="side by side")[0].shape[2] == 2 * 40 + 6
    assert compare(film(), film(), layout="differences only")[0].shape[2] == 40
    with pytest.raises(ValueError, match="layouts"):
        compare(film(), film(), layout="stacked")


def test_other_lengths_and_sizes_are_told(compare) -> None:
    picture, _, report, _ = compare(film(6), film(4, 64, 80))
    assert len(picture) == 4
    assert "A has 6 frames and B 4: the first 4 were compared." in report
    assert "B was scaled from 80x64 to A's 40x32." in report
    with pytest.raises(ValueError, match="from 11 x 11 pixels"):
        compare(film(2, 8, 8), film(2, 8, 8))


def test_single_pictures_are_compared_too(compare) -> None:
    _, plot, report, _ = compare(film(1), 1 - film(1))
    assert "1 frame of" in report and plot.shape[1:] == (4 * 150 + 28, 760, 3)
