"""What lies where on the open canvas, as it is drawn: classic nodes by their own sizes, Nodes 2.0 by their elements."""

from __future__ import annotations

import itertools

from playwright.sync_api import Page

TITLE = 30
"""Pixels of a classic node's title, above its place."""
NODES = """title => {
    const ds = window.app.canvas.ds, corner = window.app.canvas.canvas.getBoundingClientRect()
    return window.app.graph._nodes.map(node => {
        const [left, top] = node.pos, [width, height] = node.size
        const element = document.querySelector(`[data-node-id="${node.id}"]`)
        if (!element) return [node.title, left, top - title, left + width, top + height]
        const box = element.getBoundingClientRect()
        const across = x => (x - corner.left) / ds.scale - ds.offset[0]
        const down = y => (y - corner.top) / ds.scale - ds.offset[1]
        return [node.title, across(box.left), down(box.top), across(box.right), down(box.bottom)]
    })
}"""
GROUPS = """() => window.app.graph._groups.map(({title, pos, size}) =>
    [title, pos[0], pos[1], pos[0] + size[0], pos[1] + size[1]])"""
Box = tuple[str, float, float, float, float]
"""Title, left, top, right, bottom, in pixels of the canvas."""
SLACK = 1.0
"""Pixels by which rounded edges may meet."""


def nodes(page: Page) -> list[Box]:
    return [tuple(box) for box in page.evaluate(NODES, TITLE)]


def groups(page: Page) -> list[Box]:
    return [tuple(box) for box in page.evaluate(GROUPS)]


def covered(page: Page) -> list[tuple[str, str]]:
    """Titles of nodes that lie over each other."""
    return [(one[0], other[0]) for one, other in itertools.combinations(nodes(page), 2) if not apart(one, other)]


def hanging_out(page: Page) -> list[str]:
    """Titles of nodes that lie in no group, or not wholly."""
    frames = groups(page)
    return [box[0] for box in nodes(page) if not any(inside(box, frame) for frame in frames)]


def apart(one: Box, other: Box) -> bool:
    _, left, top, right, bottom = one
    _, other_left, other_top, other_right, other_bottom = other
    beside = right <= other_left + SLACK or other_right <= left + SLACK
    return beside or bottom <= other_top + SLACK or other_bottom <= top + SLACK


def inside(box: Box, frame: Box) -> bool:
    _, left, top, right, bottom = box
    return (
        frame[1] <= left + SLACK and frame[2] <= top + SLACK
        and right <= frame[3] + SLACK and bottom <= frame[4] + SLACK
    )  # fmt: skip
