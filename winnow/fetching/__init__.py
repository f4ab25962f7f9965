"""Downloads of sources: checked addresses, pinned digests, partial files that resume, presets of public sets."""
