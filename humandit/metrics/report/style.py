"""How the page looks, by day and by night."""

STYLE = """
:root {
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d1c1a; --soft: #6d6a64; --line: #e4e1db; --first: #c2410c;
  --other: #8a877f;
}
@media (prefers-color-scheme: dark) {
  :root {
  --paper: #17161a; --card: #201f24; --ink: #eceaf0; --soft: #a19daa; --line: #35333b; --first: #fb923c;
  --other: #8d8996;
}
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
main { max-width: 1240px; margin: 0 auto; padding: 36px 24px 64px; }
h1 { font-size: 30px; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 20px; margin: 44px 0 4px; }
p { margin: 0 0 14px; max-width: 78ch; }
.soft { color: var(--soft); }
.numbers { display: flex; flex-wrap: wrap; gap: 12px; margin: 22px 0 0; }
.number {
  background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px;
  min-width: 150px;
}
.number b { display: block; font-size: 24px; font-variant-numeric: tabular-nums; }
.number span { color: var(--soft); font-size: 13px; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(380px, 1fr)); gap: 16px; margin-top: 14px; }
.plot, .film {
  background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; margin: 0;
}
.plot figcaption, .film figcaption { font-weight: 600; margin-bottom: 6px; }
.plot figcaption span, .film figcaption span { font-weight: 400; color: var(--soft); font-size: 13px; }
svg { width: 100%; height: auto; display: block; }
svg text { font-size: 12px; fill: var(--soft); }
svg .grid { stroke: var(--line); }
svg .seam { stroke: var(--other); stroke-dasharray: 3 4; }
svg polyline { fill: none; stroke: var(--other); stroke-width: 1.5; stroke-linejoin: round; opacity: 0.75; }
svg .whisker { stroke: var(--other); stroke-width: 2; }
svg circle { fill: var(--other); }
svg .first text { fill: var(--first); font-weight: 600; }
svg .first polyline { stroke: var(--first); stroke-width: 3; opacity: 1; }
svg .first .whisker { stroke: var(--first); }
svg .first circle { fill: var(--first); }
.film { margin-top: 16px; overflow-x: auto; }
.film .labels { display: grid; font-size: 13px; color: var(--soft); text-align: center; min-width: 560px; }
.film .labels .first { color: var(--first); font-weight: 600; }
.film img { width: 100%; min-width: 560px; display: block; border-radius: 4px; }
.table {
  overflow-x: auto; margin-top: 14px; background: var(--card); border: 1px solid var(--line);
  border-radius: 10px;
}
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 8px 12px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
tr:last-child td, tr:last-child th { border-bottom: 0; }
th:first-child { text-align: left; position: sticky; left: 0; background: var(--card); }
th { font-weight: 600; }
thead th { color: var(--soft); vertical-align: bottom; }
td small { display: block; color: var(--soft); font-size: 11px; }
tr.first th { color: var(--first); }
td.best { font-weight: 700; }
tr.bound { color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 18px; margin: 12px 0 0; font-size: 14px; }
dt { font-weight: 600; }
dd { margin: 0; color: var(--soft); }
"""
