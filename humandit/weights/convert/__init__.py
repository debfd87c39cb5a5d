"""Other programs' weight files turned into safetensors, without running anything in them."""
