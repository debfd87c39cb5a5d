"""Finished segments on disk, so that a film that was interrupted goes on where it stopped.

What is kept of a segment is what took the time: its latents, to the bit, written before they are decoded. They are a
fortieth of its frames. Going on runs the chain from its beginning with these in place of the denoiser: decoding, what
goes from one segment to the next and every answer to drift come out as before, because they are made as before.
"""

from .book import Journal
from .prints import code_print, fingerprint, weights_print
from .shelf import Shelf, remembered

__all__ = ["Journal", "Shelf", "code_print", "fingerprint", "remembered", "weights_print"]
