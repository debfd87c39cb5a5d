"""The bundled workflow made small enough for a test, and pictures and films to feed it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.conftest import missing
from tools.client import Client
from tools.prompt import Prompt, bundled, with_values

if TYPE_CHECKING:
    from tools.host import Host

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


@pytest.fixture(scope="session")
def newest_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A second server, with the newest pages that were fetched."""
    from tools.frontend import REMEDY, newest
    from tools.host import running_host

    pages = newest() or missing(f"The newest frontend is not here: run `{REMEDY}`.")
    with running_host(tmp_path_factory.mktemp("newest"), frontend=pages) as server:
        yield server
