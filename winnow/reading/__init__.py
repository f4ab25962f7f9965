"""From bytes on disk to raw units: decompression, decoding, JSON. What cannot be read is named, never guessed."""
