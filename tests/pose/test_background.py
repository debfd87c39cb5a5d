"""Background points: followed through scenes whose motion is known, made by a camera, and joined to poses."""

from dataclasses import replace
from itertools import islice

import cv2
import numpy as np
import pytest
import torch

from humandit.errors import InvalidMedia, InvalidPose, InvalidWeights, MissingDependency
from humandit.pose import skeleton as coco
from humandit.pose.background import BackgroundPoints, camera_background, cut_out, shown_with, track_background
from humandit.pose.background.cotracker import CoTracker
from humandit.pose.background.person import covered, person_masks
from humandit.pose.raster import rasterize
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from humandit.video.segments import plan_segments, pose_window
from tests.pose.conftest import standing

SIZE = 200


@pytest.fixture(scope="module")
def scene():
    """[400, 400, 3] uint8: a textured picture, larger than the frames cut from it."""
    rng = np.random.default_rng(1)
    noise = sum(
        cv2.resize(rng.normal(0, 1, (n, n, 3)), (400, 400), interpolation=cv2.INTER_CUBIC) for n in (12, 40, 80)
    )
    return np.clip(128 + 35 * noise, 0, 255).astype(np.uint8)


def shot(scene, corner, scale=1.0, size=SIZE):
    """The frame whose upper left corner lies at ``corner`` of the scene, enlarged by ``scale``."""
    move = np.array([[scale, 0, -corner[0] * scale], [0, scale, -corner[1] * scale]])
    return cv2.warpAffine(scene, move, (size, size), flags=cv2.INTER_CUBIC)


def square(x, y, side=60):
    """[200, 200] bool with a square person."""
    mask = np.zeros((SIZE, SIZE), bool)
    mask[y : y + side, x : x + side] = True
    return mask


def test_a_pan_is_followed_to_half_a_pixel(scene):
    corners = np.stack([20 + 2.3 * np.arange(20), 30 + 0.7 * np.arange(20)], -1)
    points = track_background([shot(scene, c) for c in corners], 25.0)
    assert points.xy.shape == (20, 20, 2) and points.canvas == Canvas(SIZE, SIZE) and points.fps == 25.0
    assert points.visible[0].all() and points.visible.sum() > 250
    steady = points.visible.all(0)
    assert steady.sum() >= 8, "only those that leave the picture are lost"
    places = points.xy[:, steady] + corners[:, None]
    assert np.linalg.norm(places - places[0], axis=-1).max() < 0.5
    spread = points.xy[0]
    assert np.ptp(spread, axis=0).min() > 0.8 * SIZE
    gaps = np.linalg.norm(spread[:, None] - spread[None], axis=-1) + 1e9 * np.eye(20)
    assert gaps.min() > SIZE / 20


def test_a_zoom_is_followed_too(scene):
    scales = 1.01 ** np.arange(20)
    frames = [shot(scene, 200 - SIZE / 2 / s * np.ones(2), s) for s in scales]
    points = track_background(frames, 25.0)
    steady = points.visible.all(0)
    assert steady.sum() >= 8
    expected = 100 + (points.xy[0, steady] - 100) * scales[:, None, None]
    assert np.linalg.norm(points.xy[:, steady] - expected, axis=-1).max() < 1.0


def test_points_never_lie_on_the_person_and_come_back_from_behind(scene):
    frames, masks = [], []
    for t in range(30):
        mask = square(8 * min(t, 16), 60)
        frames.append(np.where(mask[..., None], np.uint8(200), shot(scene, (50, 50))))
        masks.append(mask)
    points = track_background(frames, 25.0, masks)
    for xy, visible, mask in zip(points.xy, points.visible, masks, strict=True):
        assert not covered(mask, xy)[visible].any()
    first = points.visible[0]
    hidden = first & ~points.visible.all(0)
    back = hidden & points.visible[-1]
    assert hidden.sum() >= 2 and back.sum() >= 1, "the person walks over some points and uncovers them again"
    assert np.abs(points.xy[-1, back] - points.xy[0, back]).max() < 2


def test_what_moves_by_itself_is_dropped(scene):
    """A patch of another picture slides over the points: they neither follow it nor stay visible under it."""
    rng = np.random.default_rng(5)
    other = cv2.resize(rng.uniform(0, 255, (20, 20, 3)), (60, 60)).astype(np.uint8)
    frames = []
    for t in range(16):
        frame = shot(scene, (50, 50))
        frame[70:130, 6 * t : 6 * t + 60] = other
        frames.append(frame)
    points = track_background(frames, 25.0)
    last = slice(90 + 4, 150 - 4)
    under = (points.xy[-1, :, 0] > last.start) & (points.xy[-1, :, 0] < last.stop)
    under &= (points.xy[-1, :, 1] > 74) & (points.xy[-1, :, 1] < 126)
    assert not (under & points.visible[-1] & (np.abs(points.xy[-1] - points.xy[0]).max(-1) < 1)).any()
    still = points.visible[-1] & points.visible[0]
    assert still.sum() >= 8 and (np.abs(points.xy[-1, still] - points.xy[0, still]).max(-1) < 1.5).mean() > 0.85


def test_what_leaves_the_picture_is_replaced(scene):
    frames = [shot(scene, (5 + 3 * t, 100)) for t in range(60)]
    points = track_background(frames, 25.0, count=12)
    assert points.visible.sum(1).min() >= 3 and points.visible[56].sum() >= 8
    assert not (
        points.visible[1:] & points.visible[:-1] & (np.linalg.norm(np.diff(points.xy, axis=0), axis=-1) > 6)
    ).any()


def test_a_cut_begins_anew_and_nothing_is_followed_across(scene):
    frames = [shot(scene, (20, 20))] * 5 + [shot(scene, (190, 180))] * 12
    points = track_background(frames, 25.0)
    assert points.visible[4].all() and points.visible[5].sum() <= 2
    assert points.visible[-1].sum() >= 8


def test_streams_are_read_frame_by_frame(scene):
    read = []

    def stream():
        for t in range(6):
            read.append(t)
            yield shot(scene, (40 + t, 40))

    seen = []
    points = track_background(stream(), 12.5, count=5, on_frame=lambda done: seen.append((done, len(read))))
    assert seen == [(t, t) for t in range(1, 7)] and points.xy.shape == (6, 5, 2)


def test_poses_stand_in_for_masks(scene, person):
    poses = replace(person, xy=person.xy.repeat(3, 0), score=person.score.repeat(3, 0))
    frames = [shot(scene, (40, 40))] * 3
    points = track_background(frames, 12.5, poses=poses)
    mask = next(person_masks(poses))
    assert covered(mask, person.xy[0]).all(), "every keypoint lies on the painted body"
    assert 0.1 < mask.mean() < 0.5
    assert not any(covered(mask, xy)[seen].any() for xy, seen in zip(points.xy, points.visible, strict=True))
    nobody = replace(poses, score=poses.score * 0)
    assert not any(mask.any() for mask in person_masks(nobody))


def test_one_frame_has_points_too(scene):
    points = track_background([shot(scene, (40, 40))], 12.5)
    assert points.visible.all() and len(points.resampled(25.0)) == 1


@pytest.mark.parametrize(
    ("frames", "options", "error", "words"),
    [
        (2, {"masks": [square(0, 0)]}, InvalidMedia, "after 1 there are more frames"),
        (1, {"masks": [square(0, 0)] * 2}, InvalidMedia, "after 1 there are more masks"),
        (1, {"masks": [np.zeros((10, 10), bool)]}, InvalidMedia, r"200x200.*mask \[10, 10\]"),
        (1, {"masks": [np.ones((SIZE, SIZE), bool)]}, InvalidMedia, "person covers everything"),
        (1, {"count": 0}, InvalidPose, "1 to 20 points, got 0"),
        (1, {"count": 21}, InvalidPose, "got 21"),
        (0, {}, InvalidMedia, "at least one frame"),
    ],
)
def test_what_cannot_be_tracked_is_explained(scene, frames, options, error, words):
    with pytest.raises(error, match=words):
        track_background([shot(scene, (40, 40))] * frames, 12.5, **options)


def test_plain_and_wrong_frames_are_explained(scene):
    rng = np.random.default_rng(0)
    plain = (100 + rng.normal(0, 1, (4, 200, 200, 3))).astype(np.uint8)
    with pytest.raises(InvalidMedia, match="plain.*still camera"):
        track_background(plain, 12.5)
    with pytest.raises(InvalidMedia, match="uint8 RGB"):
        track_background([np.zeros((20, 20), np.uint8)], 12.5)
    with pytest.raises(InvalidMedia, match="share one size"):
        track_background([shot(scene, (40, 40)), shot(scene, (40, 40), size=100)], 12.5)
    with pytest.raises(InvalidPose, match="at least one frame"):
        BackgroundPoints(np.zeros((0, 3, 2)), np.zeros((0, 3), bool), Canvas(8, 8), 25)


def test_a_still_camera_shows_still_points():
    points = camera_background(Canvas(128, 64), 30, 12.5)
    assert points.visible.all() and (points.xy == points.xy[0]).all()
    assert np.ptp(points.xy[0], axis=0).min() > 0.6 * 64


@pytest.mark.parametrize(
    ("pan", "zoom"), [((0.2, -0.1), 0.0), ((0.0, 0.0), 0.3), ((0.1, 0.05), -0.2), ((-0.3, 0.0), 0.5)]
)
def test_pan_and_zoom_move_points_exactly(pan, zoom):
    canvas, fps = Canvas(128, 80), 12.5
    points = camera_background(canvas, 200, fps, pan, zoom, seed=3)
    side, scale = np.array([128, 80]), (1 + zoom) ** (1 / fps)
    expected = side / 2 + scale * (points.xy[:-1] - side / 2) - np.array(pan) / fps * side
    both = points.visible[1:] & points.visible[:-1]
    assert np.abs(points.xy[1:] - expected)[both].max() < 1e-3
    assert points.visible.sum(1).min() >= 10, "points that leave are replaced"
    gone = points.visible[:-1] & ~points.visible[1:]
    outside = ~((points.xy[1:] >= 0) & (points.xy[1:] < side)).all(-1)
    assert gone.any() and (outside[gone].all() or zoom < 0)
    late = points.xy[100:][points.visible[100:]] / side
    assert late.std(0).min() > 0.2, "nor do they crowd together"
    shown = points.xy[points.visible]
    assert (shown >= 0).all() and (shown < side).all()


def test_new_points_come_from_the_side_that_comes_into_the_picture():
    points = camera_background(Canvas(100, 100), 300, 25.0, pan=(0.5, 0.0))
    born = points.visible[1:] & ~points.visible[:-1]
    assert born.any() and points.xy[1:][born][:, 0].min() > 97


def test_impossible_cameras_are_explained():
    with pytest.raises(InvalidPose, match="above -1"):
        camera_background(Canvas(64, 64), 5, 12.5, zoom=-1.0)
    with pytest.raises(InvalidPose, match="finite"):
        camera_background(Canvas(64, 64), 5, 12.5, pan=(float("nan"), 0))
    with pytest.raises(InvalidPose, match="1 to 20 points"):
        camera_background(Canvas(64, 64), 0, 12.5)


def test_points_are_resampled_and_cut_as_poses_are():
    xy = np.arange(10.0)[:, None, None] * [[1.0, 2.0]]
    visible = np.ones((10, 1), bool)
    visible[6] = False
    points = BackgroundPoints(xy, visible, Canvas(100, 50), 25.0)
    slow = points.resampled(12.5)
    assert np.allclose(slow.xy[:, 0, 0], [0, 2, 4, 6, 8]) and slow.visible[:, 0].tolist() == [
        True,
        True,
        True,
        False,
        True,
    ]
    quick = points.resampled(50.0)
    assert quick.xy[1, 0, 0] == 0.5 and len(quick) == 19
    square_ones = points.filled(Canvas(50, 50))
    assert np.allclose(square_ones.xy[:, 0], xy[:, 0] - [25, 0]) and len(points[2:5]) == 3
    assert np.allclose(points.resized(Canvas(200, 50)).xy, xy * [2, 1])


def someone(frames):
    """The standing person on a small canvas."""
    xy = standing() * 0.3
    return PoseSequence(xy[None].repeat(frames, 0), np.ones((frames, coco.COUNT)), Canvas(64, 64), 12.5)


def test_the_eighth_channel_holds_them_from_the_reference_on():
    poses = someone(18)
    points = camera_background(Canvas(128, 64), 40, 25.0, pan=(0.3, 0.0))
    shown = shown_with(points, poses)
    images = rasterize(poses, poses.canvas, shown)
    per_frame = images[..., 7].sum((1, 2))
    assert per_frame.max() <= 20 and per_frame.min() >= 3
    assert torch.equal(images[0, ..., 7], images[1, ..., 7]), "the picture's camera is where the film's begins"
    bare = rasterize(poses, poses.canvas)
    assert torch.equal(images[..., :7], bare[..., :7]) and not bare[..., 7].any()
    masks = list(person_masks(poses))
    assert not any(covered(m, xy)[v].any() for m, xy, v in zip(masks, shown.xy, shown.visible, strict=True))
    assert shown_with(None, poses) is None


def test_segments_continue_across_the_seam():
    poses = someone(17)
    images = rasterize(poses, poses.canvas, shown_with(camera_background(poses.canvas, 16, 12.5, zoom=0.5), poses))
    one, two = (pose_window(images, segment) for segment in plan_segments(16, 9, poses.canvas))
    last, prefix = (t.unflatten(-1, (4, 4, 4, 8))[..., -1, :, :, 7] for t in (one[-1], two[0]))
    assert torch.equal(last, prefix) and prefix.any()


def test_a_background_that_is_too_short_is_refused():
    with pytest.raises(InvalidPose, match="17 frames at 12.5 fps, its background only 10"):
        shown_with(camera_background(Canvas(64, 64), 10, 12.5), someone(18))


class Shifting(torch.nn.Module):
    """What CoTracker would say of a scene that moves two pixels to the right per frame; left halves are seen."""

    def forward(self, video: torch.Tensor, queries: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        steps = torch.arange(video.shape[1], dtype=torch.float32)
        move = torch.stack([2 * steps, torch.zeros_like(steps)], -1)
        tracks = queries[:, None, :, 1:] + move[None, :, None]
        return tracks, tracks[..., 0] < video.shape[-1] / 2


class Grey(torch.nn.Module):
    def forward(self, video: torch.Tensor) -> torch.Tensor:
        return video


class Dizzy(torch.nn.Module):
    def forward(self, video: torch.Tensor, queries: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return queries, queries


def scripted(net, path):
    torch.jit.script(net).save(str(path))
    return path


def test_cotracker_follows_through_windows_of_any_number(scene, tmp_path, monkeypatch):
    monkeypatch.setattr("humandit.pose.background.cotracker.WINDOW", 4)
    tracker = CoTracker.load(scripted(Shifting(), tmp_path / "net.pt"), "cpu")
    frames = [shot(scene, (90 - 2 * t, 40)) for t in range(11)]
    points = track_background(frames, 12.5, tracker=tracker, count=20)
    assert np.allclose(points.xy[-1] - points.xy[0], [20, 0]) and len(points) == 11
    inside = (points.xy[..., 0] < SIZE / 2).astype(bool)
    assert (points.visible == inside).all()
    masked = track_background(frames, 12.5, [square(40, 60)] * 11, tracker=tracker)
    assert not any(covered(square(40, 60), xy)[v].any() for xy, v in zip(masked.xy, masked.visible, strict=True))


@pytest.mark.parametrize(("net", "words"), [(Grey(), r"takes \(video\)"), (Dizzy(), r"returned \[\[1, 20, 3\]")])
def test_another_net_than_cotracker_is_named(scene, tmp_path, net, words):
    with pytest.raises(InvalidWeights, match=words):
        tracker = CoTracker.load(scripted(net, tmp_path / "net.pt"), "cpu")
        track_background([shot(scene, (40, 40))], 12.5, tracker=tracker)


def test_files_that_are_no_torchscript_are_explained(tmp_path):
    with pytest.raises(MissingDependency, match="no CoTracker"):
        CoTracker.load(tmp_path / "none.pt")
    (tmp_path / "bad.pt").write_bytes(b"nothing")
    with pytest.raises(InvalidWeights, match="no TorchScript"):
        CoTracker.load(tmp_path / "bad.pt")


@pytest.mark.real
def test_a_still_films_points_stand_still(detector, real_film):
    """The tower and the houses of a real film: the camera hardly moves in nine frames."""
    poses = detector.detect(real_film.frames, real_film.fps)
    masks = list(cut_out(real_film.frames, poses, detector))
    points = track_background(islice(real_film.frames, 9), real_film.fps, masks)
    assert points.visible.sum(1).min() >= 12
    steady = points.visible.all(0)
    assert np.median(np.linalg.norm(points.xy[-1, steady] - points.xy[0, steady], axis=-1)) < 1.5
    assert 0.1 < masks[0].mean() < 0.5 and covered(masks[0], poses.xy[0])[poses.visible[0]].mean() > 0.95
