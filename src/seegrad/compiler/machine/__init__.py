"""What runs it: the processor, its code on disk, its threads, its random numbers."""
