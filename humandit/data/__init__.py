"""Training data: rendered people with exact poses."""
