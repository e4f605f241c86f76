"""The vocabulary of ops, spoken in the processor's registers."""
