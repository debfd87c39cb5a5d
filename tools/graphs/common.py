"""Notes, values and colours that several workflows share."""

from __future__ import annotations

MODEL = """The bundled **mini** model is small and quick: 128 × 128 pixels, trained on synthetic people only. Larger
weights go into `models/diffusion_models` and `models/vae`."""
PICTURE = "picture-striped-shirt.png"
SAMPLE = {"width": 128, "height": 128, "frames": 48, "segment_frames": 25, "steps": 20, "guidance": 1.5, "seed": 1}
"""Settings of HumanDiT Sample that suit the bundled model."""
BLUE, GREEN, GOLD, ROSE = "#3f789e", "#8A8", "#b58b2a", "#a1574f"
"""Groups: what comes in, poses, video, drafts."""

T5 = "t5xxl_fp8_e4m3fn.safetensors"
COGVIDEOX_VAE = "cogvideox_vae_bf16.safetensors"
"""Files that the workflows of the public 5B weights share."""
TEXT_ENCODER = f"""`comfyanonymous/flux_text_encoders` on Hugging Face (Apache-2.0): `{T5}` (5 GB) into
`models/text_encoders`.

It reads the prompt once and leaves the graphics card before the film is made.

Write whole sentences: the person, clothes, place, light. Only the first 150 words or so are read."""
NEGATIVE = "Blurred, distorted, watermark, text, extra limbs, deformed hands, cartoon, cut."
