"""Sliding windows: products that read overlapping parts of an image."""
