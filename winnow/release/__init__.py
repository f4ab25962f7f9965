"""From decisions to files that people train on: the index, the formats, the dataset card."""
