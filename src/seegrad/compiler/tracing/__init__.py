"""How a step becomes a program: it runs once, and all that it does is written down."""
