"""Which loops compute it, in which order, and where everything lies."""
