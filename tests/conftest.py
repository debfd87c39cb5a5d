"""Shared by all tests: one real ComfyUI server, one real browser, and a word for what is missing."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

import tools.checks  # noqa: F401  (the import hook of pyproject.toml looks it up by name)

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tools.client import Client
    from tools.host import Host

ROOT = Path(__file__).resolve().parent.parent
STRICT = bool(os.environ.get("HUMANDIT_STRICT") or os.environ.get("CI"))


def pytest_configure() -> None:
    """Make torchvision importable beside a PyTorch without CUDA, as the server does (diffusers imports it)."""
    if importlib.util.find_spec("torchvision"):
        from tools.run_host import declare_missing_operators

        declare_missing_operators()


def missing(reason: str) -> NoReturn:
    """A real part that a test needs is not there: an error where everything must be, else a skipped test."""
    (pytest.fail if STRICT else pytest.skip)(reason)


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """One ComfyUI server with this pack, for the whole session."""
    from tools.host import running_host

    with running_host(tmp_path_factory.mktemp("comfyui")) as server:
        yield server


@pytest.fixture
def client(host: Host) -> Client:
    from tools.client import Client

    return Client(host.url)


@pytest.fixture(scope="module")  # while it lives, no other test in this thread can start an event loop
def browser() -> Iterator[Browser]:
    """A headless Chromium: the system's, else Playwright's own."""
    try:
        from playwright.sync_api import sync_playwright

        from tools.browser import launch
    except ImportError:
        missing("Playwright is not installed: run the tests by `python3 -m nox -s tests`.")
    with sync_playwright() as playwright:
        try:
            chromium = launch(playwright)
        except Exception as error:
            missing(f"No Chromium could be started: {error}")
        yield chromium
        chromium.close()
