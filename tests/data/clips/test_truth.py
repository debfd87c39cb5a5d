"""Masks and background points of rendered people against what is exactly known of them."""

import numpy as np
import pytest

from humandit.data.clips.subjects import subjects
from humandit.errors import MissingDependency
from humandit.pose.background import cut_out, track_background
from humandit.pose.detect import load_detector
from humandit.pose.track import track
from tests.conftest import missing
from tests.data.clips.planted import FPS, scene, tell

SEEDS = (3, 9, 18)
FRAMES = 12
NEAR = 2.0
"""Pixels by which a point may leave the way of the backdrop that it was found on."""

pytestmark = [pytest.mark.real, pytest.mark.slow]


@pytest.fixture(scope="module")
def found():
    """Per scene: the clip, the crop of its person, and the mask that is found there."""
    try:
        detector = load_detector("mediapipe")
    except MissingDependency as error:
        missing(str(error))
    results = []
    for seed in SEEDS:
        clip = scene(seed, FRAMES)
        (subject,) = subjects(track(detector, clip.frames, FPS))
        frames = subject.crop.cut(clip.frames)
        results.append((clip, subject.crop, frames, np.stack(list(cut_out(frames, subject.poses, detector)))))
    return results


def test_the_crop_holds_nearly_all_of_the_person(found):
    for clip, crop, *_ in found:
        assert crop.cut(clip.mask).sum() / clip.mask.sum() > 0.99


def test_masks_against_truth(found):
    both = sum((crop.cut(clip.mask) & mask).sum() for clip, crop, _, mask in found)
    precision = both / sum(mask.sum() for *_, mask in found)
    recall = both / sum(crop.cut(clip.mask).sum() for clip, crop, *_ in found)
    tell(f"masks: precision {precision:.3f}, recall {recall:.3f}")
    assert precision > 0.7 and recall > 0.95, "masks may be wide: nothing of the person may count as background"


def test_background_points_against_truth(found):
    """Points lie beside the person and go where the backdrop goes, which moves as a whole."""
    right = shown = off = 0
    for clip, crop, frames, mask in found:
        points = track_background(frames, FPS, masks=mask)
        way = np.median(clip.background_xy - clip.background_xy[:1], axis=1)
        truth = crop.cut(clip.mask)
        for column in range(points.xy.shape[1]):
            seen = np.flatnonzero(points.visible[:, column])
            for stretch in np.split(seen, np.flatnonzero(np.diff(seen) > 1) + 1):
                if not len(stretch):
                    continue
                xy = points.xy[stretch, column]
                wanted = xy[0] + way[stretch] - way[stretch[0]]
                right += (np.linalg.norm(xy - wanted, axis=-1) < NEAR).sum()
                shown += len(stretch)
                x, y = np.floor(xy).astype(int).T
                off += (~truth[stretch, y, x]).sum()
    tell(f"background points: {right / shown:.3f} go with the backdrop, {off / shown:.3f} lie beside the person")
    assert shown > 100 and right / shown > 0.95 and off / shown > 0.99
