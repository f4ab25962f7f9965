"""Downloads of sources: checked addresses, pinned digests, partial files that go on; and the presets of public sets."""
