"""Fetching public files from a real HTTP server on this machine."""

from __future__ import annotations

import argparse
import hashlib
import io
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from humandit.commands import weights
from humandit.errors import HumanDiTError, InvalidWeights, MissingDependency
from humandit.weights import public
from humandit.weights.download import fetch
from humandit.weights.public import SETS, Digest, PublicFile, PublicSet

DATA = bytes(range(256)) * 5000


@dataclass
class Site:
    """What the server gives, and what it was asked: path -> content; the ranges of all requests."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    ranges: list[str | None] = field(default_factory=list)
    stop_after: int | None = None
    forbidden: bool = False


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data, asked = here.files.get(self.path.lstrip("/")), self.headers.get("Range")
            here.ranges.append(asked)
            if here.forbidden or data is None:
                self.send_error(401 if here.forbidden else 404)
                return
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            stop = len(data) if here.stop_after is None else here.stop_after
            self.wfile.write(data[start:stop])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield here
    server.shutdown()
    server.server_close()
    thread.join()


def digest(data: bytes) -> Digest:
    return Digest(len(data), hashlib.sha256(data).hexdigest())


def offered(site: Site, name: str = "net.bin", data: bytes = DATA) -> PublicFile:
    site.files[name] = data
    return PublicFile(name, f"{site.url}/{name}", "https://example.org/page", "MIT", digest(data))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_a_file_comes_once_and_whole(site, tmp_path):
    file, steps = offered(site), []
    path = fetch(file, tmp_path / "new", lambda here, expected: steps.append((here, expected)))
    assert path.read_bytes() == DATA and steps[-1] == (len(DATA), len(DATA)) and names(path.parent) == ["net.bin"]
    assert fetch(file, tmp_path / "new") == path and len(site.ranges) == 1


def test_another_content_is_refused_and_deleted(site, tmp_path):
    file = offered(site)
    site.files["net.bin"] = DATA[:-1] + b"!"
    with pytest.raises(InvalidWeights, match=r"SHA-256 \w{12}…, expected \w{12}…: it is damaged"):
        fetch(file, tmp_path)
    assert names(tmp_path) == []
    site.files["net.bin"] = DATA + b"!"
    with pytest.raises(InvalidWeights, match=f"has {len(DATA) + 1} bytes, expected {len(DATA)}"):
        fetch(file, tmp_path)
    assert names(tmp_path) == []


def test_a_broken_download_goes_on_where_it_stopped(site, tmp_path):
    file, site.stop_after = offered(site), 700_000
    with pytest.raises(MissingDependency, match=f"broke off after 700000 of {len(DATA)} bytes"):
        fetch(file, tmp_path)
    assert names(tmp_path) == [".net.bin.part"]
    site.stop_after = None
    assert fetch(file, tmp_path).read_bytes() == DATA and site.ranges == [None, "bytes=700000-"]
    assert names(tmp_path) == ["net.bin"]


def test_without_a_checksum_a_download_starts_anew(site, tmp_path):
    file, site.stop_after = replace(offered(site), content=Digest()), 10
    with pytest.raises(MissingDependency, match="broke off"):
        fetch(file, tmp_path)
    site.stop_after = None
    assert fetch(file, tmp_path).read_bytes() == DATA and site.ranges == [None, None]


def test_without_a_checksum_the_kind_of_file_must_be_right(site, tmp_path):
    for name in ("net.onnx", "net_torchscript.pt2"):
        file = replace(offered(site, name, b"<html>log in</html>"), content=Digest())
        with pytest.raises(InvalidWeights, match="ONNX model|TorchScript"):
            fetch(file, tmp_path)
    assert names(tmp_path) == []


def test_the_net_is_taken_out_of_its_archive(site, tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("20230831/rtmpose/end2end.onnx", DATA)
        archive.writestr("20230831/rtmpose/pipeline.json", "{}")
    zipped = buffer.getvalue()
    site.files["net.zip"] = zipped
    page = "https://example.org"
    file = PublicFile("net.onnx", f"{site.url}/net.zip", page, "MIT", digest(DATA), digest(zipped))
    assert fetch(file, tmp_path).read_bytes() == DATA and names(tmp_path) == ["net.onnx"]
    other = replace(file, name="other.onnx", content=digest(b"other"))
    with pytest.raises(InvalidWeights, match=f"has {len(DATA)} bytes, expected 5"):
        fetch(other, tmp_path)
    no_zip = replace(file, name="third.onnx", archive=digest(DATA))
    site.files["net.zip"] = DATA
    with pytest.raises(InvalidWeights, match="gave no zip archive"):
        fetch(no_zip, tmp_path)
    assert names(tmp_path) == ["net.onnx"]


def test_a_foreign_file_in_the_way_is_left_alone(site, tmp_path):
    (tmp_path / "net.bin").write_bytes(b"mine")
    with pytest.raises(InvalidWeights, match="has 4 bytes, expected .* Move it away"):
        fetch(offered(site), tmp_path)
    assert (tmp_path / "net.bin").read_bytes() == b"mine" and not site.ranges


def test_offline_says_how_to_fetch_by_hand(site, tmp_path):
    file = replace(offered(site), url="http://127.0.0.1:9/net.bin")
    with pytest.raises(MissingDependency, match=r"refused.* By hand: fetch http://127.0.0.1:9/net.bin .* save it as"):
        fetch(file, tmp_path)
    site.forbidden = True
    with pytest.raises(
        MissingDependency, match=r"answered 401 Unauthorized.* accept its licence with .*example.org/page"
    ):
        fetch(offered(site), tmp_path)
    assert names(tmp_path) == []


def command(*words: object) -> dict:
    parser = argparse.ArgumentParser()
    weights.add_arguments(parser)
    return weights.run(parser.parse_args([str(word) for word in words]))


@pytest.fixture
def dwpose(site, monkeypatch) -> PublicSet:
    """The set "dwpose" with two small files on the test's server."""
    entry = PublicSet("dwpose", "two nets", (offered(site), replace(offered(site, "b.bin"), content=Digest())))
    monkeypatch.setattr(public, "SETS", (entry,))
    return entry


def test_get_needs_a_yes(dwpose, site, tmp_path, monkeypatch):
    with pytest.raises(
        HumanDiTError, match=r"net.bin \(1.3 MB, MIT, checksum known\) from http.* Add --yes .*download to"
    ):
        command("get", "dwpose", "--to", tmp_path)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: "")
    with pytest.raises(HumanDiTError, match="licence was not accepted"):
        command("get", "dwpose", "--to", tmp_path)
    assert not site.ranges and names(tmp_path) == []
    monkeypatch.setattr("builtins.input", lambda _: "y")
    result = command("get", "dwpose", "--to", tmp_path)
    assert result["files"] == ["net.bin", "b.bin"] == sorted(names(tmp_path), reverse=True)
    assert result["unverified"] == ["b.bin"] and result["licence"] == "MIT"


def test_get_with_yes_asks_nothing(dwpose, tmp_path):
    assert command("get", "dwpose", "--to", tmp_path, "--yes")["folder"] == str(tmp_path)
    assert command("get", "dwpose", "--to", tmp_path)["folder"] == str(tmp_path)  # all is here: nothing to accept


def test_list_tells_what_can_be_checked():
    rows = {row["file"]: row for row in command("list", "--json")["weights"] if "file" in row}
    assert rows["dw-ll_ucoco_384.onnx"]["checksum"].startswith("724f4ff2")
    assert rows["vitpose_h_wholebody_data.bin"]["checksum"] == "unverified"
    assert "CC-BY-NC-4.0, unverified" in command("list")["sapiens-0.3b (pose)"]


def test_every_entry_can_be_used():
    assert len({entry.name for entry in SETS}) == len(SETS)
    for file in {file for entry in SETS for file in entry.files}:
        assert file.url.startswith("https://") and file.page.startswith("https://") and file.licence
        assert all(d.sha256 is None or len(d.sha256) == 64 for d in (file.content, file.fetched))
        assert (file.archive is not None) == file.url.endswith(".zip")
        assert not file.verified or file.fetched.sha256 or file.archive


def test_the_networks_of_the_metrics_have_a_folder_of_their_own(monkeypatch, tmp_path):
    """``evaluate`` looks where ``weights get`` puts them, under the names it fetches."""
    from humandit.metrics.backbones import files

    monkeypatch.setenv("HUMANDIT_CACHE", str(tmp_path))
    rows = {row["file"]: row for row in command("list", "--json")["weights"] if row["kind"] == "metrics"}
    wanted = {name for pair in files.LPIPS_FILES.values() for name in pair} | {files.INCEPTION_FILE, files.I3D_FILE}
    assert set(rows) == wanted
    assert {row["folder"] for row in rows.values()} == {str(files.folder())} == {str(tmp_path / "metrics")}
    assert "I3D" in command("list")["fvd (metrics)"]
