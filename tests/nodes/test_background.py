"""Track Background, and what sampler and conditioning do with its points."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
import torch

SIDE = 64
SETTINGS = dict(fps=12.5, count=12, pan_x=0.0, pan_y=0.0, zoom=0.0)


@pytest.fixture
def nodes(pack):
    extension = asyncio.run(pack("nodes").comfy_entrypoint())
    return {node.GET_SCHEMA().node_id: node for node in asyncio.run(extension.get_node_list())}


@pytest.fixture
def track(pack, nodes, monkeypatch):
    """``track(images, **changes)``: outputs and texts of the node."""
    module = pack("nodes.background")
    monkeypatch.setattr(pack("nodes.host"), "show_text", lambda text, _: None)
    preview = lambda image, cls: type("P", (), {"as_dict": lambda s: {"images": [image]}})()  # noqa: E731
    monkeypatch.setattr(module.ui, "PreviewImage", preview)
    node = nodes["HumanDiTTrackBackground"]
    prepared = node.PREPARE_CLASS_CLONE(None) if hasattr(node, "PREPARE_CLASS_CLONE") else node

    def run(images, mode="film", **changes):
        output = prepared.execute(images, mode=mode, **{**SETTINGS, **changes})
        return *output.args, output.ui["text"][0]

    return run


@pytest.fixture
def film():
    """[8, 96, 96, 3]: a textured scene that moves a pixel to the left per frame."""
    rng = np.random.default_rng(0)
    coarse = torch.from_numpy(rng.uniform(0, 1, (1, 3, 26, 26))).float()
    scene = torch.nn.functional.interpolate(coarse, (104, 104), mode="bicubic").clamp(0, 1)[0].permute(1, 2, 0)
    return torch.stack([scene[4:100, t : t + 96] for t in range(8)])


def someone(pack, frames, side=SIDE, fps=12.5):
    sequence, types = pack("humandit.pose.sequence"), pack("humandit.types")
    rng = np.random.default_rng(0)
    xy = rng.uniform(0.46, 0.54, (1, 133, 2)) * side + rng.normal(0, 0.3, (frames, 133, 2))
    return sequence.PoseSequence(xy, np.ones((frames, 133)), types.Canvas(side, side), fps)


def test_the_films_camera_is_found(pack, track, film):
    points, shown, text = track(film)
    assert points.xy.shape == (8, 12, 2) and points.canvas == pack("humandit.types").Canvas(96, 96)
    both = points.visible[0] & points.visible[-1]
    assert both.sum() >= 4
    assert np.allclose((points.xy[-1] - points.xy[0])[both], [-7, 0], atol=0.5)
    assert shown.shape == (3, 96, 96, 3) and "points in sight" in text and "over 8 frames" in text


def test_mask_poses_and_detector_keep_points_off_the_person(pack, track, film):
    mask = torch.zeros(8, 96, 96)
    mask[:, 20:76, 20:76] = 1
    poses = someone(pack, 8, 96)

    class Cutter:
        def person_masks(self, frames, poses):
            return (m for m in (mask > 0).numpy())

        def detect(self, frames, fps):
            return poses

    for given in ({"mask": mask}, {"poses": poses}, {"poses": poses, "detector": Cutter()}, {"detector": Cutter()}):
        points, *_ = track(film, **given)
        seen = points.xy[points.visible]
        middle = ((seen > 44) & (seen < 52)).all(-1)
        assert len(seen) and not middle.any(), given
    keypoint = pack("humandit.pose.formats").to_pose_keypoint(poses)
    assert track(film, poses=keypoint)[0].visible.any()


def test_made_cameras(track, film):
    still, *_ = track(film, "still", pan_x=1.0)
    assert (still.xy == still.xy[0]).all() and still.visible.all()
    panned, _, _ = track(film[:5], "pan and zoom", pan_x=0.5, fps=10.0)
    both = panned.visible[1:] & panned.visible[:-1]
    assert np.allclose(np.diff(panned.xy, axis=0)[both], [-0.05 * 96, 0], atol=1e-3)
    one, shown, _ = track(film[:1], "still")
    assert len(one) == 1 and len(shown) == 1


def test_what_cannot_be_tracked_is_explained(pack, track, film):
    with pytest.raises(ValueError, match="after 1 there are more frames"):
        track(film, mask=torch.zeros(1, 96, 96))
    with pytest.raises(ValueError, match="after 5 there are more frames"):
        track(film, poses=someone(pack, 5, 96))
    with pytest.raises(ValueError, match="96x96"):
        track(film, mask=torch.zeros(8, 90, 96))
    with pytest.raises(ValueError, match="still camera"):
        track(torch.full((3, 96, 96, 3), 0.5))
    with pytest.raises(ValueError, match="no 'cotracker.pt' among the trackers"):
        track(film, tracker="cotracker.pt")
    with pytest.raises(ValueError, match="background modes"):
        track(film, "orbit")


def test_a_cotracker_in_the_folder_is_listed_and_run(comfy, pack, nodes, track, film, tmp_path, monkeypatch):
    import folder_paths

    class Still(torch.nn.Module):
        def forward(self, video: torch.Tensor, queries: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            tracks = queries[:, None, :, 1:].expand(1, video.shape[1], -1, 2)
            return tracks, torch.ones(tracks.shape[:3], dtype=torch.bool)

    torch.jit.script(Still()).save(str(tmp_path / "cotracker.pt"))
    (tmp_path / "sapiens.pt").write_bytes(b"x")
    monkeypatch.setitem(folder_paths.folder_names_and_paths, "humandit_pose", ([str(tmp_path)], {".pt"}))
    monkeypatch.setattr(folder_paths, "filename_list_cache", {})
    offered = {entry.id: entry for entry in nodes["HumanDiTTrackBackground"].define_schema().inputs}
    assert offered["tracker"].options == ["lucas-kanade", "cotracker.pt"]
    points, *_ = track(film, tracker="cotracker.pt")
    assert (points.xy == points.xy[0]).all() and points.visible.any()


def test_background_reaches_conditioning_and_is_optional(pack, nodes, monkeypatch):
    poses, still = someone(pack, 20), someone(pack, 1)
    points = pack("humandit.pose.background").camera_background(poses.canvas, 20, 12.5, (0.4, 0.0))
    monkeypatch.setattr(pack("nodes.condition"), "encode_alone", lambda vae, picture: torch.zeros(1, 16, 1, 8, 8))
    given = {
        "vae": None, "reference": torch.rand(1, SIDE, SIDE, 3), "reference_poses": still, "poses": poses,
        "width": SIDE, "height": SIDE, "frames": 9,
    }  # fmt: skip
    condition = nodes["HumanDiTCondition"].execute
    with_points = [condition(**given, start=s, background=points).args[0][0][1]["pose_tokens"][0] for s in (0, 8)]
    bare = condition(**given, start=0).args[0][0][1]["pose_tokens"][0]
    eighth = lambda tokens: tokens.permute(1, 2, 3, 0).unflatten(-1, (4, 4, 4, 22))[..., 7]  # noqa: E731
    assert eighth(with_points[0]).any() and not eighth(bare).any()
    seam = [eighth(tokens)[at, ..., -1, :, :] for tokens, at in zip(with_points, (-1, 0), strict=True)]
    assert torch.equal(*seam) and seam[0].any()
    fields = {entry.id: entry for entry in nodes["HumanDiTSample"].GET_SCHEMA().inputs}
    assert fields["background"].optional and list(fields)[-3:] == ["background", "preset", "continuity"]


def test_the_sampler_takes_it(pack, nodes, monkeypatch):
    """The pose images that its chain is given are those with the points."""
    film, seen = pack("nodes.film"), []
    poses, still = someone(pack, 10), someone(pack, 1)

    def shot(made, node):
        seen.append((made.poses, made.background))
        return torch.zeros(1, SIDE, SIDE, 3), []

    monkeypatch.setattr(film, "shot", shot)
    points = pack("humandit.pose.background").camera_background(poses.canvas, 20, 25.0)
    nodes["HumanDiTSample"].execute(
        model=None, vae=None, reference=torch.rand(1, SIDE, SIDE, 3), reference_poses=still, poses=poses, width=SIDE,
        height=SIDE, frames=0, segment_frames=9, steps=1, guidance=1.0, sampler="ddim", fps=12.5, seed=0,
        background=points,
    )  # fmt: skip
    images = pack("nodes.fitting").rasterized(*seen[0])[:]
    assert images.shape[0] == 11 and 3 <= images[..., 7].sum((1, 2)).min() and images[..., 7].sum((1, 2)).max() <= 20
