"""One subject of facts a module: its columns with their meanings, and the function that computes them."""
