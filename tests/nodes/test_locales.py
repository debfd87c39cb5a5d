"""The nodes' words in other languages: as many as the English ones, and of the same texts."""

import asyncio
import json

import pytest

from tools.locales import LANGUAGES, LOCALES, SOURCES, mark, problems, read, texts, words_of


@pytest.fixture(scope="module")
def english(pack):
    extension = asyncio.run(pack("nodes").comfy_entrypoint())
    nodes = asyncio.run(extension.get_node_list())
    infos = {node.GET_SCHEMA().node_id: node.GET_NODE_INFO_V1() for node in nodes}
    return words_of(infos)


def test_the_english_file_says_what_the_nodes_say(english):
    assert read("en") == english, "run `python -m tools.locales`"


def test_translations_are_whole_and_up_to_date(english):
    assert problems(english) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_are_not_english(english, language):
    told, wanted = texts(read(language)), texts(english)
    same = [place for place, text in told.items() if text == wanted[place] and not place.endswith("/name")]
    assert same == []


def test_marks_tell_a_changed_text(english, tmp_path, monkeypatch):
    assert mark("a") != mark("b") and len(json.loads(SOURCES.read_text(encoding="utf-8"))) == len(LANGUAGES)
    node = next(iter(english))
    changed = {**english, node: {**english[node], "description": "Something else."}}
    assert problems(changed) == [f"{language}: {node}/description translates an older text" for language in LANGUAGES]
    assert (LOCALES / "en" / "nodeDefs.json").is_file()
