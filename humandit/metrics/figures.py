"""The figures of a table: their names, what they mean, and which way is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One column.

    Attributes:
        name: key in JSON and CSV.
        title: short, for a table.
        what: what it tells, for people.
        higher: whether higher is better.
        digits: behind the point.
    """

    name: str
    title: str
    what: str
    higher: bool
    digits: int = 3


FIGURES = (
    Figure("person_psnr", "person PSNR", "dB inside the person: where they are, or were in the reference", True, 2),
    Figure("person_ssim", "person SSIM", "structure inside the same area, 0 to 1", True),
    Figure("person_perceptual", "person perceptual", "distance of fixed random features inside the area", False, 4),
    Figure("psnr", "PSNR", "dB over whole frames", True, 2),
    Figure("ssim", "SSIM", "structure over whole frames, 0 to 1", True),
    Figure("l1", "L1", "mean difference of the pixels, 0 to 1", False, 4),
    Figure("perceptual", "perceptual", "distance of fixed random features; stands in for LPIPS", False, 4),
    Figure("lpips", "LPIPS", "learned perceptual distance, AlexNet", False),
    Figure("lpips_vgg", "LPIPS (VGG)", "learned perceptual distance, VGG16", False),
    Figure("pck", "body PCK", "share of body points found within 0.1 of the body's box", True),
    Figure("hand_pck", "hand PCK", "share of hand points found within 0.2 of the hand's box", True),
    Figure("face_pck", "face PCK", "share of face points found within 0.1 of the face's box", True),
    Figure("palette", "colours", "overlap of the person's colours with the reference's, 0 to 1", True),
    Figure("face_distance", "face", "distance of fixed random features of the upright face to the reference's", False),
    Figure("face_found", "face found", "share of frames in which the detector finds a face that should be there", True),
    Figure("identity", "identity", "ArcFace similarity to the reference's face (CSIM), -1 to 1", True),
    Figure("flicker", "flicker", "change from frame to frame that the truth does not have, 0 to 1", False, 4),
    Figure("fd_random", "FD random", "Fréchet distance of frames, fixed random features; stands in for FID", False, 1),
    Figure("fd_random_vid", "FD random, video", "the same of stretches of 16 frames; stands in for FVD", False, 1),
    Figure("fid", "FID", "Fréchet distance of frames on Inception", False, 2),
    Figure("fid_vid", "FID-VID", "Fréchet distance of films on a 3D ResNet-50", False, 2),
    Figure("fvd", "FVD", "Fréchet distance of films on I3D", False, 1),
    Figure("ssim_disco", "SSIM (DisCo)", "SSIM of grey frames as the DisCo scripts count it", True),
    Figure("l1_disco", "L1 (DisCo)", "L1 as the DisCo scripts count it: grey levels per pixel of the frame", False, 8),
)
BY_NAME = {figure.name: figure for figure in FIGURES}
HEADLINES = ("person_psnr", "person_ssim", "person_perceptual", "perceptual")
"""Figures in which the model is compared with every rival, clip by clip."""


def present(rows: Sequence[dict[str, object]]) -> list[Figure]:
    """The figures that any row has, in the table's order."""
    return [figure for figure in FIGURES if any(figure.name in row for row in rows)]
