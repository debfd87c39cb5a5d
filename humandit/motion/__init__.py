"""The Keypoint-DiT (paper §3.4, App. B): motion from a still, and poses made whole."""
