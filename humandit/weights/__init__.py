"""Weight files: what is known, what a file holds, how it becomes a model. Only safetensors are ever opened."""
