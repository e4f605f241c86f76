"""What a step computes, as data, and how it is made simpler."""
