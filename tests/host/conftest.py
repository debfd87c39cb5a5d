"""The bundled workflow made small enough for a test, and pictures and films to feed it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tools.client import Client
from tools.prompt import Prompt, bundled, with_values

SMALL = dict(frames=17, segment_frames=9, steps=3)


@pytest.fixture
def prompt() -> Prompt:
    """The bundled workflow with two short segments and few steps."""
    return with_values(bundled(), "HumanDiTSample", **SMALL)


@pytest.fixture
def nobody(client: Client, tmp_path: Path) -> tuple[str, str]:
    """Names of an uploaded picture and film in which there is nobody."""
    from humandit.media.write import write_image, write_mp4

    ramp = np.linspace(0, 255, 256, dtype=np.uint8)
    empty = np.broadcast_to(ramp[None, :, None], (256, 256, 3)).copy()
    write_image(tmp_path / "nobody.png", empty)
    write_mp4(tmp_path / "nobody.mp4", [empty] * 20, 12.5)
    return client.upload(tmp_path / "nobody.png"), client.upload(tmp_path / "nobody.mp4")
