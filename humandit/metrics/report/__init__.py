"""An evaluation to look at: one page with films that play side by side, plots and the whole table."""
