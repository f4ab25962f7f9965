"""Raw files to units and records: decompression, decoding, JSON, tables. What cannot be read is quarantined by name."""
