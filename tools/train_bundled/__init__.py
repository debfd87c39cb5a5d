"""Train the bundled film model and its decoder on one graphics card, in one command that can be run again.

``python -m tools.train_bundled --out runs/bundled`` renders people, trains the decoder and the film model side by side
(the autoencoder's linear code is kept, so neither waits for the other), leaves their weights in pieces that fit through
small doors, and says whether they are better than those it began with. Cut off or run again with the same ``--out`` it
goes on; from the pieces alone it begins with those weights. On a processor it does the same, slowly.
"""
