"""The schedule against diffusers', and noising as a round trip."""

import pytest
import torch
from diffusers import CogVideoXDDIMScheduler, CogVideoXDPMScheduler, DPMSolverMultistepScheduler

from humandit.diffusion.samplers import SAMPLERS, sampler
from humandit.diffusion.schedule import TRAIN_STEPS, cogvideox_schedule, trailing_timesteps
from humandit.errors import HumanDiTError

COGVIDEOX_5B = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
    "snr_shift_scale": 1.0,
    "clip_sample": False,
    "set_alpha_to_one": True,
}


@pytest.mark.parametrize("shift", [1.0, 3.0])
def test_alpha_bar_equals_diffusers(shift):
    stock = CogVideoXDDIMScheduler(**{**COGVIDEOX_5B, "snr_shift_scale": shift})
    assert torch.allclose(cogvideox_schedule(snr_shift=shift).alpha_bar, stock.alphas_cumprod.float(), atol=1e-6)
    assert cogvideox_schedule(snr_shift=shift).alpha_bar[-1] == 0


@pytest.mark.parametrize("steps", [1, 4, 20, 50])
def test_trailing_timesteps_equal_diffusers(steps):
    stock = CogVideoXDDIMScheduler(**COGVIDEOX_5B)
    stock.set_timesteps(steps)
    assert trailing_timesteps(steps) == stock.timesteps.tolist()


@pytest.mark.parametrize("steps", [0, TRAIN_STEPS + 1])
def test_impossible_step_counts_are_refused(steps):
    with pytest.raises(HumanDiTError, match="steps"):
        trailing_timesteps(steps)


@pytest.mark.parametrize("prediction", ["v", "x0"])
def test_clean_inverts_target(prediction):
    schedule = cogvideox_schedule(prediction)
    clean, noise = torch.randn(2, 5, 3, 4, 4, 4)
    timestep = torch.tensor([0, 10, 500, 998, 999])
    noisy = schedule.add_noise(clean, noise, timestep)
    assert torch.allclose(schedule.clean(schedule.target(clean, noise, timestep), noisy, timestep), clean, atol=1e-5)
    assert torch.equal(noisy[-1], noise[-1]), "at the last timestep no signal is left"


def _toy(z, t):
    """A smooth stand-in for a denoiser, to compare samplers on."""
    return torch.tanh(z * (0.5 + t / 2000))


def _toy_velocity(schedule, z, t):
    signal, level = schedule.signal_and_noise(torch.tensor([t]), z)
    return (signal * z - _toy(z, t)) / level


@pytest.mark.parametrize("shift", [1.0, 3.0])
@pytest.mark.parametrize("steps", [1, 2, 5, 10, 20, 50])
def test_ddim_equals_diffusers(steps, shift):
    """Steps that divide 1000: with others diffusers' step ends at t - 1000 // steps, beside the timestep it takes next
    (at 6 steps, 833 and 832); ours ends where the next one starts."""
    schedule = cogvideox_schedule(snr_shift=shift)
    stock = CogVideoXDDIMScheduler(**{**COGVIDEOX_5B, "snr_shift_scale": shift})
    stock.set_timesteps(steps)
    start = torch.randn(1, 2, 4, 4, 4)
    ours = SAMPLERS["ddim"](_toy, start, trailing_timesteps(steps), schedule, lambda *_: None, torch.Generator())
    z = start
    for t in stock.timesteps.tolist():
        z = stock.step(_toy_velocity(schedule, z, t), t, z, return_dict=False)[0]
    assert torch.allclose(ours, z, atol=1e-4)


@pytest.mark.parametrize("steps", [1, 2, 5, 10, 25])
def test_dpm_equals_diffusers_up_to_its_own_noise(steps):
    schedule, stock = cogvideox_schedule(), CogVideoXDPMScheduler(**COGVIDEOX_5B)
    stock.set_timesteps(steps)
    start = torch.randn(1, 2, 4, 4, 4)
    z, previous = start, None
    drawn = []
    timesteps = stock.timesteps.tolist()
    rng = torch.Generator().manual_seed(5)
    for i, t in enumerate(timesteps):
        before = rng.get_state()
        z, previous = stock.step(
            _toy_velocity(schedule, z, t), previous, t, timesteps[i - 1] if i else None, z, generator=rng,
            return_dict=False,
        )  # fmt: skip
        # upstream draws twice from the second step on and uses the second draw
        rng.set_state(before)
        noise = torch.randn(start.shape, generator=rng)
        if 0 < i < len(timesteps) - 1:
            noise = torch.randn(start.shape, generator=rng)
        drawn.append(noise)
    replay = iter(drawn)
    ours = _with_noise(lambda: next(replay), start, schedule, steps)
    assert torch.allclose(ours, z, atol=1e-3)


@pytest.mark.parametrize("steps", [1, 2, 5, 12])
def test_dpm_2m_equals_diffusers(steps):
    schedule = cogvideox_schedule()
    stock = DPMSolverMultistepScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="sample",
        rescale_betas_zero_snr=True, timestep_spacing="trailing", lower_order_final=True,
    )  # fmt: skip
    stock.set_timesteps(steps)
    start = torch.randn(1, 2, 4, 4, 4)
    rng = torch.Generator()
    ours = SAMPLERS["dpm++2m"](_toy, start, trailing_timesteps(steps), schedule, lambda *_: None, rng)
    z = start
    for t in stock.timesteps.tolist():
        z = stock.step(_toy(z, t), t, z, return_dict=False)[0]
    assert torch.allclose(ours, z, atol=3e-3), "upstream's first step starts at a signal of 2^-12 instead of 0"


def _with_noise(draw, start, schedule, steps):
    original = torch.randn
    torch.randn = lambda *args, **kwargs: draw()
    try:
        return SAMPLERS["dpm++"](_toy, start, trailing_timesteps(steps), schedule, lambda *_: None, torch.Generator())
    finally:
        torch.randn = original


def test_callback_can_stop_a_sampler():
    class Stop(Exception):
        pass

    def stop(done, total, clean):
        if done == 2:
            raise Stop

    with pytest.raises(Stop):
        SAMPLERS["ddim"](
            _toy, torch.randn(1, 1, 1, 2, 2), trailing_timesteps(5), cogvideox_schedule(), stop, torch.Generator()
        )


def test_unknown_sampler_names_the_known():
    with pytest.raises(HumanDiTError, match=r"ddim, dpm\+\+"):
        sampler("magic")
