"""The 308 points that Sapiens pose nets give, and which of them are COCO-WholeBody's 133.

Names and order: facebookresearch/sapiens, ``pose/configs/_base_/datasets/goliath.py`` (teeth left out, as there).
"""

from __future__ import annotations

from . import skeleton as coco

GOLIATH_308 = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle", "left_big_toe",
    "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel",
    "right_thumb4", "right_thumb3", "right_thumb2", "right_thumb_third_joint", "right_forefinger4",
    "right_forefinger3", "right_forefinger2", "right_forefinger_third_joint", "right_middle_finger4",
    "right_middle_finger3", "right_middle_finger2", "right_middle_finger_third_joint", "right_ring_finger4",
    "right_ring_finger3", "right_ring_finger2", "right_ring_finger_third_joint", "right_pinky_finger4",
    "right_pinky_finger3", "right_pinky_finger2", "right_pinky_finger_third_joint", "right_wrist",
    "left_thumb4", "left_thumb3", "left_thumb2", "left_thumb_third_joint", "left_forefinger4", "left_forefinger3",
    "left_forefinger2", "left_forefinger_third_joint", "left_middle_finger4", "left_middle_finger3",
    "left_middle_finger2", "left_middle_finger_third_joint", "left_ring_finger4", "left_ring_finger3",
    "left_ring_finger2", "left_ring_finger_third_joint", "left_pinky_finger4", "left_pinky_finger3",
    "left_pinky_finger2", "left_pinky_finger_third_joint", "left_wrist",
    "left_olecranon", "right_olecranon", "left_cubital_fossa", "right_cubital_fossa", "left_acromion",
    "right_acromion", "neck",
    "center_of_glabella", "center_of_nose_root", "tip_of_nose_bridge", "midpoint_1_of_nose_bridge",
    "midpoint_2_of_nose_bridge", "midpoint_3_of_nose_bridge", "center_of_labiomental_groove", "tip_of_chin",
    "upper_startpoint_of_r_eyebrow", "lower_startpoint_of_r_eyebrow", "end_of_r_eyebrow",
    "upper_midpoint_1_of_r_eyebrow", "lower_midpoint_1_of_r_eyebrow", "upper_midpoint_2_of_r_eyebrow",
    "upper_midpoint_3_of_r_eyebrow", "lower_midpoint_2_of_r_eyebrow", "lower_midpoint_3_of_r_eyebrow",
    "upper_startpoint_of_l_eyebrow", "lower_startpoint_of_l_eyebrow", "end_of_l_eyebrow",
    "upper_midpoint_1_of_l_eyebrow", "lower_midpoint_1_of_l_eyebrow", "upper_midpoint_2_of_l_eyebrow",
    "upper_midpoint_3_of_l_eyebrow", "lower_midpoint_2_of_l_eyebrow", "lower_midpoint_3_of_l_eyebrow",
    "l_inner_end_of_upper_lash_line", "l_outer_end_of_upper_lash_line", "l_centerpoint_of_upper_lash_line",
    "l_midpoint_2_of_upper_lash_line", "l_midpoint_1_of_upper_lash_line", "l_midpoint_6_of_upper_lash_line",
    "l_midpoint_5_of_upper_lash_line", "l_midpoint_4_of_upper_lash_line", "l_midpoint_3_of_upper_lash_line",
    "l_outer_end_of_upper_eyelid_line", "l_midpoint_6_of_upper_eyelid_line", "l_midpoint_2_of_upper_eyelid_line",
    "l_midpoint_5_of_upper_eyelid_line", "l_centerpoint_of_upper_eyelid_line", "l_midpoint_4_of_upper_eyelid_line",
    "l_midpoint_1_of_upper_eyelid_line", "l_midpoint_3_of_upper_eyelid_line", "l_midpoint_6_of_upper_crease_line",
    "l_midpoint_2_of_upper_crease_line", "l_midpoint_5_of_upper_crease_line", "l_centerpoint_of_upper_crease_line",
    "l_midpoint_4_of_upper_crease_line", "l_midpoint_1_of_upper_crease_line", "l_midpoint_3_of_upper_crease_line",
    "r_inner_end_of_upper_lash_line", "r_outer_end_of_upper_lash_line", "r_centerpoint_of_upper_lash_line",
    "r_midpoint_1_of_upper_lash_line", "r_midpoint_2_of_upper_lash_line", "r_midpoint_3_of_upper_lash_line",
    "r_midpoint_4_of_upper_lash_line", "r_midpoint_5_of_upper_lash_line", "r_midpoint_6_of_upper_lash_line",
    "r_outer_end_of_upper_eyelid_line", "r_midpoint_3_of_upper_eyelid_line", "r_midpoint_1_of_upper_eyelid_line",
    "r_midpoint_4_of_upper_eyelid_line", "r_centerpoint_of_upper_eyelid_line", "r_midpoint_5_of_upper_eyelid_line",
    "r_midpoint_2_of_upper_eyelid_line", "r_midpoint_6_of_upper_eyelid_line", "r_midpoint_3_of_upper_crease_line",
    "r_midpoint_1_of_upper_crease_line", "r_midpoint_4_of_upper_crease_line", "r_centerpoint_of_upper_crease_line",
    "r_midpoint_5_of_upper_crease_line", "r_midpoint_2_of_upper_crease_line", "r_midpoint_6_of_upper_crease_line",
    "l_inner_end_of_lower_lash_line", "l_outer_end_of_lower_lash_line", "l_centerpoint_of_lower_lash_line",
    "l_midpoint_2_of_lower_lash_line", "l_midpoint_1_of_lower_lash_line", "l_midpoint_6_of_lower_lash_line",
    "l_midpoint_5_of_lower_lash_line", "l_midpoint_4_of_lower_lash_line", "l_midpoint_3_of_lower_lash_line",
    "l_outer_end_of_lower_eyelid_line", "l_midpoint_6_of_lower_eyelid_line", "l_midpoint_2_of_lower_eyelid_line",
    "l_midpoint_5_of_lower_eyelid_line", "l_centerpoint_of_lower_eyelid_line", "l_midpoint_4_of_lower_eyelid_line",
    "l_midpoint_1_of_lower_eyelid_line", "l_midpoint_3_of_lower_eyelid_line",
    "r_inner_end_of_lower_lash_line", "r_outer_end_of_lower_lash_line", "r_centerpoint_of_lower_lash_line",
    "r_midpoint_1_of_lower_lash_line", "r_midpoint_2_of_lower_lash_line", "r_midpoint_3_of_lower_lash_line",
    "r_midpoint_4_of_lower_lash_line", "r_midpoint_5_of_lower_lash_line", "r_midpoint_6_of_lower_lash_line",
    "r_outer_end_of_lower_eyelid_line", "r_midpoint_3_of_lower_eyelid_line", "r_midpoint_1_of_lower_eyelid_line",
    "r_midpoint_4_of_lower_eyelid_line", "r_centerpoint_of_lower_eyelid_line", "r_midpoint_5_of_lower_eyelid_line",
    "r_midpoint_2_of_lower_eyelid_line", "r_midpoint_6_of_lower_eyelid_line",
    "tip_of_nose", "bottom_center_of_nose", "r_outer_corner_of_nose", "l_outer_corner_of_nose",
    "inner_corner_of_r_nostril", "outer_corner_of_r_nostril", "upper_corner_of_r_nostril", "inner_corner_of_l_nostril",
    "outer_corner_of_l_nostril", "upper_corner_of_l_nostril",
    "r_outer_corner_of_mouth", "l_outer_corner_of_mouth", "center_of_cupid_bow", "center_of_lower_outer_lip",
    "midpoint_1_of_upper_outer_lip", "midpoint_2_of_upper_outer_lip", "midpoint_1_of_lower_outer_lip",
    "midpoint_2_of_lower_outer_lip", "midpoint_3_of_upper_outer_lip", "midpoint_4_of_upper_outer_lip",
    "midpoint_5_of_upper_outer_lip", "midpoint_6_of_upper_outer_lip", "midpoint_3_of_lower_outer_lip",
    "midpoint_4_of_lower_outer_lip", "midpoint_5_of_lower_outer_lip", "midpoint_6_of_lower_outer_lip",
    "r_inner_corner_of_mouth", "l_inner_corner_of_mouth", "center_of_upper_inner_lip", "center_of_lower_inner_lip",
    "midpoint_1_of_upper_inner_lip", "midpoint_2_of_upper_inner_lip", "midpoint_1_of_lower_inner_lip",
    "midpoint_2_of_lower_inner_lip", "midpoint_3_of_upper_inner_lip", "midpoint_4_of_upper_inner_lip",
    "midpoint_5_of_upper_inner_lip", "midpoint_6_of_upper_inner_lip", "midpoint_3_of_lower_inner_lip",
    "midpoint_4_of_lower_inner_lip", "midpoint_5_of_lower_inner_lip", "midpoint_6_of_lower_inner_lip",
    "l_top_end_of_inferior_crus", "l_top_end_of_superior_crus", "l_start_of_antihelix", "l_end_of_antihelix",
    "l_midpoint_1_of_antihelix", "l_midpoint_1_of_inferior_crus", "l_midpoint_2_of_antihelix",
    "l_midpoint_3_of_antihelix", "l_point_1_of_inner_helix", "l_point_2_of_inner_helix", "l_point_3_of_inner_helix",
    "l_point_4_of_inner_helix", "l_point_5_of_inner_helix", "l_point_6_of_inner_helix", "l_point_7_of_inner_helix",
    "l_highest_point_of_antitragus", "l_bottom_point_of_tragus", "l_protruding_point_of_tragus",
    "l_top_point_of_tragus", "l_start_point_of_crus_of_helix", "l_deepest_point_of_concha", "l_tip_of_ear_lobe",
    "l_midpoint_between_22_15", "l_bottom_connecting_point_of_ear_lobe", "l_top_connecting_point_of_helix",
    "l_point_8_of_inner_helix",
    "r_top_end_of_inferior_crus", "r_top_end_of_superior_crus", "r_start_of_antihelix", "r_end_of_antihelix",
    "r_midpoint_1_of_antihelix", "r_midpoint_1_of_inferior_crus", "r_midpoint_2_of_antihelix",
    "r_midpoint_3_of_antihelix", "r_point_1_of_inner_helix", "r_point_8_of_inner_helix", "r_point_3_of_inner_helix",
    "r_point_4_of_inner_helix", "r_point_5_of_inner_helix", "r_point_6_of_inner_helix", "r_point_7_of_inner_helix",
    "r_highest_point_of_antitragus", "r_bottom_point_of_tragus", "r_protruding_point_of_tragus",
    "r_top_point_of_tragus", "r_start_point_of_crus_of_helix", "r_deepest_point_of_concha", "r_tip_of_ear_lobe",
    "r_midpoint_between_22_15", "r_bottom_connecting_point_of_ear_lobe", "r_top_connecting_point_of_helix",
    "r_point_2_of_inner_helix",
    "l_center_of_iris", "l_border_of_iris_3", "l_border_of_iris_midpoint_1", "l_border_of_iris_12",
    "l_border_of_iris_midpoint_4", "l_border_of_iris_9", "l_border_of_iris_midpoint_3", "l_border_of_iris_6",
    "l_border_of_iris_midpoint_2", "r_center_of_iris", "r_border_of_iris_3", "r_border_of_iris_midpoint_1",
    "r_border_of_iris_12", "r_border_of_iris_midpoint_4", "r_border_of_iris_9", "r_border_of_iris_midpoint_3",
    "r_border_of_iris_6", "r_border_of_iris_midpoint_2",
    "l_center_of_pupil", "l_border_of_pupil_3", "l_border_of_pupil_midpoint_1", "l_border_of_pupil_12",
    "l_border_of_pupil_midpoint_4", "l_border_of_pupil_9", "l_border_of_pupil_midpoint_3", "l_border_of_pupil_6",
    "l_border_of_pupil_midpoint_2", "r_center_of_pupil", "r_border_of_pupil_3", "r_border_of_pupil_midpoint_1",
    "r_border_of_pupil_12", "r_border_of_pupil_midpoint_4", "r_border_of_pupil_9", "r_border_of_pupil_midpoint_3",
    "r_border_of_pupil_6", "r_border_of_pupil_midpoint_2",
)  # fmt: skip
"""Output channels 0..307. A hand counts from the finger's tip (4) to its root ("third_joint"); ``r_`` and ``l_`` are
the person's own right and left. Midpoints 3 1 4 (centre) 5 2 6 follow each other from the picture's left to its right
on a face that looks at the camera, so 1 of one side mirrors 2 of the other."""

_FINGERS = {
    "thumb": "thumb", "index": "forefinger", "middle": "middle_finger", "ring": "ring_finger", "little": "pinky_finger",
}  # fmt: skip

_FACE = {
    8: "tip_of_chin",
    17: "end_of_r_eyebrow", 18: "upper_midpoint_2_of_r_eyebrow", 19: "upper_midpoint_1_of_r_eyebrow",
    20: "upper_midpoint_3_of_r_eyebrow", 21: "upper_startpoint_of_r_eyebrow",
    22: "upper_startpoint_of_l_eyebrow", 23: "upper_midpoint_2_of_l_eyebrow", 24: "upper_midpoint_1_of_l_eyebrow",
    25: "upper_midpoint_3_of_l_eyebrow", 26: "end_of_l_eyebrow",
    27: "center_of_nose_root", 28: "midpoint_1_of_nose_bridge", 29: "midpoint_3_of_nose_bridge", 30: "tip_of_nose",
    31: "r_outer_corner_of_nose", 32: "inner_corner_of_r_nostril", 33: "bottom_center_of_nose",
    34: "inner_corner_of_l_nostril", 35: "l_outer_corner_of_nose",
    36: "r_outer_end_of_upper_lash_line", 37: "r_midpoint_4_of_upper_lash_line",
    38: "r_midpoint_5_of_upper_lash_line", 39: "r_inner_end_of_upper_lash_line",
    40: "r_midpoint_5_of_lower_lash_line", 41: "r_midpoint_4_of_lower_lash_line",
    42: "l_inner_end_of_upper_lash_line", 43: "l_midpoint_4_of_upper_lash_line",
    44: "l_midpoint_5_of_upper_lash_line", 45: "l_outer_end_of_upper_lash_line",
    46: "l_midpoint_5_of_lower_lash_line", 47: "l_midpoint_4_of_lower_lash_line",
    48: "r_outer_corner_of_mouth", 49: "midpoint_3_of_upper_outer_lip", 50: "midpoint_4_of_upper_outer_lip",
    51: "center_of_cupid_bow", 52: "midpoint_5_of_upper_outer_lip", 53: "midpoint_6_of_upper_outer_lip",
    54: "l_outer_corner_of_mouth", 55: "midpoint_6_of_lower_outer_lip", 56: "midpoint_5_of_lower_outer_lip",
    57: "center_of_lower_outer_lip", 58: "midpoint_4_of_lower_outer_lip", 59: "midpoint_3_of_lower_outer_lip",
    60: "r_inner_corner_of_mouth", 61: "midpoint_1_of_upper_inner_lip", 62: "center_of_upper_inner_lip",
    63: "midpoint_2_of_upper_inner_lip", 64: "l_inner_corner_of_mouth", 65: "midpoint_2_of_lower_inner_lip",
    66: "center_of_lower_inner_lip", 67: "midpoint_1_of_lower_inner_lip",
}  # fmt: skip
"""Face point -> the Sapiens point nearest to it by anatomy. Of the jaw line Sapiens knows only the chin."""


def _name(point: str) -> str | None:
    """Sapiens' name of a COCO-WholeBody point; None where it has none."""
    if point.startswith("face_"):
        return _FACE.get(int(point.removeprefix("face_")))
    side, _, rest = point.partition("_hand_")
    if not rest:
        return point
    if rest == "wrist":
        return f"{side}_wrist"
    finger, _, joint = rest.rpartition("_")
    return f"{side}_{_FINGERS[finger]}" + ("_third_joint" if joint == "1" else joint)


_INDEX = {name: i for i, name in enumerate(GOLIATH_308)}

TO_WHOLEBODY = tuple(-1 if name is None else _INDEX[name] for name in map(_name, coco.KEYPOINTS))
"""[133] index into ``GOLIATH_308`` of each COCO-WholeBody point; -1 where Sapiens has none (16 points of the jaw)."""
