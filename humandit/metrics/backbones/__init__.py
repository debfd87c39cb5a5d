"""Networks whose features are compared: the published ones from the user's files, and a fixed random one."""
