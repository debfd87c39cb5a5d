"""A tiny Keypoint-DiT and a person."""

import numpy as np
import pytest
import torch
from torch import nn

from humandit.motion.config import MotionConfig
from humandit.motion.model import KeypointDiT
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas

TINY = MotionConfig(heads=2, head_dim=16, layers=2, time_dim=16, window=12, overlap=4)


@pytest.fixture
def model():
    torch.manual_seed(0)
    model = KeypointDiT(TINY)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.1)
    return model.eval().requires_grad_(False)


@pytest.fixture
def person():
    """Makes ``frames`` poses of somebody whose right hand was never seen."""

    def make(frames=1, fps=25.0, seed=0):
        rng = np.random.default_rng(seed)
        still = rng.uniform((200, 50), (440, 310), (1, 133, 2))
        score = np.full((frames, 133), 0.8, np.float32)
        score[:, 112:] = 0
        return PoseSequence(still + rng.normal(0, 3, (frames, 133, 2)), score, Canvas(640, 360), fps)

    return make
