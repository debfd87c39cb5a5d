"""Films to feature vectors: one per frame for FID, one per stretch or film for FID-VID and FVD.

All take uint8 frames [T, H, W, 3] and give float64 [N, F]. What they are compared with is
:func:`..frechet.gaussian_distance`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...errors import InvalidWeights
from . import resnet3d

BATCH = 16
I3D_SIDE, I3D_FRAMES, I3D_CLASSES = 224, 10, 400
"""Side in pixels, the fewest frames it can take, and how long its answer is."""


def device_of(model: nn.Module) -> torch.device:
    return next(model.parameters()).device


@torch.inference_mode()
def inception_features(model: nn.Module, frames: np.ndarray) -> np.ndarray:
    """[T, 2048], each frame by itself, scaled as ``pytorch_fid`` does: bilinear to 299 x 299, without antialiasing."""
    parts = [model(pictures(frames[i : i + BATCH], device_of(model)) / 255) for i in range(0, len(frames), BATCH)]
    return torch.cat(parts).cpu().double().numpy()


@torch.inference_mode()
def resnet_features(model: nn.Module, frames: np.ndarray) -> np.ndarray:
    """[1, 2048] of a film: the mean over its stretches of 16 frames.

    ``compute_3d_video_prediction`` in DisCo's ``tool/metrics/metric_center.py``; frames are scaled by Pillow's bicubic
    filter to 112 x 112 ("FVD-3DRN50").
    """
    small = torch.from_numpy(resized(frames, resnet3d.SIDE)).permute(0, 3, 1, 2).to(device_of(model))
    stretches = resnet3d.prepared(small)
    means = torch.cat([model(stretch[None]) for stretch in stretches]).mean(0, keepdim=True)
    return means.cpu().double().numpy()


@torch.inference_mode()
def i3d_features(model: Any, frames: np.ndarray) -> np.ndarray:
    """[1, 400] of a film: the answers before the softmax, frames bilinear to 224 x 224 in -1..1.

    ``src/metrics/frechet_video_distance.py`` of universome/stylegan-v (the same network and weights as the original
    TensorFlow FVD of Unterthiner et al., by universome/fvd-comparison). Films shorter than 10 frames have no FVD.
    """
    device = next(iter(model.parameters()), torch.zeros(())).device
    large = F.interpolate(pictures(frames, device), (I3D_SIDE, I3D_SIDE), mode="bilinear", align_corners=False)
    film = (large / 127.5 - 1).transpose(0, 1)[None]
    answer = model(film, rescale=False, resize=False, return_features=True)
    if tuple(answer.shape) != (1, I3D_CLASSES):
        raise InvalidWeights(
            f"I3D should answer with [1, {I3D_CLASSES}] numbers, this file gives {list(answer.shape)}. "
            "Use the i3d_torchscript.pt of StyleGAN-V."
        )
    return answer.cpu().double().numpy()


def pictures(frames: np.ndarray, device: torch.device) -> Tensor:
    """[T, 3, H, W] float32 grey levels."""
    return torch.from_numpy(np.ascontiguousarray(frames)).to(device).permute(0, 3, 1, 2).float()


def resized(frames: np.ndarray, side: int) -> np.ndarray:
    """float32 [T, side, side, 3] in grey levels: Pillow's bicubic filter on each colour, without rounding, as in
    clean-fid and DisCo's ``tool/metrics/resize.py``."""
    from PIL import Image

    def one(colour: np.ndarray) -> np.ndarray:
        return np.asarray(Image.fromarray(colour.astype(np.float32)).resize((side, side), Image.Resampling.BICUBIC))

    return np.stack([np.stack([one(frame[..., i]) for i in range(3)], -1) for frame in frames])
