"""Poses: detect, hold, convert, retarget, draw."""
