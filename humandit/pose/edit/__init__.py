"""Corrections by hand: small edits beside the poses, applied anew at every run.

``read`` turns the text that the editor writes into :class:`Edits`, ``apply`` gives the edited people, ``pack`` hands
poses to the browser bit by bit.
"""

from .apply import apply
from .document import Added, Edits, Key, Span
from .pack import pack
from .read import read
from .write import write

__all__ = ("Added", "Edits", "Key", "Span", "apply", "pack", "read", "write")
