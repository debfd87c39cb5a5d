"""Notes, values and colours that several workflows share."""

from __future__ import annotations

from typing import Any

from humandit.weights.full_size import T5
from tools.graph import group, node, note

MODEL = """The bundled **mini** model is small and quick: 192 × 192 pixels, trained on synthetic people only. Larger
weights go into *models/diffusion_models* and *models/vae*."""
PICTURE = "picture-striped-shirt.png"
SAMPLE = {"width": 192, "height": 192, "frames": 48, "segment_frames": 25, "steps": 2, "guidance": 1.0, "seed": 1}
"""Settings of HumanDiT Sample that suit the bundled model."""
BLUE, GREEN, GOLD, ROSE = "#3f789e", "#8A8", "#b58b2a", "#a1574f"
"""Groups: what comes in, poses, video, drafts."""

DRAFT = """**Draft** cuts the person out of the picture and moves the pieces: no model, a few seconds, any computer.
Look here first whether timing, framing and the fit are right; then let the model paint it. **The draft alone:** select
*Save the draft* and press \u25b6 above it. For a storyboard it may do: *label* takes the word out of its corner."""

TEXT_ENCODER = f"""*{T5.repository}* on Hugging Face (Apache-2.0): **{T5.name}** ({T5.size}) into
*models/{T5.folder}*.

It reads the prompt once and leaves the graphics card before the film is made.

Write whole sentences: the person, clothes, place, light. Only the first 150 words or so are read."""
NEGATIVE = "Blurred, distorted, watermark, text, extra limbs, deformed hands, cartoon, cut."


def draft(
    first: int, corner: tuple[int, int], links: dict[str, Any], film: int = 470, **values: Any
) -> tuple[dict[str, Any], ...]:
    """A draft and its video: four nodes, numbered from ``first``.

    Args:
        corner: of their group, see :func:`draft_group`.
        links: of HumanDiT Draft.
        film: height of the node that plays it; a standing film takes more.
        values: of the draft's widgets.
    """
    made, (left, top) = {"images": (first, 0), "fps": (first, 1)}, corner
    return (
        node(first, "HumanDiTDraft", (left + 10, top + 80), (300, 580), links=links, values=values),
        node(first + 1, "CreateVideo", (left + 350, top + 80), (330, 90), title="Draft video", links=made),
        node(
            first + 2, "SaveVideo", (left + 350, top + 230), (330, film), title="Save the draft",
            links={"video": (first + 1, 0)}, values={"filename_prefix": "humandit/draft"},
        ),
        note(first + 3, "See before you pay", (left + 10, top + 720), (300, 190), DRAFT),
    )  # fmt: skip


def draft_group(corner: tuple[int, int], size: tuple[int, int]) -> dict[str, Any]:
    return group("Draft, in seconds", corner, size, ROSE)
