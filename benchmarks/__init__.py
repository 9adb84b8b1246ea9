"""Benchmarks as ratios against the raw limit or a peer, measured in one run; absolute times mean little."""
