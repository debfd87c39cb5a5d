"""A bundled picture and film, so that the first run needs nothing from the user."""

from __future__ import annotations

from comfy_api.latest import io

from . import host, host_files
from .types import schema

PICTURES, FILMS = "picture-*.png", "film-*.mp4"
"""Names of the bundled files."""


class HumanDiTExample(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTExample",
            display_name="HumanDiT Example",
            category="HumanDiT/load",
            description="A bundled picture of a person and a bundled film of another one, to try the pack with.",
            search_aliases=["humandit demo", "sample picture", "sample film"],
            inputs=[
                io.Combo.Input(
                    "picture",
                    host_files.example_files(PICTURES),
                    tooltip="Picture of the person to animate. Replace this node by Load Image to use your own.",
                ),
                io.Combo.Input(
                    "film",
                    host_files.example_files(FILMS),
                    tooltip="Film of the person whose motion is taken over. Replace by Load Video and Get Video "
                    "Components to use your own.",
                ),
            ],
            outputs=[
                io.Image.Output("picture_image", display_name="picture", tooltip="The picture, one image."),
                io.Image.Output("film_frames", display_name="frames", tooltip="Every frame of the film."),
                io.Float.Output("film_fps", display_name="fps", tooltip="Frames per second of the film."),
            ],
        )

    @classmethod
    def execute(cls, picture: str, film: str) -> io.NodeOutput:
        from ..humandit.media.read import read_film, read_image

        moving = read_film(host_files.EXAMPLES / host.choice(film, host_files.example_files(FILMS), "example films"))
        still = read_image(
            host_files.EXAMPLES / host.choice(picture, host_files.example_files(PICTURES), "example pictures")
        )
        return io.NodeOutput(host.to_image(still[None]), host.to_image(moving.frames), moving.fps)


NODES = (HumanDiTExample,)
