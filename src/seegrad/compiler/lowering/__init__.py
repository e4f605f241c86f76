"""How a loop of the plan becomes instructions."""
