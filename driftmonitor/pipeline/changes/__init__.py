"""What a change of params, notebooks, data or code does: the monitors that it touches, run before and after it."""
