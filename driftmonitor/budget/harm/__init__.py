"""Whether a drift harms a model: a pure function of what is kept of each day's performance."""
