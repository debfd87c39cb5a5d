"""Published networks from the user's files: right ones are taken, wrong ones are named; and the random substitute."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from humandit.errors import InvalidWeights
from humandit.metrics.backbones import files
from humandit.metrics.backbones.features import i3d_features, inception_features, resnet_features
from humandit.metrics.backbones.inception import Inception
from humandit.metrics.backbones.resnet3d import MEAN, ResNet3D, prepared
from humandit.metrics.backbones.stages import alexnet, random_stages, vgg16
from humandit.metrics.perceptual import Perceptual, channel_means, film_features


@pytest.fixture(scope="module")
def substitute() -> Perceptual:
    return Perceptual(random_stages())


def photo(seed: int = 0, side: int = 64) -> np.ndarray:
    """[1, side, side, 3]: soft blobs and hard edges."""
    rng = np.random.default_rng(seed)
    blobs = nn.functional.interpolate(torch.from_numpy(rng.uniform(0, 255, (1, 3, 7, 7))), (side, side), mode="bicubic")
    picture = blobs.clamp(0, 255).permute(0, 2, 3, 1).numpy().copy()
    picture[:, 20:44, 24:40] = rng.uniform(0, 255, 3)
    return picture.astype(np.uint8)


def distance(net: Perceptual, a: np.ndarray, b: np.ndarray) -> float:
    return float(net.frames(net.stages(a), net.stages(b))[0])


def test_the_substitute_grows_with_every_kind_of_damage(substitute) -> None:
    cv2 = pytest.importorskip("cv2")
    one, rng = photo(), np.random.default_rng(1)
    noise = rng.normal(0, 1, one.shape)
    damages = {
        "blur": [cv2.GaussianBlur(one[0], (0, 0), sigma)[None] for sigma in (0.7, 1.5, 3, 6)],
        "noise": [(one + sigma * noise).clip(0, 255).astype(np.uint8) for sigma in (5, 10, 20, 40)],
        "shift": [np.roll(one, pixels, 2) for pixels in (1, 2, 4, 8)],
    }
    assert distance(substitute, one, one) == pytest.approx(0, abs=1e-6)
    for kind, films in damages.items():
        steps = [distance(substitute, film, one) for film in films]
        assert steps == sorted(steps) and steps[0] > 0, kind
        assert steps[-1] < distance(substitute, photo(5), one)


def test_the_substitute_is_the_same_everywhere(substitute) -> None:
    """Its weights come from a seed; these numbers may never move, or old results no longer compare."""
    weights = substitute.net.features[0].weight
    assert weights.flatten()[:3].tolist() == pytest.approx([0.034219, -0.035954, 0.174301], abs=2e-6)
    black, white = np.zeros((1, 32, 32, 3), np.uint8), np.full((1, 32, 32, 3), 255, np.uint8)
    assert distance(substitute, black, white) == pytest.approx(0.28231, abs=1e-4)


def test_the_map_shows_where(substitute) -> None:
    one = photo()
    other = one.copy()
    other[:, :16, :16] = 255 - other[:, :16, :16]
    where = substitute.picture(substitute.stages(one), substitute.stages(other), (64, 64))[0]
    assert where.shape == (64, 64) and where[:16, :16].mean() > 5 * where[40:, 40:].mean()
    mask = np.zeros((1, 64, 64), bool)
    stages = substitute.stages(one), substitute.stages(other)
    assert np.isnan(substitute.frames_inside(*stages, mask)[0])
    mask[0, :16, :16] = True
    assert substitute.frames_inside(*stages, mask)[0] == pytest.approx(where[:16, :16].mean())


def test_film_features_see_motion(substitute) -> None:
    still = channel_means(substitute.stages(photo().repeat(8, 0)))
    moving = channel_means(substitute.stages(np.concatenate([np.roll(photo(), 3 * t, 2) for t in range(8)])))
    half = still.shape[1]
    assert film_features(still, 4).shape == (2, 2 * half)
    assert np.abs(film_features(still, 8)[:, half:]).max() < 1e-6 < film_features(moving, 8)[0, half:].mean()
    assert film_features(still, 9).shape == (0, 2 * half)


def saved(folder, name: str, state: dict[str, Tensor]) -> None:
    torch.save(state, folder / name)


def lpips_files(folder, net: str = "alex") -> dict[str, Tensor]:
    build = {"alex": alexnet, "vgg": vgg16}[net]()
    state = {f"features.{name}": tensor for name, tensor in build.state_dict().items()}
    saved(folder, files.LPIPS_FILES[net][0], state)
    widths = {"alex": (64, 192, 384, 256, 256), "vgg": (64, 128, 256, 512, 512)}[net]
    saved(
        folder,
        files.LPIPS_FILES[net][1],
        {f"lin{i}.model.1.weight": torch.rand(1, w, 1, 1) for i, w in enumerate(widths)},
    )
    return state


def test_what_lies_there_is_opened_and_nothing_else(tmp_path) -> None:
    lpips_files(tmp_path)
    found = files.open_backbones(tmp_path)
    assert set(found.lpips) == {"alex"} and found.inception is None and found.i3d is None
    assert found.names == {"lpips": "alexnet-owt-7be5be79.pth"}
    with pytest.raises(InvalidWeights, match="none of them"):
        files.open_backbones(tmp_path / "elsewhere")


def test_a_file_with_other_tensors_is_named(tmp_path) -> None:
    state = lpips_files(tmp_path)
    name = files.LPIPS_FILES["alex"][0]
    saved(tmp_path, name, {key: t for key, t in state.items() if key != "features.3.bias"} | {"extra": torch.zeros(1)})
    with pytest.raises(InvalidWeights, match=r"alexnet.*1 missing \(features.3.bias\), 1 unknown \(extra\)"):
        files.open_backbones(tmp_path)
    saved(tmp_path, name, state | {"features.0.weight": torch.zeros(64, 3, 7, 7)})
    with pytest.raises(InvalidWeights, match=r"features.0.weight should be \[64, 3, 11, 11\], got \[64, 3, 7, 7\]"):
        files.open_backbones(tmp_path)


RESNET_SHAPES = {
    "conv1.weight": (64, 3, 7, 7, 7), "bn1.running_var": (64,), "layer1.0.downsample.0.weight": (256, 64, 1, 1, 1),
    "layer2.3.conv2.weight": (128, 128, 3, 3, 3), "layer3.0.downsample.1.bias": (1024,),
    "layer4.2.conv3.weight": (2048, 512, 1, 1, 1), "fc.weight": (400, 2048),
}  # fmt: skip
"""Some of the tensors in ``resnet-50-kinetics.pth``."""


@pytest.mark.slow
def test_inception_and_resnet_take_their_published_names(tmp_path) -> None:
    """Names as training on several cards leaves them, without the counters that old files lack."""
    torch.manual_seed(0)
    net = ResNet3D()
    shapes = {key: tuple(t.shape) for key, t in net.state_dict().items()}
    assert shapes.items() >= RESNET_SHAPES.items() and len([key for key in shapes if "conv" in key]) == 1 + 3 * 16
    state = {f"module.{key}": t for key, t in net.state_dict().items() if not key.endswith("num_batches_tracked")}
    torch.save({"state_dict": state, "arch": "resnet-50"}, tmp_path / files.RESNET_FILE)
    torch.save(Inception().state_dict(), tmp_path / files.INCEPTION_FILE)
    found = files.open_backbones(tmp_path)
    film = np.random.default_rng(0).integers(0, 256, (18, 40, 48, 3), dtype=np.uint8)
    assert found.resnet3d is not None and found.inception is not None
    assert resnet_features(found.resnet3d, film).shape == (1, 2048)
    assert inception_features(found.inception, film[:2]).shape == (2, 2048)
    assert set(found.names) == {"fid", "fid_vid"}


def test_stretches_of_sixteen_hold_their_last_frame() -> None:
    frames = torch.arange(18.0)[:, None, None, None].expand(-1, 3, 2, 2)
    films = prepared(frames)
    assert films.shape == (2, 3, 16, 2, 2)
    assert films[1, 0, :, 0, 0].tolist() == pytest.approx([16 - MEAN[0], 17 - MEAN[0], *[17 - MEAN[0]] * 14])


class Film(nn.Module):
    """Stands where I3D does: takes what it takes."""

    def __init__(self, classes: int):
        super().__init__()
        self.answer = nn.Linear(3, classes)

    def forward(self, film: Tensor, rescale: bool = True, resize: bool = True, return_features: bool = False) -> Tensor:
        assert not rescale and not resize and return_features
        return self.answer(film.mean((2, 3, 4)))


def test_i3d_is_asked_as_stylegan_v_does_and_must_answer_with_400(tmp_path) -> None:
    torch.jit.script(Film(400)).save(str(tmp_path / files.I3D_FILE))
    i3d = files.open_backbones(tmp_path).i3d
    film = np.full((10, 20, 30, 3), 255, np.uint8)
    expected = i3d.answer(torch.ones(1, 3)).detach().numpy()
    assert i3d_features(i3d, film) == pytest.approx(expected, abs=1e-6)
    torch.jit.script(Film(7)).save(str(tmp_path / files.I3D_FILE))
    with pytest.raises(InvalidWeights, match=r"\[1, 7\]"):
        i3d_features(files.open_backbones(tmp_path).i3d, film)
    (tmp_path / files.I3D_FILE).write_bytes(b"no script")
    with pytest.raises(InvalidWeights, match="no TorchScript file"):
        files.open_backbones(tmp_path)
