"""Motion capture of somebody's own: BVH files of any naming, axes and rotation order, on our body."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from humandit.data.motion import draw_recorded, load_recordings
from humandit.data.motion.bvh import read_bvh
from humandit.data.motion.heldout import is_held_out
from humandit.data.motion.recorded import Replay, recording_of
from humandit.errors import HumanDiTError, InvalidMedia
from humandit.pose import skeleton as coco

FREE = [name for name in (f"take{i}" for i in range(20)) if not is_held_out(name)]
TREE = {  # name: (parent, offset in a T pose, facing +z)
    "Hips": (None, (0, 0, 0)),
    "Spine": ("Hips", (0, 20, 0)),
    "Head": ("Spine", (0, 40, 0)),
    "LeftShoulder": ("Spine", (4, 30, 0)),
    "LeftArm": ("LeftShoulder", (14, 0, 0)),
    "LeftForeArm": ("LeftArm", (28, 0, 0)),
    "LeftHand": ("LeftForeArm", (25, 0, 0)),
    "RightShoulder": ("Spine", (-4, 30, 0)),
    "RightArm": ("RightShoulder", (-14, 0, 0)),
    "RightForeArm": ("RightArm", (-28, 0, 0)),
    "RightHand": ("RightForeArm", (-25, 0, 0)),
    "LeftUpLeg": ("Hips", (9, 0, 0)),
    "LeftLeg": ("LeftUpLeg", (0, -40, 0)),
    "LeftFoot": ("LeftLeg", (0, -40, 0)),
    "RightUpLeg": ("Hips", (-9, 0, 0)),
    "RightLeg": ("RightUpLeg", (0, -40, 0)),
    "RightFoot": ("RightLeg", (0, -40, 0)),
}
SMPL = {
    "Hips": "pelvis", "Spine": "spine3", "Head": "head", "LeftShoulder": "left_collar", "LeftArm": "left_shoulder",
    "LeftForeArm": "left_elbow", "LeftHand": "left_wrist", "RightShoulder": "right_collar",
    "RightArm": "right_shoulder", "RightForeArm": "right_elbow", "RightHand": "right_wrist", "LeftUpLeg": "left_hip",
    "LeftLeg": "left_knee", "LeftFoot": "left_ankle", "RightUpLeg": "right_hip", "RightLeg": "right_knee",
    "RightFoot": "right_ankle",
}  # fmt: skip
PLAIN = np.eye(3)
Z_UP = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
BACKWARDS = np.diag([-1.0, 1, -1])


def bvh(turns, order="ZXY", names=None, axes=PLAIN, scale=1.0, frames=4):
    """The text of a BVH file whose joints hold ``turns`` (name: Rotation against the T pose) in every frame."""
    names = names or {name: name for name in TREE}
    lines, row = [], []

    def put(name, depth):
        _, offset = TREE[name]
        place = axes @ np.array(offset, float) * scale
        channels = [f"{axis}rotation" for axis in order]
        root = depth == 0
        head = ["Xposition", "Yposition", "Zposition"] if root else []
        lines.append(f"{'ROOT' if root else 'JOINT'} {names[name]}")
        lines.extend(["{", f"OFFSET {place[0]} {place[1]} {place[2]}"])
        lines.append(f"CHANNELS {len(head + channels)} {' '.join(head + channels)}")
        local = Rotation.from_matrix(axes @ turns.get(name, Rotation.identity()).as_matrix() @ axes.T)
        row.extend([*(axes @ np.array([0.0, 80, 0]) * scale)] if root else [])
        row.extend(local.as_euler(order, degrees=True))
        children = [other for other, (parent, _) in TREE.items() if parent == name]
        for child in children:
            put(child, depth + 1)
        if not children:
            lines.extend(["End Site", "{", "OFFSET 0 0 0", "}"])
        lines.append("}")

    put("Hips", 0)
    rows = [" ".join(f"{value:.6f}" for value in row)] * frames
    return "\n".join(["HIERARCHY", *lines, "MOTION", f"Frames: {frames}", "Frame Time: 0.02", *rows, ""])


def pose_of(tmp_path, *args, **kwargs):
    path = tmp_path / "take.bvh"
    path.write_text(bvh(*args, **kwargs))
    return recording_of(read_bvh(path), "take")


def down(turn):
    """Where a hanging limb of that rotation points to."""
    return turn[0] @ [0, -1, 0]


@pytest.mark.parametrize("order", ["ZXY", "ZYX", "XYZ"])
@pytest.mark.parametrize("names", [None, SMPL], ids=["studio", "smpl"])
@pytest.mark.parametrize("axes", [PLAIN, Z_UP, BACKWARDS], ids=["y up", "z up", "backwards"])
def test_limbs_point_where_the_file_says_whatever_its_names_axes_and_order(tmp_path, order, names, axes):
    raised = Rotation.from_euler("z", 90, degrees=True)  # about the T pose: the left arm goes up
    bent = Rotation.from_euler("y", -90, degrees=True)  # the left forearm to the front, of an arm that lies aside
    kick = Rotation.from_euler("x", -60, degrees=True)
    turns = pose_of(tmp_path, {"RightForeArm": bent.inv(), "LeftArm": raised, "RightUpLeg": kick}, order, names, axes)
    turns = turns.turns
    assert down(turns["upperarm.L"]) == pytest.approx([0, 1, 0], abs=1e-6)
    assert down(turns["upperarm.R"]) == pytest.approx([-1, 0, 0], abs=1e-6)
    assert down(turns["forearm.R"]) == pytest.approx([0, 0, 1], abs=1e-6)
    assert down(turns["thigh.R"]) == pytest.approx([0, -0.5, 0.75**0.5], abs=1e-6)
    assert down(turns["thigh.L"]) == pytest.approx([0, -1, 0], abs=1e-6)
    assert turns["chest"][0] == pytest.approx(np.eye(3), abs=1e-6)


def test_the_unit_of_length_does_not_matter(tmp_path):
    metres, inches = pose_of(tmp_path, {}, scale=0.01), pose_of(tmp_path, {}, scale=0.394)
    assert metres.root == pytest.approx(inches.root, abs=1e-4) and metres.seconds == pytest.approx(0.06)


def test_a_take_stands_upright_faces_us_and_is_the_same_every_time(tmp_path):
    turned = {"Hips": Rotation.from_euler("y", 130, degrees=True)}
    recording = pose_of(tmp_path, turned, frames=60)
    take, again = (draw_recorded((recording,), 3, 50) for _ in range(2))
    assert np.array_equal(take.points, again.points) and take.points.shape == (50, coco.COUNT, 3)
    nose, ears = take.points[:, 0], take.points[:, [3, 4]].mean(1)
    assert (nose - ears)[:, 2].min() > 0.03, "looks to the front"
    assert np.ptp(take.points[0, :23, 1]) == pytest.approx(take.height, rel=0.05)
    assert not take.acrobatic


def test_a_recording_is_played_forth_and_back(tmp_path):
    recording = pose_of(tmp_path, {}, frames=51)
    replay = Replay(recording, 0.0, 1.0, flipped=False, fingers=lambda t: {})
    inside = replay._inside(np.array([0.25, 1.0, 1.25, 2.25]))
    assert inside == pytest.approx([0.25, 1.0, 0.75, 0.25])


def test_a_folder_is_read_but_for_what_is_held_out(tmp_path):
    said = []
    for name in FREE[:2]:
        (tmp_path / f"{name}.bvh").write_text(bvh({}))
    (tmp_path / f"{FREE[2]}.bvh").write_text("not one")
    held = next(f"take{i}" for i in range(200) if is_held_out(f"take{i}"))
    (tmp_path / f"{held}.bvh").write_text(bvh({}))
    assert [recording.name for recording in load_recordings(tmp_path, said.append)] == sorted(FREE[:2])
    assert len(said) == 1 and FREE[2] in said[0]


def test_what_cannot_be_used_is_named(tmp_path):
    with pytest.raises(HumanDiTError, match="BVH files of people"):
        load_recordings(tmp_path)
    path = tmp_path / f"{FREE[0]}.bvh"
    whole = bvh({})
    for broken in (whole[:-40], whole.replace("Frame Time: 0.02", "Frame Time: 0"), whole.replace("ROOT", "TREE"), ""):
        path.write_text(broken)
        with pytest.raises(InvalidMedia):
            read_bvh(path)
    path.write_text(whole.replace("LeftForeArm", "Wing"))
    with pytest.raises(InvalidMedia, match=r"no joint for forearm\.L"):
        recording_of(read_bvh(path), "bird")
