"""HumanDiT: pose-guided Diffusion Transformer for long-form human motion video.

The library half of the node pack. Start reading at :mod:`humandit.pipeline`; it names every stage once.
Importing this package does nothing but define names.
"""

__version__ = "0.1.0"
