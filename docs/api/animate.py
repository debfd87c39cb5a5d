"""Queue a bundled workflow on a running ComfyUI, follow it, fetch the film. Needs: pip install websocket-client

python docs/api/animate.py workflows/api/animate-a-picture.json film.mp4 [http://127.0.0.1:8188]
"""

import json
import sys
import time
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

import websocket

workflow, film, *rest = sys.argv[1:]
url, client = (rest or ["http://127.0.0.1:8188"])[0], uuid.uuid4().hex
prompt = json.loads(Path(workflow).read_text(encoding="utf-8"))
sampler = next(node for node in prompt.values() if node["class_type"] == "HumanDiTSample")
sampler["inputs"] |= {"frames": 24, "seed": 3}  # any input of any node can be changed here

socket = websocket.create_connection(f"{url.replace('http', 'ws', 1)}/ws?clientId={client}")
body = json.dumps({"prompt": prompt, "client_id": client}).encode()
queued = urllib.request.Request(f"{url}/prompt", body, {"Content-Type": "application/json"})
prompt_id = json.load(urllib.request.urlopen(queued))["prompt_id"]
while True:
    message = socket.recv()
    if isinstance(message, bytes):
        continue  # a preview picture
    event = json.loads(message)
    if event["type"] == "progress":
        print(f"{event['data']['value']} of {event['data']['max']}")
    if event["data"].get("prompt_id") == prompt_id and event["type"].startswith("execution_"):
        if event["type"] == "execution_error":
            sys.exit(event["data"]["exception_message"])
        if event["type"] == "execution_success":
            break
while not (history := json.load(urllib.request.urlopen(f"{url}/history/{prompt_id}")).get(prompt_id)):
    time.sleep(0.1)  # it is written a moment after success is told
saver = next(key for key, node in prompt.items() if node["class_type"] == "SaveVideo")
saved = history["outputs"][saver]["images"][0]
query = urllib.parse.urlencode({key: saved[key] for key in ("filename", "subfolder", "type")})
Path(film).write_bytes(urllib.request.urlopen(f"{url}/view?{query}").read())
print(f"{film} is there")
