"""Whether what stands here is whole: lock file, outputs, receipts, cache, release and what people wrote."""
