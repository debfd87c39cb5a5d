"""Raw films to labelled clips of one person each, in WebDataset shards (paper §3.2, App. A)."""
