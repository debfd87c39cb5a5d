"""Notes, values and colours that several workflows share."""

from __future__ import annotations

MODEL = """The bundled **mini** model is small and quick: 128 × 128 pixels, trained on synthetic people only. Larger
weights go into `models/diffusion_models` and `models/vae`."""
PICTURE = "picture-striped-shirt.png"
SAMPLE = {"width": 128, "height": 128, "frames": 48, "segment_frames": 25, "steps": 20, "guidance": 1.5, "seed": 1}
"""Settings of HumanDiT Sample that suit the bundled model."""
BLUE, GREEN, GOLD = "#3f789e", "#8A8", "#b58b2a"
"""Groups: what comes in, poses, video."""
