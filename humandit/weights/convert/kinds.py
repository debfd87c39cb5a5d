"""What a user may say that a file to convert is."""

WORDS = {"vctrl": "a PP-VCtrl side network", "cogvideox": "CogVideoX"}
"""Kind -> words that its family's name must have."""
KINDS = (*WORDS, "any")
"""All kinds; "any" takes every family that is known by its tensors."""
