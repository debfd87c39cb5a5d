"""Compare: two films side by side, and how far apart they are."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io, ui

from . import host
from .types import schema

SIDE, HEAT, ONLY_HEAT = "side by side", "with differences", "differences only"
LAYOUTS = [SIDE, HEAT, ONLY_HEAT]


class HumanDiTCompare(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTCompare",
            display_name="HumanDiT Compare",
            category="HumanDiT/video",
            description="Two films side by side with the figures of their difference: other settings, seeds or "
            "weights, or a result and the film it should be.",
            search_aliases=["psnr", "ssim", "lpips", "difference", "side by side", "a/b test", "metrics", "quality"],
            hidden=[io.Hidden.unique_id],
            is_output_node=True,
            inputs=[
                io.Image.Input("images_a", tooltip="The first film, or a picture."),
                io.Image.Input(
                    "images_b",
                    tooltip="The second film, in step with the first. If it is longer or shorter, only as many frames "
                    "as both have are compared; if its size differs, it is scaled to the first one's.",
                ),
                io.String.Input("label_a", default="A", optional=True, tooltip="Name above the first film."),
                io.String.Input("label_b", default="B", optional=True, tooltip="Name above the second film."),
                io.Combo.Input(
                    "layout",
                    LAYOUTS,
                    default=HEAT,
                    optional=True,
                    tooltip="What the comparison shows. Differences are black where both films are the same, then red; "
                    "yellow is a quarter of the full range or more.",
                ),
            ],
            outputs=[
                io.Image.Output(
                    "comparison", display_name="comparison", tooltip="The films in one, for Save or Create Video."
                ),
                io.Image.Output("plot", display_name="plot", tooltip="The figures over the frames, as one picture."),
                io.String.Output("report", display_name="report", tooltip="The figures in words."),
            ],
        )

    @classmethod
    def execute(
        cls, images_a: Any, images_b: Any, label_a: str = "A", label_b: str = "B", layout: str = HEAT
    ) -> io.NodeOutput:
        from ..humandit.metrics.compare import compare_films, heat, report, side_by_side
        from ..humandit.metrics.report.chart import chart

        layout = host.choice(layout, LAYOUTS, "layouts")
        a, b = host.to_uint8(images_a), host.to_uint8(images_b)
        found = compare_films(a, b, host.progress(min(len(a), len(b))))
        films = [] if layout == ONLY_HEAT else [(label_a, found.a), (label_b, found.b)]
        films += [] if layout == SIDE else [("difference", heat(found.a, found.b))]
        text = report(found, label_a, label_b)
        picture, plot = host.to_image(side_by_side(films)), host.to_image(chart(found.figures)[None])
        host.show_text(text, cls.hidden.unique_id)
        shown = ui.PreviewImage(picture[found.worst : found.worst + 1], cls=cls).as_dict()
        return io.NodeOutput(picture, plot, text, ui={**shown, "text": (text,)})


NODES = (HumanDiTCompare,)
