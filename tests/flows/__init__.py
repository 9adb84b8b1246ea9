"""Whole jobs as people do them."""
