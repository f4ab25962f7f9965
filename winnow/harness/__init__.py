"""What every stage script needs around its one call: settings, workers, code digests, publishing, receipts, metrics."""
