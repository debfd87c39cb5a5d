"""Masks and background points of rendered people against what is exactly known of them."""

import numpy as np
import pytest

from humandit.data.clips.masks import masks_of
from humandit.data.clips.subjects import subjects
from humandit.errors import MissingDependency
from humandit.pose.background import track_background
from humandit.pose.detect import load_detector
from humandit.pose.track import track
from tests.conftest import missing
from tests.data.clips.planted import FPS, scene, tell

SEEDS, RICH = (3, 9, 20), (3, 5, 9, 15, 20)
"""Scenes whose masks are measured, and scenes with something to follow behind the person."""
FRAMES = 12
NEAR = 2.0
"""Pixels by which a point may leave the way of the backdrop that it was found on."""

pytestmark = [pytest.mark.real, pytest.mark.long]


@pytest.fixture(scope="module")
def found():
    """Per scene: the clip, the crop of its person, and both masks that are found there."""
    try:
        detector = load_detector("mediapipe")
    except MissingDependency as error:
        missing(str(error))
    results = []
    for seed in SEEDS:
        clip = scene(seed, FRAMES)
        (subject,) = subjects(track(detector, clip.frames, FPS))
        frames = subject.crop.cut(clip.frames)
        results.append((clip, subject.crop, *masks_of(frames, subject.poses, detector)))
    return results


def test_the_crop_holds_nearly_all_of_the_person(found):
    for clip, crop, *_ in found:
        assert crop.cut(clip.mask).sum() / clip.mask.sum() > 0.99


def test_masks_against_truth(found):
    for name, which, least in (("masks", 2, (0.95, 0.95)), ("wide masks", 3, (0.4, 0.99))):
        both = sum((crop.cut(clip.mask) & masks[which - 2]).sum() for clip, crop, *masks in found)
        precision = both / sum(row[which].sum() for row in found)
        recall = both / sum(crop.cut(clip.mask).sum() for clip, crop, *_ in found)
        tell(f"{name}: precision {precision:.3f}, recall {recall:.3f}")
        assert precision > least[0] and recall > least[1]


def test_background_points_against_truth():
    """Points lie beside the person and go where the backdrop goes, which moves as a whole."""
    right = shown = off = 0
    for seed in RICH:
        clip = scene(seed, FRAMES)
        points = track_background(clip.frames, FPS, masks=clip.mask)
        way = np.median(clip.background_xy - clip.background_xy[:1], axis=1)
        for column in range(points.xy.shape[1]):
            seen = np.flatnonzero(points.visible[:, column])
            for stretch in np.split(seen, np.flatnonzero(np.diff(seen) > 1) + 1):
                xy = points.xy[stretch, column]
                wanted = xy[:1] + way[stretch] - way[stretch[:1]]
                right += int((np.linalg.norm(xy - wanted, axis=-1) < NEAR).sum())
                shown += len(stretch)
                x, y = np.floor(xy).astype(int).T
                off += int((~clip.mask[stretch, y, x]).sum())
    tell(f"background points: {right / shown:.3f} go with the backdrop, {off / shown:.3f} lie beside the person")
    assert shown > 300 and right / shown > 0.95 and off / shown > 0.99
