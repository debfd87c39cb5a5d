"""Diffusion: one home for noise schedules, samplers, guidance, attention and positions."""
