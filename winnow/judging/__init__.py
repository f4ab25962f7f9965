"""What strong models say of rows: rubrics, requests, verdicts and the facts made of them, canaries."""
