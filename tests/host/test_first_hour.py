"""A newcomer's first hour, from an empty folder: what ``docs/first-hour.md`` tells to type and click is done.

Two things are stood in for: ComfyUI itself is the copy that all tests run, which takes the new folder for its own, and
packages are looked up in place of being installed again.
"""

import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import pytest
from packaging.requirements import Requirement

from tests.host.places import PLAYS, picture_of
from tools.browser import complaints, open_comfy
from tools.host import PACK, ROOT, running_host

pytestmark = [pytest.mark.host, pytest.mark.browser, pytest.mark.slow]

PAGE = (ROOT / "docs" / "first-hour.md").read_text(encoding="utf-8")
LEFT_BEHIND = shutil.ignore_patterns(".*", "__pycache__", "out", "runs", "shared", "tests", "benchmarks")
FIRST_VISIT = "reading 'id'"
"""Of an error in ComfyUI's own settings (1.32.9), where none were ever saved."""
TWINS = {"opencv-python": "opencv-python-headless"}
SET = """([kind, name, value]) => {
    const node = window.app.graph._nodes.find(node => node.title === kind)
    const widget = node.widgets.find(widget => widget.name === name)
    widget.value = Number(value)
    widget.callback?.(widget.value)
}"""
EDIT_BUTTON = """() => {
    const node = window.app.graph._nodes.find(node => node.type === "HumanDiTEditPose"), canvas = window.app.canvas
    const widget = node.widgets.find(widget => widget.type === "button")
    const [x, y] = canvas.ds.convertOffsetToCanvas([node.pos[0] + node.size[0] / 2, node.pos[1] + widget.last_y + 10])
    const box = canvas.canvas.getBoundingClientRect()
    return [box.left + x, box.top + y]
}"""


@dataclass(frozen=True)
class Step:
    """One line of the list: what to do, and the words in bold that it is done with."""

    verb: str
    words: tuple[str, ...]


def commands():
    return re.search(r"```bash\n(.*?)```", PAGE, re.DOTALL).group(1).splitlines()


def steps():
    lines = re.findall(r"^\d+\. (\w+) (.*)$", PAGE, re.MULTILINE)
    return [Step(verb, tuple(re.findall(r"\*\*(.+?)\*\*", rest))) for verb, rest in lines]


def is_met(line):
    wanted = Requirement(line)
    if wanted.marker and not wanted.marker.evaluate():
        return True
    for name in (wanted.name, TWINS.get(wanted.name, wanted.name)):
        try:
            return wanted.specifier.contains(version(name), prereleases=True)
        except PackageNotFoundError:
            continue
    return False


def type_in(folder, command):
    """What a line of the page does in ``folder``; the last one, which starts the server, is the fixture's."""
    first, *rest = shlex.split(command)
    if first == "git":
        (folder / "ComfyUI" / "custom_nodes").mkdir(parents=True)
    elif first == "cp":
        subprocess.run([first, *rest], cwd=folder, check=True)
    elif "pip" in rest and PACK in rest[-1]:
        lines = (folder / rest[-1]).read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if line.strip() and line[0] != "#" and not is_met(line)] == []


@pytest.fixture
def host(tmp_path):
    """The server of somebody who has just typed the commands, and has never opened its page."""
    shutil.copytree(ROOT, tmp_path / PACK, ignore=LEFT_BEHIND)
    *before, start = commands()
    for command in before:
        type_in(tmp_path, command)
    assert start == "python ComfyUI/main.py --cpu"
    with running_host(tmp_path / "ComfyUI", pack=None) as server:
        (server.base / "user" / "default" / "comfy.settings.json").unlink()
        yield server


def click(page, words):
    if words == "Templates" and page.locator(".p-dialog").count():
        return
    if words == "Edit poses":
        page.wait_for_timeout(500)
        page.mouse.click(*page.evaluate(EDIT_BUTTON))
        page.wait_for_selector("dialog.humandit-editor canvas")
        return
    button, text = page.get_by_role("button", name=words, exact=True), page.get_by_text(words, exact=True)
    button.or_(text).filter(visible=True).first.click()
    page.wait_for_timeout(1000)


def follow(page, host, step):
    match step:
        case Step("Click", (words, *_)):
            click(page, words)
        case Step("Press", (keys, *_)):
            page.keyboard.press(keys)
        case Step("Set", (widget, node, value)):
            page.evaluate(SET, [node, widget, value])
        case Step("Wait", ("Save Video",)):
            page.wait_for_function(PLAYS, timeout=600_000)
        case Step("Find", (folder,)):
            assert list((host.base / folder).glob("*.mp4"))
        case _:
            pytest.fail(f"docs/first-hour.md tells something that this test cannot do: {step}")


def test_what_the_page_tells_leads_to_a_film_and_to_the_editor(host, browser):
    errors = []
    page = open_comfy(browser, host.url, errors=errors)
    page.set_default_timeout(60_000)
    page.wait_for_timeout(2000)
    for number, step in enumerate(steps(), 1):
        follow(page, host, step)
        if step.verb in ("Wait", "Press"):
            picture_of(page, "first-hour", f"{number:02d}-{step.verb.lower()}")
    assert page.locator("dialog.humandit-editor").count() == 0
    assert complaints(page) == []
    assert [text for text in errors if FIRST_VISIT not in text] == []
    page.close()
