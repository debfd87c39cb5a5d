"""The video DiT: model, pose guider, autoencoders, segments and sampling."""
