"""Pictures and films: read, fit, write, lay out side by side. Pixels are uint8 RGB throughout."""
