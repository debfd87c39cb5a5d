"""A headless Chromium on ComfyUI's own page: open, load a workflow, press buttons, ask the page."""

from __future__ import annotations

import json
import shutil
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
PACK = "ComfyUI-HumanDiT"
"""What the template dialog calls us: the name of our folder."""
KNOWN_ERRORS = (
    "user.css",
    "userdata",
    "comfy.templates.json",
    "templates/index",
    "core workflow templates",
    "api.comfy.org",
    "Content Security Policy",
    "favicon",
    "/api/jobs",
    "JobsApiError",
)
"""Words of console errors that every ComfyUI has without internet and core templates, and, the last two, under pages
that are newer than itself."""
READY = """() => window.app?.graph && window.app?.extensionManager
    && window.LiteGraph?.registered_node_types?.HumanDiTSample"""
MISSING = """() => window.app.graph._nodes.map(node => node.type).filter(
    type => !window.LiteGraph.registered_node_types[type] && !["Note", "MarkdownNote"].includes(type))"""
ACTIVE = "() => window.app.extensionManager.workflow.activeWorkflow?.filename"
RUN_BUTTON = 'button[data-testid="queue-button"], [data-testid="queue-button"] button'
SET_VALUES = """values => {
    for (const node of window.app.graph._nodes)
        for (const [name, value] of Object.entries(values[node.type] ?? {})) {
            const widget = node.widgets.find(widget => widget.name === name)
            widget.value = value
            widget.callback?.(value) // Nodes 2.0 show what they are told
        }
}"""
BYPASS = """types => {
    const bypassed = 4
    for (const node of window.app.graph._nodes) if (types.includes(node.type)) node.mode = bypassed
}"""
WATCH_ENDS = """() => {
    window.humanditEnds = []
    for (const kind of ["execution_success", "execution_error", "execution_interrupted"])
        window.app.api.addEventListener(kind, event => window.humanditEnds.push({kind, ...event.detail}), {once: true})
}"""


def launch(playwright: Playwright) -> Browser:
    """The system's Chromium if there is one, else the one Playwright downloaded."""
    system = next(filter(None, map(shutil.which, NAMES)), None)
    return playwright.chromium.launch(executable_path=system, headless=True, args=list(QUIET))


def open_comfy(
    browser: Browser, url: str, width: int = 1680, height: int = 1000, errors: list[str] | None = None
) -> Page:
    """ComfyUI's page, loaded far enough that our nodes are known. ``errors`` grows by :func:`watch_errors`."""
    page = browser.new_page(viewport={"width": width, "height": height})
    if errors is not None:
        watch_errors(page, errors)
    page.goto(url)
    page.wait_for_function(READY, timeout=180_000)
    return page


def watch_errors(page: Page, errors: list[str]) -> None:
    """Adds what the page throws or writes as an error to its console, without ``KNOWN_ERRORS``."""

    def note(text: str) -> None:
        if not any(known in text for known in KNOWN_ERRORS):
            errors.append(text)

    def listen(said: ConsoleMessage) -> None:
        if said.type == "error":
            note(f"{said.text} {said.location.get('url', '')}")

    page.on("pageerror", lambda error: note(str(error)))
    page.on("console", listen)


def load_workflow(page: Page, workflow: dict[str, Any]) -> None:
    page.evaluate("workflow => window.app.loadGraphData(workflow)", workflow)
    page.wait_for_timeout(500)


def open_template(page: Page, name: str) -> None:
    """As a user does: browse templates, choose the pack, click the card."""
    page.evaluate("() => window.app.extensionManager.command.execute('Comfy.BrowseTemplates')")
    page.get_by_text(PACK, exact=True).first.click()
    page.locator(f'[data-testid="template-workflow-{name}"]').first.click()
    page.wait_for_function(f"() => ({ACTIVE})() === {json.dumps(name)}")
    page.locator(".p-dialog").first.wait_for(state="detached")
    page.wait_for_timeout(500)


def set_values(page: Page, values: dict[str, dict[str, Any]]) -> None:
    """Widget values of every node of a type: type -> widget -> value."""
    page.evaluate(SET_VALUES, values)


def bypass(page: Page, types: tuple[str, ...]) -> None:
    """Leave nodes of these types out, as Ctrl+B does."""
    page.evaluate(BYPASS, list(types))


def press_run(page: Page, timeout: float = 600) -> dict[str, Any]:
    """Presses Run and waits for the end: the event's data and its "kind", "execution_success" if all is well."""
    page.evaluate(WATCH_ENDS)
    page.locator(RUN_BUTTON).first.click()
    page.wait_for_function("() => window.humanditEnds.length", timeout=1000 * timeout)
    return page.evaluate("() => window.humanditEnds[0]")


def missing_nodes(page: Page) -> list[str]:
    return page.evaluate(MISSING)


def api_form(page: Page) -> dict[str, Any]:
    """The prompt that pressing Run would send, in ComfyUI's API form."""
    return page.evaluate("async () => (await window.app.graphToPrompt()).output")


def complaints(page: Page) -> list[str]:
    """Texts of every toast and dialog that covers the page."""
    return page.locator(".p-toast-message, .p-dialog, [data-testid='error-overlay']").all_inner_texts()
