"""How true it is what is said of a model: with labels, without them, and whether a drift harms."""
