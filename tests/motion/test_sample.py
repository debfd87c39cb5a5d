"""Motion that goes on, and poses made whole, on a tiny network with random weights."""

from dataclasses import replace

import numpy as np
import pytest

from humandit.errors import HumanDiTError, Interrupted, InvalidPose
from humandit.motion.blend import Strengths
from humandit.motion.generate import Manner, continue_motion
from humandit.motion.refine import refine_motion
from humandit.motion.start import MotionSampling
from humandit.motion.tokens import to_tokens
from humandit.motion.windows import Window, plan_windows, whole_windows

QUICK = MotionSampling(steps=2, guidance=1.5, seed=4)


def _equal(a, b):
    return np.array_equal(a.xy, b.xy) and np.array_equal(a.score, b.score)


def test_windows_go_on_where_the_last_ended():
    windows = plan_windows(30, 1, 12, 12, 4)
    assert windows == [Window(0, 1, 12), Window(8, 12, 20), Window(16, 20, 28), Window(24, 28, 30)]
    assert whole_windows(30, 12, 4) == 36
    assert whole_windows(3, 12, 4) == 12
    assert plan_windows(whole_windows(30, 12, 4), 1, 12, 12, 4)[-1] == Window(24, 28, 36)


@pytest.mark.parametrize(("begun", "fps"), [(1, 25), (3, 25), (9, 25), (1, 12.5), (7, 30)])
def test_motion_begins_with_the_start_and_has_the_length_that_was_asked_for(model, person, begun, fps):
    start = person(begun, fps)
    motion = continue_motion(model, start, 20, sampling=QUICK)
    assert (len(motion), motion.fps) == (begun + 20, fps)
    assert _equal(motion[:begun], start)
    assert not np.allclose(motion.xy[begun], motion.xy[-1])


def test_the_same_seed_gives_the_same_motion_and_a_longer_one_begins_like_a_shorter(model, person):
    short, again, long = (continue_motion(model, person(), frames, sampling=QUICK) for frames in (9, 9, 25))
    other = continue_motion(model, person(), 9, sampling=replace(QUICK, seed=5))
    assert _equal(short, again)
    assert _equal(short, long[:10])
    assert not np.allclose(short.xy, other.xy)


def test_the_prefix_of_a_window_is_the_end_of_the_one_before(model, person):
    seen = []
    model.register_forward_pre_hook(
        lambda module, args, kwargs: seen.append((kwargs["prefix_frames"], args[0][0].numpy())), with_kwargs=True
    )
    motion = to_tokens(continue_motion(model, person(), 25, sampling=replace(QUICK, steps=1)))
    assert [count for count, _ in seen] == [1, 4, 4]
    present = np.repeat(motion.presence, 2, axis=1) > 0
    for (_, points), start in zip(seen, (0, 8, 16), strict=True):
        known = slice(start, start + (4 if start else 1))
        assert np.allclose(
            points[: known.stop - start][present[known]], motion.points[known][present[known]], atol=1e-5
        )


def test_joints_that_the_start_lacks_stay_absent(model, person):
    motion = continue_motion(model, person(), 6, sampling=QUICK)
    assert (motion.score[:, 112:] == 0).all()
    assert np.allclose(motion.score[:, :112], 0.8)


def test_a_guidance_of_one_asks_once_and_generation_never_twice(model, person):
    calls = []
    model.register_forward_hook(lambda *_: calls.append(1))
    refine_motion(model, person(), person(6), 2, sampling=replace(QUICK, guidance=1))
    assert len(calls) == 2
    refine_motion(model, person(), person(6), 2, sampling=QUICK)
    assert len(calls) == 2 + 4
    continue_motion(model, person(), 5, sampling=QUICK)
    assert len(calls) == 2 + 4 + 2


@pytest.mark.parametrize(
    ("frames", "tau", "fps"), [(6, 0, 25), (6, 6, 25), (40, 20, 25), (9, 3, 30), (9, 4, 10), (30, 5, 60)]
)
def test_refining_gives_the_first_pose_a_bridge_and_all_that_follows(model, person, frames, tau, fps):
    start, aligned = person(), person(frames, fps, seed=1)
    refined = refine_motion(model, start, aligned, tau, sampling=QUICK)
    assert (len(refined), refined.fps) == (1 + tau + frames, fps)
    assert _equal(refined[:1], replace(start, fps=fps))
    assert (refined.score[:, :112] > 0).all()
    assert (refined.score[:, 112:] == 0).all()


def test_joints_of_either_are_there_and_what_a_frame_lacks_is_filled_in(model, person):
    start, aligned = person(), person(6, seed=1)
    score = aligned.score.copy()
    score[:, 112:] = 0.6
    score[3, :23] = 0
    aligned = replace(aligned, score=score)
    whole = refine_motion(model, start, aligned, 2, sampling=QUICK)
    assert np.allclose(whole.score[3:, 112:], 0.6)
    assert np.allclose(whole.score[6, :23], 0.8)
    kept = refine_motion(model, start, aligned, 2, Strengths(body=0), QUICK)
    assert (kept.score[6, :23] == 0).all()


def test_strengths_blend_each_part(model, person):
    start, aligned = person(), person(6, seed=1)
    none, hands, half, full = (
        refine_motion(model, start, aligned, 2, strengths, QUICK)
        for strengths in (Strengths(0, 0, 0), Strengths(0, 1, 0), Strengths(0.5, 0.5, 0.5), Strengths())
    )
    assert np.allclose(none.xy[3:, :112], aligned.xy[:, :112], atol=1e-3)
    assert np.allclose(half.xy[3:, :112], (none.xy[3:, :112] + full.xy[3:, :112]) / 2, atol=1e-2)
    assert np.array_equal(none.xy[:3], full.xy[:3])
    assert np.allclose(hands.xy[3:, :91], aligned.xy[:, :91], atol=1e-3)
    apart = [pose.xy[3:, 91:112] - pose.xy[3:, [9]] for pose in (hands, full)]
    assert np.allclose(*apart, atol=1e-2)


def test_condition_frames_of_the_prefix_and_the_bridge_are_absent(model, person):
    seen = []
    model.register_forward_pre_hook(lambda module, args, kwargs: seen.append(kwargs), with_kwargs=True)
    refine_motion(model, person(), person(6), 3, sampling=replace(QUICK, steps=1))
    condition_presence = seen[0]["condition_presence"][0]
    assert condition_presence.any(-1).tolist() == [False] * 4 + [True] * 6


def test_progress_counts_all_steps_and_may_stop_the_run(model, person):
    seen = []
    motion = continue_motion(model, person(), 25, sampling=QUICK, on_step=lambda *step: seen.append(step))
    assert [(done, total) for done, total, _ in seen] == [(i, 6) for i in range(1, 7)]
    last = seen[-1][2]
    assert len(last) == 12 and last.canvas == motion.canvas
    assert np.allclose(last.xy[:10, :112], motion.xy[16:, :112], atol=0.05)

    def stop(*_):
        raise Interrupted

    with pytest.raises(Interrupted):
        continue_motion(model, person(), 5, sampling=QUICK, on_step=stop)


def test_impossible_wishes_are_refused(model, person):
    nobody = replace(person(), score=np.zeros((1, 133)))
    with pytest.raises(InvalidPose, match="shows no joint"):
        continue_motion(model, nobody, 5, sampling=QUICK)
    with pytest.raises(InvalidPose, match="shows no joint"):
        refine_motion(model, nobody, person(5), 0, sampling=QUICK)
    with pytest.raises(HumanDiTError, match="at least 1 new frame"):
        continue_motion(model, person(), 0, sampling=QUICK)
    for tau in (-1, 6):
        with pytest.raises(InvalidPose, match="0 to 5"):
            refine_motion(model, person(), person(5), tau, sampling=QUICK)
    with pytest.raises(InvalidPose, match="one pose"):
        refine_motion(model, person(2), person(5), 1, sampling=QUICK)
    with pytest.raises(InvalidPose, match="at least 1 pose"):
        refine_motion(model, person(), person(5)[:0], 0, sampling=QUICK)
    with pytest.raises(InvalidPose, match="strength of the hands"):
        Strengths(hands=1.5)
    with pytest.raises(HumanDiTError, match="steps"):
        MotionSampling(steps=0)
    with pytest.raises(HumanDiTError, match="Guidance"):
        MotionSampling(guidance=float("nan"))


def test_numbers_that_are_not_finite_in_a_condition_are_refused(model, person):
    broken = person(5)
    broken.xy[2, 7] = np.nan  # a sequence refuses them when it is made; an array may change later
    with pytest.raises(InvalidPose, match="finite"):
        refine_motion(model, person(), broken, 1, sampling=QUICK)


def test_an_energy_is_guided(model, person):
    free = continue_motion(model, person(), 6, sampling=QUICK)
    calm, lively, more = (
        continue_motion(model, person(), 6, Manner(energy), replace(QUICK, guidance=guidance))
        for energy, guidance in ((0.1, 1), (0.9, 1), (0.9, 2))
    )
    assert not np.allclose(calm.xy, lively.xy) and not np.allclose(free.xy, lively.xy)
    along, apart = more.xy - free.xy, lively.xy - free.xy
    assert (along * apart).sum() > 0
    with pytest.raises(HumanDiTError, match="Energy"):
        Manner(energy=1.5)


def test_an_example_is_followed_after_a_bridge_on_the_body_of_the_start(model, person):
    for layer in (model.proj_out.weight, model.proj_out.bias):
        layer.zero_()  # follows the condition as it is
    start, still = person(), person(seed=1)
    swaying = np.sin(np.arange(40) / 3)[:, None, None] * [20, 0]
    example = replace(still, xy=still.xy + swaying, score=np.full((40, 133), 0.8))
    motion = continue_motion(model, start, 30, Manner(example=example), replace(QUICK, guidance=1))
    plain = continue_motion(model, start, 30, sampling=QUICK)
    assert np.allclose(plain.xy[:, :112], plain.xy[:1, :112], atol=1e-2)
    assert np.ptp(motion.xy[12:], axis=0)[5, 0] > 10
    assert (motion.score[:, 112:] == 0).all(), "what the start lacks stays absent"
    with pytest.raises(InvalidPose, match="example needs"):
        Manner(example=example[:0])
