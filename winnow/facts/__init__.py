"""Facts: what is true of a clean row, whatever the thresholds. Computed once; gates compare them with limits."""
