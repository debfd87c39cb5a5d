"""Usual numbers of denoising steps; apart, so that a command line knows them without loading PyTorch."""

GENERATE_STEPS = 20
"""New motion is drawn from noise."""
REFINE_STEPS = 2
"""Mending has nearly one answer."""
