"""Answers to drift: what keeps a film of many segments the film of one person in one place. Each is one switch."""

from .answers import Answers
from .options import DEFAULT, PLAIN, PRESETS, Continuity, continuity

__all__ = ["DEFAULT", "PLAIN", "PRESETS", "Answers", "Continuity", "continuity"]
