"""The matrix product, generated for one pair of sizes."""
