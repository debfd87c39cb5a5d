"""Metrics against the packages that define them: the same pictures, weights and features give the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from humandit.metrics import disco
from humandit.metrics.backbones.files import CLASSIFIERS, load_lpips
from humandit.metrics.backbones.inception import Inception
from humandit.metrics.frechet import gaussian_distance
from humandit.metrics.image import psnr, ssim


def two_films(seed: int = 0, frames: int = 2, height: int = 40, width: int = 48) -> tuple[np.ndarray, np.ndarray]:
    """Soft noise, and the same with more noise on it."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (frames, height // 8, width // 8, 3)).repeat(8, 1).repeat(8, 2)
    noisy = coarse + rng.normal(0, 20, coarse.shape)
    return coarse.astype(np.uint8), noisy.clip(0, 255).astype(np.uint8)


def test_psnr_and_ssim_are_those_of_scikit_image() -> None:
    measures = pytest.importorskip("skimage.metrics")
    truth, result = two_films()
    theirs = [measures.peak_signal_noise_ratio(a, b) for a, b in zip(truth, result, strict=True)]
    assert psnr(result, truth) == pytest.approx(np.mean(theirs), abs=1e-6)
    options = dict(channel_axis=-1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255)
    theirs = [measures.structural_similarity(a, b, **options) for a, b in zip(truth, result, strict=True)]
    assert ssim(result, truth) == pytest.approx(np.mean(theirs), abs=1e-6)


def test_the_disco_figures_are_those_of_its_scripts() -> None:
    """Their functions: absolute differences over the frame's pixels, and scikit-image's SSIM of grey pictures."""
    measures = pytest.importorskip("skimage.metrics")
    truth, result = two_films()
    theirs = [measures.structural_similarity(disco.grey(a), disco.grey(b)) for a, b in zip(result, truth, strict=True)]
    assert disco.ssim_frames(result, truth) == pytest.approx(theirs, abs=1e-9)
    height, width = truth.shape[1:3]
    levels = [np.mean(np.abs(a.astype(float) - b.astype(float)) / (height * width)) for a, b in zip(result, truth)]  # noqa: B905
    assert disco.l1_frames(result, truth) == pytest.approx(levels, rel=1e-12)


@pytest.mark.parametrize("net", ["alex", "vgg"])
def test_lpips_is_that_of_its_package(net: str, tmp_path) -> None:
    """The package's own heads; the network has torchvision's names and shapes and random weights."""
    lpips = pytest.importorskip("lpips")
    torch.manual_seed(0)
    theirs = lpips.LPIPS(pretrained=True, net=net, pnet_rand=True, verbose=False).eval()
    features = {}
    for part in (theirs.net.slice1, theirs.net.slice2, theirs.net.slice3, theirs.net.slice4, theirs.net.slice5):
        features |= {f"features.{name}": tensor for name, tensor in part.state_dict().items()}
    unused = {f"classifier.{i}.{end}": torch.zeros(1) for i in CLASSIFIERS[net] for end in ("weight", "bias")}
    torch.save({**features, **unused}, tmp_path / "net.pth")
    heads = {
        name: tensor for name, tensor in theirs.state_dict().items() if name.startswith("lin") and "lins" not in name
    }
    torch.save(heads, tmp_path / "heads.pth")
    ours = load_lpips(net, tmp_path / "net.pth", tmp_path / "heads.pth")
    truth, result = two_films(height=64, width=80)
    a, b = (torch.from_numpy(film).permute(0, 3, 1, 2) / 127.5 - 1 for film in (result, truth))
    with torch.inference_mode():
        expected = theirs(a, b).flatten().numpy()
    mine = ours.frames(ours.stages(result), ours.stages(truth))
    assert mine == pytest.approx(expected, rel=1e-4)
    assert ours.frames(ours.stages(truth), ours.stages(truth)) == pytest.approx([0, 0], abs=1e-9)


@pytest.mark.slow
def test_inception_is_that_of_pytorch_fid(monkeypatch) -> None:
    theirs = pytest.importorskip("pytorch_fid.inception")
    torch.manual_seed(0)
    ours = Inception().eval()
    for module in ours.modules():  # statistics that differ from one channel to the next
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    monkeypatch.setattr(theirs, "load_state_dict_from_url", lambda *url, **options: ours.state_dict())
    reference = theirs.InceptionV3([3]).eval()
    pictures = torch.rand(1, 3, 96, 128)
    with torch.inference_mode():
        expected = reference(pictures)[0].flatten(1)
        assert torch.allclose(ours(pictures), expected, rtol=1e-4, atol=1e-6)


def test_the_frechet_distance_is_that_of_pytorch_fid() -> None:
    fid = pytest.importorskip("pytorch_fid.fid_score")
    rng = np.random.default_rng(0)
    a = rng.normal(0, 1, (300, 12)) @ rng.normal(0, 1, (12, 12))
    b = rng.normal(0.3, 1, (200, 12)) @ rng.normal(0, 1, (12, 12))
    moments = [(x.mean(0), np.cov(x, rowvar=False)) for x in (a, b)]
    expected = fid.calculate_frechet_distance(*moments[0], *moments[1])
    assert gaussian_distance(a, b) == pytest.approx(expected, rel=1e-4)


def test_the_frechet_distance_by_hand() -> None:
    """Independent axes: the distance is that of the means plus that of the spreads, whatever the rank."""
    rng = np.random.default_rng(0)
    one = rng.normal(0, 1, (50, 3))
    white = (one - one.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(one, rowvar=False))).T
    assert gaussian_distance(white, white) == pytest.approx(0, abs=1e-9)
    assert gaussian_distance(white + [3, 0, 4], white) == pytest.approx(25)
    assert gaussian_distance(white * [2, 3, 1], white) == pytest.approx(1 + 4)
    flat = np.concatenate([white, np.zeros((50, 40))], 1)
    assert gaussian_distance(flat * 2, flat) == pytest.approx(3, abs=1e-6)
