"""Classes of diffusers: there, or a word about what to do."""

import sys

import pytest

from humandit.errors import MissingDependency
from humandit.video.stock import stock_class


def test_the_class_is_there():
    assert stock_class("AutoencoderKLCogVideoX").__name__ == "AutoencoderKLCogVideoX"


@pytest.mark.parametrize("name", ["AutoencoderKLCogVideoX", "NoSuchClass"])
def test_what_cannot_be_loaded_is_explained(name, monkeypatch):
    if name != "NoSuchClass":
        monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(MissingDependency, match=rf"{name}.*torchvision"):
        stock_class(name)
