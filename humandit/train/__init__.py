"""Training: loops for the autoencoder and the video DiT, resumable, on a CPU or a GPU."""
