"""A headless Chromium on ComfyUI's own page: open, load a workflow, ask the page."""

from __future__ import annotations

import shutil
from typing import Any

from playwright.sync_api import Browser, Page, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
READY = """() => window.app?.graph && window.app?.extensionManager
    && window.LiteGraph?.registered_node_types?.HumanDiTSample"""
MISSING = """() => window.app.graph._nodes.map(node => node.type).filter(
    type => !window.LiteGraph.registered_node_types[type] && !["Note", "MarkdownNote"].includes(type))"""


def launch(playwright: Playwright) -> Browser:
    """The system's Chromium if there is one, else the one Playwright downloaded."""
    system = next(filter(None, map(shutil.which, NAMES)), None)
    return playwright.chromium.launch(executable_path=system, headless=True, args=list(QUIET))


def open_comfy(browser: Browser, url: str, width: int = 1680, height: int = 1000) -> Page:
    """ComfyUI's page, loaded far enough that our nodes are known."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(url)
    page.wait_for_function(READY, timeout=60_000)
    return page


def load_workflow(page: Page, workflow: dict[str, Any]) -> None:
    page.evaluate("workflow => window.app.loadGraphData(workflow)", workflow)
    page.wait_for_timeout(500)


def missing_nodes(page: Page) -> list[str]:
    return page.evaluate(MISSING)


def api_form(page: Page) -> dict[str, Any]:
    """The prompt that pressing Run would send, in ComfyUI's API form."""
    return page.evaluate("async () => (await window.app.graphToPrompt()).output")


def complaints(page: Page) -> list[str]:
    """Texts of every toast and dialog that covers the page."""
    return page.locator(".p-toast-message, .p-dialog").all_inner_texts()
