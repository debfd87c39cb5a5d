"""What scores pictures: clarity of hands and teeth, quality of frames, writing."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from humandit.data.clips.clarity import PARTS, NetClarity, SimpleClarity, load_clarity
from humandit.data.clips.clarity_net import MINI, PAPER, ClarityConfig, ClarityNet
from humandit.data.clips.measures import blockiness, blurriness, grey, noisiness
from humandit.data.clips.quality import QAlign, SimpleQuality
from humandit.data.clips.regions import crops, hand_boxes, mouth_boxes, scored_frames
from humandit.data.clips.text import RapidOCR, find_text, load_text, text_masks
from humandit.errors import HumanDiTError, InvalidWeights, MissingDependency
from humandit.pose import skeleton as coco
from humandit.pose.sequence import PoseSequence
from humandit.train.clarity import ClarityRecipe, ClarityTrainer
from humandit.train.clarity_faults import FAULTS, RANKS, spoilt
from humandit.train.clarity_sets import APART, Sources, pairs
from humandit.types import Canvas
from tests.data.clips.planted import blurred, compressed, tell, written
from tests.pose.conftest import standing

TINY = ClarityConfig(width=8)


def texture(seed, size=64):
    """Shapes with crisp edges, as a picture [size, size, 3]."""
    import cv2

    rng = np.random.default_rng(seed)
    picture = np.full((size, size, 3), rng.integers(0, 255, 3), np.uint8)
    for _ in range(14):
        at, radius = rng.integers(0, size, 2), int(rng.integers(3, size // 5))
        cv2.circle(picture, tuple(int(v) for v in at), radius, tuple(int(v) for v in rng.integers(0, 255, 3)), -1)
    return picture


def test_measures_tell_one_fault_each():
    clean = texture(0, 256)
    soft, blocks = blurred(clean[None], 2)[0], compressed(clean[None], 5)[0]
    noise = np.clip(clean + np.random.default_rng(0).normal(0, 12, clean.shape), 0, 255).astype(np.uint8)
    assert blurriness(grey(clean)) < 0.3 < 0.6 < blurriness(grey(soft))
    assert blockiness(grey(clean)) < 0.3 < blockiness(grey(blocks))
    assert noisiness(grey(clean)) < 1 and 4 < noisiness(grey(noise)) < 12
    assert blurriness(np.zeros((20, 20), np.float32)) == 1 and blockiness(np.zeros((9, 9), np.float32)) == 0


def test_simple_quality_falls_with_every_fault():
    frames = np.stack([texture(i, 256) for i in range(3)])
    clean, soft, softer = (SimpleQuality()(f).mean() for f in (frames, blurred(frames, 1), blurred(frames, 4)))
    assert clean > 80 > soft > 45 > softer
    assert SimpleQuality()(compressed(frames, 3)).mean() < clean - 10


def test_the_papers_net_is_resnet18():
    torchvision = pytest.importorskip("torchvision")
    theirs = torchvision.models.resnet18(num_classes=1)
    ours = ClarityNet(replace(PAPER, side=224))
    shapes = {name: t.shape for name, t in theirs.state_dict().items()}
    assert {name: t.shape for name, t in ours.state_dict().items()} == shapes
    ours.load_state_dict(theirs.state_dict())
    picture = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    mean, std = (torch.tensor(v)[:, None, None] for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    wanted = theirs.eval()((picture - mean) / std)[:, 0]
    torch.testing.assert_close(ours.eval().logits(picture), wanted)


def test_the_small_net_says_what_it_is():
    assert "8/64" in MINI.name and PAPER.name == "ResNet-18"
    assert sum(p.numel() for p in ClarityNet(MINI).parameters()) < 180_000
    with pytest.raises(InvalidWeights, match="unknown keys: depth"):
        ClarityConfig.from_dict({"width": 8, "depth": 3})


def test_pairs_are_two_ranks_apart():
    found = pairs(np.random.default_rng(0), 500)
    assert (found[:, 1] - found[:, 0] >= APART).all() and found.min() == 0 and found.max() == RANKS - 1
    assert len({tuple(p) for p in found}) == 6


@pytest.mark.parametrize("fault", FAULTS)
def test_every_set_gets_worse_step_by_step(fault):
    rng, crop = np.random.default_rng(1), texture(2)
    sets = np.stack([spoilt(crop, fault, rng) for _ in range(8)]).astype(float)
    away = np.abs(sets - sets[:, :1]).mean((0, 2, 3, 4))
    assert away[0] == 0 and (np.diff(away) > 0).all()


def sources(path):
    rng = np.random.default_rng(0)
    shapes = np.stack([texture(int(i)) for i in rng.integers(0, 1000, 40)])
    made = Sources({part: shapes for part in PARTS}, {part: np.arange(40) for part in PARTS})
    made.save(path / "crops.npz")
    return made


def test_no_source_is_on_both_sides(tmp_path):
    made = sources(tmp_path)
    assert len(made.side("hands", True)) == 4 and len(made.side("hands", False)) == 36
    again = Sources.load(tmp_path / "crops.npz")
    np.testing.assert_array_equal(again.crops["teeth"], made.crops["teeth"])


def test_the_scorer_learns_resumes_and_is_loaded(tmp_path):
    sources(tmp_path)
    recipe = ClarityRecipe(tmp_path, minutes=10, stretch=0.04, config=TINY, batch=2, heldout=10)
    ClarityTrainer(recipe).run()
    again = ClarityTrainer(recipe)
    first = again.step
    assert first > 0
    before = [p.clone() for p in again.nets["hands"].parameters()]
    again.run()
    after = again.nets["hands"].parameters()
    assert again.step > first and any((a != b).any() for a, b in zip(before, after, strict=True))
    with pytest.raises(HumanDiTError, match="Choose another --out"):
        ClarityTrainer(replace(recipe, config=ClarityConfig(width=3)))
    scorer = load_clarity(tmp_path / "clarity.safetensors")
    crop = texture(7)
    scores = scorer("hands", [crop, crop, texture(8)])
    assert scores.shape == (3,) and scores[0] == scores[1] and ((scores >= 0) & (scores <= 1)).all()
    assert "8/64" in scorer.name
    log = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert {"hands_all", "teeth_all", "hands_blur", "teeth_occlusion"} <= set(log[-1])


def test_a_few_steps_order_blurred_shapes(tmp_path):
    sources(tmp_path)
    trainer = ClarityTrainer(ClarityRecipe(tmp_path, minutes=1, config=TINY, batch=6, lr=1e-2, heldout=40))
    before = trainer.accuracy("hands")["all"]
    for step in range(60):
        trainer.step = step
        trainer.train_step("hands", 0.3)
    assert trainer.accuracy("hands")["all"] > max(before, 0.65)


def test_clarity_files_that_are_none_are_refused(tmp_path):
    with pytest.raises(MissingDependency, match="train clarity"):
        NetClarity.load(tmp_path / "none.safetensors")
    (tmp_path / "bad.safetensors").write_bytes(b"nothing")
    with pytest.raises(InvalidWeights, match="cannot be read"):
        NetClarity.load(tmp_path / "bad.safetensors")
    assert isinstance(load_clarity("simple"), SimpleClarity)
    blur = SimpleClarity()("hands", [texture(1), blurred(texture(1)[None], 3)[0]])
    assert blur[0] > 0.8 > 0.3 > blur[1]


def test_regions_are_where_the_points_are():
    poses = PoseSequence(standing()[None] * 8, np.ones((1, coco.COUNT)), Canvas(1600, 1600), 25)
    hands, (mouth,) = list(hand_boxes(poses, 0)), mouth_boxes(poses, 0)
    middle = poses.xy[0, coco.LEFT_HAND_SLICE].mean(0)
    assert len(hands) == 2 and abs(hands[0].x - middle[0]) < 10 and hands[0].size > 64
    assert crops(np.zeros((1600, 1600, 3), np.uint8), iter(hands))[0].shape == (64, 64, 3)
    assert mouth.size > 24 and list(mouth_boxes(replace(poses, xy=poses.xy / 8), 0)) == []
    hidden = replace(poses, score=np.zeros_like(poses.score))
    assert (
        not list(hand_boxes(hidden, 0)) and not list(mouth_boxes(hidden, 0)) and list(scored_frames(11)) == [0, 5, 10]
    )


def test_text_boxes_become_masks():
    lines = [[np.array([[10, 20], [50, 20], [50, 30], [10, 30]], np.float32)], []]
    masks = text_masks(lines, 60, 80)
    assert masks.shape == (2, 60, 80) and not masks[1].any()
    rows, columns = np.nonzero(masks[0])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (18, 32, 8, 52)


def test_frames_between_two_looks_take_the_text_of_both():
    seen = []

    class Finder:
        name = "a line in frame five"

        def __call__(self, frame):
            seen.append(int(frame[0, 0, 0]))
            return [frame[:2, 0, :2]] if frame[0, 0, 0] == 5 else []

    frames = np.arange(8, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 3), np.uint8)
    lines = find_text(Finder(), frames)
    assert seen == [0, 5, 7] and [len(found) for found in lines] == [0, 1, 1, 1, 1, 1, 1, 0]


def test_text_is_optional(monkeypatch):
    monkeypatch.setitem(sys.modules, "rapidocr_onnxruntime", None)
    assert load_text("none") is None and load_text("auto") is None
    with pytest.raises(MissingDependency, match="pip install rapidocr-onnxruntime"):
        load_text("rapidocr")
    with pytest.raises(HumanDiTError, match="auto, rapidocr, none"):
        load_text("tesseract")


@pytest.mark.slow
def test_writing_against_exact_truth():
    pytest.importorskip("rapidocr_onnxruntime")
    finder, hit, found_pixels, true_pixels = RapidOCR(), 0, 0, 0
    for seed, (text, scale) in enumerate((("a line of subtitles", 0.8), ("SALE 50 OFF", 1.6), ("hello again", 0.6))):
        film, truth = written(np.stack([texture(seed, 512)]), text, 1, scale)
        rows, columns = np.nonzero(truth)
        box = np.zeros_like(truth)
        box[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
        mask = text_masks(find_text(finder, film), 512, 512)[0]
        hit, found_pixels, true_pixels = hit + (mask & box).sum(), found_pixels + mask.sum(), true_pixels + box.sum()
        assert mask[truth].mean() > 0.97, "no letter is left uncovered"
    tell(f"writing: precision {hit / found_pixels:.3f}, recall {hit / true_pixels:.3f}")
    assert hit / true_pixels > 0.95 and hit / found_pixels > 0.6
    assert not text_masks(find_text(finder, np.stack([texture(9, 512)])), 512, 512).any(), "shapes are no letters"


PACKAGE = """
class QAlignScorer:
    def __init__(self, pretrained, device):
        if "broken" in pretrained:
            raise KeyError("mplug_owl2")
    def __call__(self, images):
        return [sum(image.getpixel((0, 0))) / 765 for image in images]
"""


def test_q_align_is_asked_as_its_authors_do(tmp_path, monkeypatch):
    """Their package's signature; code beside the weights is never run."""
    folder = tmp_path / "one-align"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    monkeypatch.setitem(sys.modules, "q_align", None)
    with pytest.raises(MissingDependency, match="q_align"):
        QAlign.load(folder)
    monkeypatch.delitem(sys.modules, "q_align")
    (tmp_path / "q_align.py").write_text(PACKAGE)
    (folder / "modeling.py").write_text("raise SystemExit")
    monkeypatch.syspath_prepend(tmp_path)
    scorer = QAlign.load(folder)
    frames = np.zeros((2, 8, 8, 3), np.uint8)
    frames[1] = 255
    np.testing.assert_allclose(scorer(frames), [0, 100])
    assert scorer.name == "Q-Align (one-align)"
    with pytest.raises(MissingDependency, match="config.json"):
        QAlign.load(tmp_path)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/config.json").write_text("{}")
    with pytest.raises(InvalidWeights, match="mplug_owl2"):
        QAlign.load(tmp_path / "broken")
