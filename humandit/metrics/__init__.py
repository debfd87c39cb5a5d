"""Scores of results against the truth: pixels, structure, poses. Inference never imports this room."""
