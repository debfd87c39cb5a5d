"""The command: what it refuses before it looks at any film."""

import json

import pytest

from humandit.cli import main, parser_for
from humandit.commands import train
from humandit.errors import HumanDiTError


def refused(capsys, *words):
    assert main(["data", "build", *map(str, words)]) == 2
    return capsys.readouterr().err


def test_the_two_kinds_of_data_have_their_own_options():
    args = parser_for("data").parse_args(
        ["data", "build", "films", "--out", "o", "--rule", "frames=9", "--rule", "side=64"]
    )
    assert args.kind == "build" and args.rule == ["frames=9", "side=64"] and args.seconds == 20 and args.clips == 64
    assert parser_for("data").parse_args(["data", "synthetic", "--out", "o"]).kind == "synthetic"


def test_what_cannot_be_meant_is_refused(capsys, tmp_path):
    (tmp_path / "films").mkdir()
    out = tmp_path / "out"
    assert "found neither" in refused(capsys, tmp_path / "gone", "--out", out)
    assert "holds no film" in refused(capsys, tmp_path / "films", "--out", out)
    assert "no rule 'fun'" in refused(capsys, tmp_path / "films", "--out", out, "--rule", "fun=1")
    assert "at least 1" in refused(capsys, tmp_path / "films", "--out", out, "--workers", 0)
    assert not out.exists()


def test_a_named_part_that_is_missing_stops_before_any_film(capsys, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"x")
    for option, words in (
        ("--quality", "no Q-Align"),
        ("--clarity", "no clarity scorer"),
        ("--cotracker", "no CoTracker"),
    ):
        assert words in refused(capsys, tmp_path / "a.mp4", "--out", tmp_path / "out", option, tmp_path / "none")
    assert not (tmp_path / "out").exists()


def test_no_clip_left_is_an_error_with_a_report(capsys, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"no film")
    out = tmp_path / "out"
    assert "1 could not be read" in refused(capsys, tmp_path, "--out", out, "--text", "none", "--workers", 1)
    assert "cannot be decoded" in (out / "report.html").read_text()
    assert json.loads((out / "log.jsonl").read_text())["film"] == "a.mp4"


def test_the_scorer_does_not_learn_from_shards(tmp_path):
    args = parser_for("train").parse_args(["train", "clarity", "--out", str(tmp_path), "--data", str(tmp_path)])
    with pytest.raises(HumanDiTError, match="not from --data"):
        train.run(args)
