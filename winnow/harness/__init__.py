"""What every stage script needs around its one call: settings, workers, publishing, receipts, metrics."""
