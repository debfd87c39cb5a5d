"""The line under the motion nodes: what was made or mended, in numbers that are true."""

from dataclasses import replace

import numpy as np
import pytest

from humandit.data.motion import draw_film
from humandit.motion.energy import energy_of, share_of_energy
from humandit.motion.report import made_text, refined_text


@pytest.fixture(scope="module")
def film():
    return draw_film(1, "heldout", 51)


def test_a_motion_is_counted_and_its_energy_measured(film):
    text = made_text(film.poses[:1], film.poses[1:], 0.5, 1.23)
    assert text.startswith("50 frames, 2.0 s at 25 fps; energy ") and text.endswith("(asked for 0.50); made in 1.2 s")
    told = float(text.split("energy ")[1].split()[0])
    assert told == pytest.approx(share_of_energy(energy_of(film.poses, film.height)), abs=0.05)
    unseen = replace(film.poses, score=np.zeros_like(film.poses.score))
    assert "energy cannot be measured" in made_text(unseen[:1], unseen[1:], 0.5, 1.0)


def test_refining_is_told_part_by_part(film):
    start, given = film.poses[:1], film.poses[3:]
    score = given.score.copy()
    score[4, :5] = 0
    lost = int((given.visible & ~replace(given, score=score).visible).sum())
    shifted = replace(given, xy=given.xy + [0.02 * film.height, 0])
    text = refined_text(replace(given, score=score), start.concat(film.poses[1:3]).concat(shifted), 25.0)
    assert text.startswith("Bridge of 2 frames; moved on average, of the body's height: body ")
    assert float(text.split("body ")[1].split()[0]) == pytest.approx(2, abs=0.2)
    assert f"{lost} joint" in text and "resampled" not in text
    slow = replace(given, fps=12.5)
    assert refined_text(slow, replace(start, fps=12.5).concat(slow), 25.0).endswith(
        "0 joints filled in; resampled from 12.5 to the model's 25 fps and back"
    )
