"""Poses in files and in the words of other packs: Pose To Keypoint, Save Pose, Load Pose."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from . import host, host_files
from .types import DEFAULT_FPS, KeypointSocket, PoseSocket, as_people, pose_input, schema

DIALECTS = ["aux", "sdpose"]
FORMATS = ["humandit", "POSE_KEYPOINT (aux)", "POSE_KEYPOINT (sdpose)"]


class HumanDiTPoseToKeypoint(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTPoseToKeypoint",
            display_name="HumanDiT Pose To Keypoint",
            category="HumanDiT/pose",
            description="Turns poses into POSE_KEYPOINT, the form that other packs draw, edit and save; puts several "
            "people into one film.",
            search_aliases=["openpose json", "pose_keypoint", "dwpose keypoints", "several people"],
            inputs=[
                pose_input("poses", "Poses, ours or POSE_KEYPOINT; everybody in a POSE_KEYPOINT is kept."),
                io.Combo.Input(
                    "dialect",
                    DIALECTS,
                    default="aux",
                    tooltip="'aux' for the ControlNet preprocessors and most packs: points are there or not. 'sdpose' "
                    "for ComfyUI's own SDPose nodes: real scores and feet; the preprocessors drop such points.",
                ),
                pose_input(
                    "others",
                    "More people of the same film: same size, same number of frames. Connect another Pose To Keypoint "
                    "for a third person.",
                    optional=True,
                ),
            ],
            outputs=[
                KeypointSocket.Output(
                    "pose_keypoint", display_name="POSE_KEYPOINT", tooltip="One list of people per frame."
                )
            ],
        )

    @classmethod
    def execute(cls, poses: Any, dialect: str, others: Any = None) -> io.NodeOutput:
        from ..humandit.pose.formats import to_pose_keypoint

        people = as_people(poses) + ([] if others is None else as_people(others))
        chosen = "sdpose" if host.choice(dialect, DIALECTS, "dialects") == "sdpose" else "aux"
        return io.NodeOutput(to_pose_keypoint(people, chosen))


class HumanDiTSavePose(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTSavePose",
            display_name="HumanDiT Save Pose",
            category="HumanDiT/pose",
            description="Writes poses into a JSON file in ComfyUI's output folder. A minute of film takes some MB.",
            search_aliases=["export pose", "pose json", "openpose json"],
            is_output_node=True,
            inputs=[
                pose_input("poses", "Poses to keep, ours or POSE_KEYPOINT; everybody in a POSE_KEYPOINT is written."),
                io.String.Input(
                    "filename_prefix",
                    default="poses/humandit",
                    tooltip="Folder and beginning of the file's name inside ComfyUI's output folder; a number is "
                    "added. %year%, %month%, %day%, %width% and %height% are filled in.",
                ),
                io.Combo.Input(
                    "format",
                    FORMATS,
                    default="humandit",
                    tooltip="'humandit' keeps everything: 133 points, scores and speed. POSE_KEYPOINT is for other "
                    "tools; see HumanDiT Pose To Keypoint for its two dialects. It holds no speed.",
                ),
            ],
            outputs=[io.String.Output("path", display_name="path", tooltip="The file that was written.")],
        )

    @classmethod
    def execute(cls, poses: Any, filename_prefix: str, format: str) -> io.NodeOutput:
        import json

        from ..humandit.pose.formats import to_dict, to_pose_keypoint, write_text

        people = as_people(poses)
        size = people[0].canvas
        chosen = host.choice(format, FORMATS, "formats")
        content = {
            "humandit": lambda: to_dict(people),
            "POSE_KEYPOINT (aux)": lambda: to_pose_keypoint(people, "aux"),
            "POSE_KEYPOINT (sdpose)": lambda: to_pose_keypoint(people, "sdpose"),
        }[chosen]()
        path, shown = host_files.output_file(filename_prefix, ".json", (size.width, size.height))
        write_text(path, json.dumps(content, separators=(",", ":")))
        return io.NodeOutput(str(path), ui={"text": (f"Saved {shown}",)})


class HumanDiTLoadPose(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTLoadPose",
            display_name="HumanDiT Load Pose",
            category="HumanDiT/load",
            description="Reads poses from a JSON file: ours, POSE_KEYPOINT, OpenPose, COCO-WholeBody, MMPose or "
            "Sapiens.",
            search_aliases=["import pose", "pose json", "openpose json", "load keypoints"],
            inputs=[
                io.Combo.Input(
                    "file",
                    host_files.json_files(),
                    tooltip="JSON files in ComfyUI's input folder, and in its output folder, marked [output]. Copy "
                    "yours there and press R for it to be listed.",
                ),
                io.Int.Input(
                    "person",
                    default=-1,
                    min=-1,
                    max=1000,
                    tooltip="Which of several people becomes 'poses': 0 is the first, in the file's order. -1 takes "
                    "the strongest.",
                ),
                io.Float.Input(
                    "fps",
                    default=0.0,
                    min=0.0,
                    max=240.0,
                    step=0.1,
                    tooltip="Frames per second of the film. 0 takes what the file says; other tools' files say "
                    f"nothing and count as {DEFAULT_FPS}. Set it if the motion is too fast or too slow.",
                ),
                io.Int.Input(
                    "width",
                    default=0,
                    min=0,
                    max=16384,
                    tooltip="Width of the film in pixels, only for files that do not name it: OpenPose's own, COCO, "
                    "MMPose. 0 otherwise.",
                ),
                io.Int.Input(
                    "height",
                    default=0,
                    min=0,
                    max=16384,
                    tooltip="Height of the film in pixels, only for files that do not name it.",
                ),
            ],
            outputs=[
                PoseSocket.Output("poses", display_name="poses", tooltip="The chosen person."),
                KeypointSocket.Output(
                    "pose_keypoint", display_name="POSE_KEYPOINT", tooltip="Everybody in the file (dialect 'aux')."
                ),
                io.Float.Output("file_fps", display_name="fps", tooltip="Frames per second of the poses."),
            ],
        )

    @classmethod
    def fingerprint_inputs(cls, file: str, **_: Any) -> str:
        return host_files.json_fingerprint(file)

    @classmethod
    def execute(cls, file: str, person: int, fps: float, width: int, height: int) -> io.NodeOutput:
        from dataclasses import replace

        from ..humandit.pose.formats import load_people, pick, to_pose_keypoint
        from ..humandit.types import Canvas

        canvas = Canvas(width, height) if width and height else None
        people = load_people(host_files.json_path(file), fps or DEFAULT_FPS, canvas)
        people = [replace(one, fps=fps or one.fps) for one in people]
        poses = pick(people, None if person < 0 else person)
        return io.NodeOutput(poses, to_pose_keypoint(people), poses.fps)


NODES = (HumanDiTPoseToKeypoint, HumanDiTSavePose, HumanDiTLoadPose)
