"""The editor's own files on a page without a server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.conftest import ROOT

URL = "http://humandit.test/"
TYPES = {".js": "text/javascript", ".css": "text/css"}


def serve(page: Any, files: Mapping[str, bytes]) -> None:
    """Everything under ``web/js``, ``files`` by their names, and an empty page for the rest."""

    def answer(route: Any) -> None:
        name = route.request.url.removeprefix(URL)
        file = ROOT / "web" / "js" / name
        if name in files:
            return route.fulfill(body=files[name], content_type="application/octet-stream")
        if name and file.is_file():
            return route.fulfill(body=file.read_text("utf-8"), content_type=TYPES[file.suffix])
        return route.fulfill(body="<!doctype html>", content_type="text/html")

    page.route(URL + "**", answer)
