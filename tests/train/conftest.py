"""Processes that these tests start find this project's tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module", autouse=True)
def own_tests() -> Iterator[None]:
    """The host, which other rooms put on the path, has a package of that name too; a fresh process would take it."""
    own = [folder for folder in sys.path if not (Path(folder) / "tests" / "__init__.py").is_file()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", own)
        yield
