"""What devices without 64-bit floats (Apple's) need: none are made there. A device without memory stands for them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

import humandit
from humandit.diffusion.rope import rotate, time_rope
from humandit.diffusion.samplers import SAMPLERS
from humandit.diffusion.schedule import cogvideox_schedule, trailing_timesteps
from humandit.types import LatentShape
from humandit.video.config import DiTConfig
from humandit.video.model import HumanDiT
from humandit.video.pose_guider import POSE_FEATURES


class NoWideNumbers(TorchDispatchMode):
    """Fails where an operation gives float64 on the device without memory; counts those that give anything there."""

    seen = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, torch.Tensor) and tensor.device.type == "meta":
                self.seen += 1
                assert tensor.dtype != torch.float64, func
        return out


@pytest.mark.parametrize("name", SAMPLERS)
def test_samplers(name):
    with torch.inference_mode(), NoWideNumbers() as mode:
        z = torch.empty(1, 2, 16, 4, 4, device="meta")
        end = SAMPLERS[name](
            lambda z, t: z * 0.5, z, trailing_timesteps(3), cogvideox_schedule(), lambda *_: None, torch.Generator()
        )
    assert end.device.type == "meta" and end.dtype == torch.float32 and mode.seen > 10


@pytest.mark.parametrize("base", [(4, 4), None], ids=["fitted", "counted"])
def test_the_transformer_and_its_rotary_positions(base):
    config, shape = DiTConfig(2, 16, 1, 16, text_dim=None, rope_base=base), LatentShape(3, 8, 8)
    with torch.inference_mode(), NoWideNumbers() as mode:
        model = HumanDiT(config, device="meta")
        latents = torch.empty(1, shape.frames, 16, 8, 8, device="meta")
        pose = torch.empty(1, shape.frames, 8, 8, POSE_FEATURES, device="meta")
        model(latents, torch.tensor([500], device="meta"), pose)
    assert mode.seen > 100


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_compiled_code_turns_without_complex_numbers_to_the_same(dtype):
    """As Apple's devices do; and tokens may lie before or behind the heads."""
    x = torch.randn(2, 6, 3, 16, generator=torch.Generator().manual_seed(0)).to(dtype)
    rope = tuple(part[:, None] for part in time_rope(6, 16, 100.0, x.device))
    compiled = torch.compile(rotate, backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(x, rope), rotate(x, rope), atol=1e-6, rtol=0)
    pairs = rotate(x.movedim(1, 2), (rope[0][:, 0], rope[1][:, 0])).movedim(1, 2)
    torch.testing.assert_close(pairs, rotate(x, rope), atol=1e-6, rtol=0)
    assert rotate(x, rope).dtype == dtype and (rotate(x, rope) - x).abs().max() > 0.5


def test_nothing_is_tied_to_one_make_of_card():
    """PyTorch's automatic casting by the name of a device would leave all others out."""
    for file in Path(humandit.__file__).parent.rglob("*.py"):
        assert not re.search(r"""autocast\(.?["']cuda|device_type=.cuda""", file.read_text(encoding="utf-8")), file
