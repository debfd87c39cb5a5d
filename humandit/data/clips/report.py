"""What a build did, on one page that needs nothing from outside: counts, histograms, pictures of every decision."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from ...media.write import whole_file
from .rules import Rule
from .svg import histogram

STRIPS = 60
"""Strips of pictures of kept and of rejected clips each; more would make a page that no browser opens."""
STYLE = """
:root { color-scheme: light dark; --good: #2f855a; --bad: #c53030; --line: #8888; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1080px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0 } h2 { font-size: 1.15rem; margin-top: 2.2rem }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .3rem 1.2rem .3rem 0;
border-bottom: 1px solid var(--line); vertical-align: top } td.n, th.n { text-align: right }
td:first-child { white-space: nowrap }
.big { display: flex; gap: 2.5rem; flex-wrap: wrap; margin: 1rem 0 } .big b { display: block; font-size: 1.7rem }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 1.2rem }
figure { margin: 0 } figcaption { font-size: .85rem } svg { max-width: 100%; height: auto; overflow: visible }
svg text { font-size: 11px; fill: currentColor } svg line { stroke: currentColor; stroke-dasharray: 3 3 }
svg path { stroke: var(--line) } .good { fill: var(--good) }
.bad { fill: var(--bad); color: var(--bad) }
.strip { margin: .9rem 0 } .strip img { display: block; max-width: 100%; border-radius: 4px } small { opacity: .75 }
"""


def write_report(
    path: Path, logs: Sequence[dict[str, Any]], rules: Sequence[Rule], scored_by: Mapping[str, str], films: Path
) -> None:
    """The page at ``path``; ``films`` is the folder of the films' own folders, where their pictures are."""
    clips = [
        {**clip, "film": log["film"], "folder": films / f"{log['number']:06d}"} for log in logs for clip in log["clips"]
    ]
    parts = [
        _totals(logs, clips), _scored(scored_by), _rules(rules, clips), _figures(rules, clips),
        _strips("Kept", [c for c in clips if c["kept"]]), _strips("Rejected", [c for c in clips if not c["kept"]]),
        _films(logs),
    ]  # fmt: skip
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Data report</title><style>{STYLE}</style><h1>Data report</h1>{''.join(parts)}</html>"
    )
    with whole_file(path) as part:
        part.write_text(page, encoding="utf-8")


def _totals(logs: Sequence[dict[str, Any]], clips: Sequence[dict[str, Any]]) -> str:
    kept = [clip for clip in clips if clip["kept"]]
    seconds = sum(clip["end_seconds"] - clip["start_seconds"] for clip in kept)
    numbers = {
        "films": len(logs), "of them unreadable": sum(log["error"] is not None for log in logs),
        "cuts": sum(len(log["cuts"]) for log in logs), "clips kept": len(kept),
        "clips rejected": len(clips) - len(kept), "seconds kept": f"{seconds:.1f}",
    }  # fmt: skip
    return '<div class="big">' + "".join(f"<div><b>{v}</b>{escape(k)}</div>" for k, v in numbers.items()) + "</div>"


def _scored(scored_by: Mapping[str, str]) -> str:
    rows = "".join(f"<tr><th>{escape(part)}</th><td>{escape(name)}</td></tr>" for part, name in scored_by.items())
    return f"<h2>What did what</h2><table>{rows}</table>"


def _rules(rules: Sequence[Rule], clips: Sequence[dict[str, Any]]) -> str:
    """The table of rules, with how many clips each judged and took; alone: those that no other rule took."""
    judged = Counter(name for clip in clips for name, figure in clip["figures"].items() if figure is not None)
    taken = Counter(name for clip in clips for name in clip["broken"])
    alone = Counter(next(iter(clip["broken"])) for clip in clips if len(clip["broken"]) == 1)
    rows = "".join(
        f"<tr><td>{rule.name}</td><td>{escape(rule.sign)} {rule.limit:g}{escape(rule.unit)}</td>"
        f"<td>{escape(rule.text)}</td><td>{escape(rule.source)}</td>"
        f'<td class="n">{judged[rule.name]}</td>'
        f'<td class="n{" bad" if taken[rule.name] else ""}">{taken[rule.name]}</td>'
        f'<td class="n">{alone[rule.name]}</td></tr>'
        for rule in rules
    )
    head = (
        '<tr><th>rule</th><th>needed</th><th>else</th><th>source</th><th class="n">judged</th><th class="n">took</th>'
    )
    note = (
        "What is too short, too small or shared with somebody is not looked at more closely: later rules judge fewer."
    )
    table = f'<table>{head}<th class="n">alone</th></tr>{rows}</table>'
    return f"<h2>Rules</h2>{table}<p><small>{note}</small></p>"


def _figures(rules: Sequence[Rule], clips: Sequence[dict[str, Any]]) -> str:
    drawn = []
    for rule in rules:
        values = [f for clip in clips if (f := clip["figures"].get(rule.name)) is not None]
        if values and rule.name != "person":
            count = f"{len(values)} clip{'s' * (len(values) > 1)}"
            about = f"{rule.name} {escape(rule.sign)} {rule.limit:g}{escape(rule.unit)}, {count}"
            bars = histogram(values, rule.limit, rule.least is not None)
            drawn.append(f"<figure>{bars}<figcaption>{about}</figcaption></figure>")
    return f'<h2>Figures of all clips</h2><div class="grid">{"".join(drawn)}</div>'


def _strips(title: str, clips: Sequence[dict[str, Any]]) -> str:
    """Clips as rows of pictures, spread evenly over all."""
    picks = [clips[i] for i in np.linspace(0, len(clips) - 1, min(STRIPS, len(clips))).round().astype(int)]
    more = f" <small>({len(picks)} of {len(clips)} shown)</small>" if len(picks) < len(clips) else ""
    rows = "".join(_strip(clip) for clip in picks) or "<p>None.</p>"
    return f"<h2>{title}{more}</h2>{rows}"


def _strip(clip: dict[str, Any]) -> str:
    picture = clip["folder"] / f"{clip['key']}.jpg"
    image = ""
    if picture.is_file():
        image = f'<img alt="" src="data:image/jpeg;base64,{b64encode(picture.read_bytes()).decode()}">'
    where = f"{escape(clip['film'])}, {clip['start_seconds']:.1f} to {clip['end_seconds']:.1f} s"
    if clip["kept"]:
        some = ("frames", "hand_clarity", "teeth_clarity", "mean_quality", "text_share", "background_points")
        shown = [f"{n} {clip['figures'][n]:.3g}" for n in some if clip["figures"].get(n) is not None]
        why = f"{clip['key']}: {escape(', '.join(shown))}"
    else:
        why = f'<span class="bad">{escape("; ".join(clip["words"]))}</span>'
    return f'<div class="strip">{image}<small>{where}</small> {why}</div>'


def _films(logs: Sequence[dict[str, Any]]) -> str:
    rows = []
    for log in logs:
        kept = sum(clip["kept"] for clip in log["clips"])
        cuts = ", ".join(f"{t:.1f} s" for t in log["cuts"])
        rows.append(
            f'<tr><td>{escape(log["film"])}</td><td class="n">{kept}</td><td class="n">{len(log["clips"]) - kept}</td>'
            f'<td>{cuts}</td><td class="bad">{escape(log["error"] or "")}</td></tr>'
        )
    head = '<tr><th>film</th><th class="n">kept</th><th class="n">rejected</th><th>cuts</th><th>problem</th></tr>'
    return f"<h2>Films</h2><table>{head}{''.join(rows)}</table>"
