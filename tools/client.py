"""A small client of ComfyUI's HTTP and websocket interface: queue, follow, fetch."""

from __future__ import annotations

import json
import mimetypes
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ENDS = ("execution_success", "execution_error", "execution_interrupted")


class HostError(RuntimeError):
    """An answer of the server that is not a success: ``status`` and the decoded ``body``."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"HTTP {status}: {json.dumps(body)[:2000]}")
        self.status, self.body = status, body

    @property
    def messages(self) -> str:
        """Every node error of a refused prompt, as one text."""
        return node_messages(self.body.get("node_errors", {})) if isinstance(self.body, dict) else ""


def node_messages(nodes: dict[str, Any]) -> str:
    """The server's complaints about nodes, one line each."""
    errors = [error for node in nodes.values() for error in node.get("errors", [])]
    return "\n".join(f"{error['message']}: {error['details']}" for error in errors)


@dataclass
class Event:
    """One websocket message: its type, its data, and seconds since the prompt was queued."""

    kind: str
    data: dict[str, Any]
    seconds: float


@dataclass
class Run:
    """What became of one prompt."""

    prompt_id: str
    events: list[Event] = field(default_factory=list)
    previews: list[bytes] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    refused: str = ""
    """Complaints about parts of the graph that were left out while the rest ran."""

    @property
    def end(self) -> str:
        return next((event.kind for event in reversed(self.events) if event.kind in ENDS), "")

    @property
    def error(self) -> str:
        """The message of the node that failed, or an empty text."""
        found = [event.data for event in self.events if event.kind == "execution_error"]
        return found[-1]["exception_message"] if found else ""

    def progress(self, node: str) -> list[int]:
        """The distinct step counts that ``node`` reported, in order."""
        states = [e.data["nodes"][node] for e in self.events if e.kind == "progress_state" and node in e.data["nodes"]]
        values = [int(state["value"]) for state in states]
        return [value for i, value in enumerate(values) if i == 0 or value != values[i - 1]]

    def files(self) -> list[dict[str, str]]:
        """Every saved file: what ``Client.view`` takes."""
        kinds = ("images", "video", "gifs")
        return [f for output in self.outputs.values() for kind in kinds for f in output.get(kind, [])]


class Client:
    """Talks to one server under one client id."""

    def __init__(self, url: str) -> None:
        self.url, self.id = url.rstrip("/"), uuid.uuid4().hex

    def request(self, path: str, body: bytes | None = None, content_type: str = "application/json") -> bytes:
        call = urllib.request.Request(self.url + path, data=body, headers={"Content-Type": content_type})
        try:
            with urllib.request.urlopen(call, timeout=120) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            try:
                raise HostError(error.code, json.loads(text)) from None
            except json.JSONDecodeError:
                raise HostError(error.code, text) from None

    def get(self, path: str) -> Any:
        return json.loads(self.request(path))

    def post(self, path: str, data: Any) -> Any:
        answer = self.request(path, json.dumps(data).encode())
        return json.loads(answer) if answer else None

    def upload(self, path: Path, name: str | None = None) -> str:
        """Put a picture or film into the server's input folder; returns the name to use in a load node."""
        name, mark = name or path.name, uuid.uuid4().hex
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        head = f'--{mark}\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\n'
        head += f"Content-Type: {kind}\r\n\r\n"
        tail = f'\r\n--{mark}\r\nContent-Disposition: form-data; name="overwrite"\r\n\r\ntrue\r\n--{mark}--\r\n'
        body = head.encode() + path.read_bytes() + tail.encode()
        return json.loads(self.request("/upload/image", body, f"multipart/form-data; boundary={mark}"))["name"]

    def view(self, file: dict[str, str]) -> bytes:
        query = {key: file[key] for key in ("filename", "subfolder", "type") if key in file}
        return self.request("/view?" + urllib.parse.urlencode(query))

    def interrupt(self) -> None:
        self.post("/interrupt", {})

    def run(self, prompt: dict[str, Any], on_event: Callable[[Event], None] | None = None, timeout: float = 900) -> Run:
        """Queue an API-form prompt and follow it to its end. Raises ``HostError`` when it is refused."""
        import websocket

        address = f"{self.url.replace('http', 'ws', 1)}/ws?clientId={self.id}"
        socket = websocket.create_connection(address, timeout=30)
        try:
            socket.send(json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}}))
            answer = self.post("/prompt", {"prompt": prompt, "client_id": self.id})
            run = Run(answer["prompt_id"], refused=node_messages(answer.get("node_errors") or {}))
            self._follow(socket, run, on_event, timeout)
        finally:
            socket.close()
        run.outputs = self._outputs(run.prompt_id)
        return run

    def _outputs(self, prompt_id: str, patience: float = 10.0) -> dict[str, Any]:
        """What the nodes of a prompt left; the server writes it down a moment after it says that it is done."""
        deadline = time.monotonic() + patience
        while True:
            entry = self.get(f"/history/{prompt_id}").get(prompt_id)
            if entry or time.monotonic() > deadline:
                return (entry or {}).get("outputs", {})
            time.sleep(0.05)

    def _follow(self, socket: Any, run: Run, on_event: Callable[[Event], None] | None, timeout: float) -> None:
        started = time.monotonic()
        socket.settimeout(timeout)
        while not run.end:
            message = socket.recv()
            seconds = time.monotonic() - started
            if seconds > timeout:
                raise TimeoutError(f"The prompt did not end within {timeout:.0f} s.")
            if isinstance(message, bytes):
                run.previews.append(message)
                continue
            decoded = json.loads(message)
            data = decoded.get("data") or {}
            if data.get("prompt_id", run.prompt_id) != run.prompt_id:
                continue
            event = Event(decoded["type"], data, seconds)
            run.events.append(event)
            if on_event:
                on_event(event)
