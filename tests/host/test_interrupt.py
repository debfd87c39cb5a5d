"""Stopping a run takes effect within one denoising step, and the server goes on working."""

import time

import pytest

from tools.prompt import node_of, with_values

pytestmark = [pytest.mark.host, pytest.mark.slow]


def test_interrupt_within_one_step(client, prompt):
    long = with_values(prompt, "HumanDiTSample", steps=60, frames=33, segment_frames=17, seed=77)
    sampler, ticks = node_of(long, "HumanDiTSample"), []

    def stop_at_the_third_step(event):
        state = event.data.get("nodes", {}).get(sampler) if event.kind == "progress_state" else None
        if state and state["value"] > len(ticks):
            ticks.append(time.monotonic())
            if len(ticks) == 3:
                client.interrupt()

    run = client.run(long, stop_at_the_third_step)
    ended = time.monotonic()
    assert run.end == "execution_interrupted"
    step = max(b - a for a, b in zip(ticks, ticks[1:], strict=False))
    assert ended - ticks[2] <= 2 * step + 1.0, (
        f"{ended - ticks[2]:.2f} s after the interrupt, a step takes {step:.2f} s"
    )
    assert client.run(with_values(prompt, "HumanDiTSample", seed=78, frames=9, steps=1)).end == "execution_success"
