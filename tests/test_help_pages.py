"""The help pages' pictures: all there, none left over, small enough to be carried along."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from tools.help_pictures import IMAGES, PICTURES
from tools.help_pictures.layout import WIDTH, close, playing

PAGES = sorted(IMAGES.parent.glob("*.md"))
NAMED = re.compile(r"!\[([^]]+)\]\(([^)]+)\)")
BUDGET = 700_000
"""Bytes of all pictures together."""


def named(page: Path) -> list[tuple[str, Path]]:
    """What a page's pictures are said to show, and their files."""
    return [(words, page.parent / name) for words, name in NAMED.findall(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_pictures_of_a_page_are_there_behind_its_first_words(page):
    shown = named(page)
    assert len(shown) <= 1
    for words, path in shown:
        assert path.is_file() and len(words) > 20
        assert page.read_text(encoding="utf-8").split("\n\n")[2].startswith("!["), "behind the first words"


def test_no_picture_is_left_over_and_all_are_small():
    files = sorted(IMAGES.iterdir())
    assert files == sorted(path for page in PAGES for _, path in named(page))
    assert sum(path.stat().st_size for path in files) <= BUDGET
    for path in files:
        assert path.suffix == ".webp" and Image.open(path).width <= WIDTH or path.name == "edit-pose.jpg", path.name


def test_what_the_tool_draws_is_shown_on_the_nodes_own_page():
    for node in PICTURES:
        assert [path.name for _, path in named(IMAGES.parent / f"{node}.md")] == [f"{node}.webp"]


def test_a_close_up_holds_what_it_shows_and_stays_in_the_picture():
    xy = np.full((1, 133, 2), 90.0)
    xy[0, :2] = (40, 20), (70, 95)
    poses = PoseSequence(xy, np.ones((1, 133)), Canvas(100, 200), 25.0)
    rows, columns = close(poses)
    assert (rows, columns) == (slice(16, 98), slice(18, 100))


def test_films_play_beside_each_other_as_long_as_the_shortest():
    film = np.zeros((5, 20, 20, 3), np.uint8)
    shown = playing({"one": film, "other": film[:3]})
    assert shown.shape[0] == 3 and shown.shape[2] <= WIDTH
