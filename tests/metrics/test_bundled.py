"""The bundled weights have really learnt: on people, motions and backdrops that training never saw."""

import pytest

from humandit.commands.evaluate.held_out import make_films
from humandit.commands.evaluate.rivals import Field
from humandit.data.synthetic import render_clip
from humandit.errors import MissingDependency
from humandit.metrics import rivals
from humandit.metrics.evaluate import Tools, compare
from humandit.metrics.image import psnr
from humandit.pipeline import Models
from humandit.video.sample import Sampling
from humandit.weights.load import load_model, load_vae
from tests.conftest import missing

pytestmark = pytest.mark.slow
CLIPS = 6


@pytest.fixture(scope="module")
def clips():
    try:
        return [render_clip(100 + i, "heldout", 9, 128) for i in range(CLIPS)]
    except MissingDependency as error:
        missing(str(error))


@pytest.fixture(scope="module")
def models():
    return Models(load_model("mini"), load_vae("mini"))


def test_the_model_beats_a_still_picture_and_reads_the_poses(clips, models):
    names = ("repeat_reference", "shuffled_pose", "no_pose", "vae_only")
    field = Field(models, batch=3)
    assert field.sampling_of(models) == Sampling(2, 1.0)
    assert Field(models, steps=7, guidance=2.0, seed=5).sampling_of(models) == Sampling(7, 2.0, seed=5)
    assert field.sampling_of(models, 1.5) == Sampling(2, 1.5)
    films = make_films(clips, field, names)
    result = compare(films, clips, Tools())
    person = {name: result[name]["person_psnr"] for name in films}
    assert person["model"] > person["repeat_reference"] + 0.5, person
    assert person["model"] > person["shuffled_pose"] + 1.0, person
    assert person["model"] > person["no_pose"] + 0.5, person
    assert result["wins"] > 0.5


def test_the_decoder_beats_its_linear_part(clips, models):
    def mean(films):
        return sum(psnr(film, clip.frames[1:]) for film, clip in zip(films, clips, strict=True)) / CLIPS

    assert mean(rivals.through_vae(clips, models.vae)) > mean(rivals.through_pca(clips, models.vae)) + 0.3
