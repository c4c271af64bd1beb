"""Benchmarks that print ratios against a bare baseline measured in turn in the same run."""
