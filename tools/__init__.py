"""Scripts around the project: a ComfyUI server, the demo, the workflow builder. No part of the library."""
