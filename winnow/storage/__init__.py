"""Tables on disk: one canonical Parquet writer and the buckets that every table is cut into."""
