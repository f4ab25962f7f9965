"""How alike rows are: MinHash candidates, verified similarity, groups, overlap with benchmarks."""
