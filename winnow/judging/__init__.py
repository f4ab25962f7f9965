"""What strong models say of rows: rubrics, requests that keep the judged text inside a fence, verdicts, facts."""
