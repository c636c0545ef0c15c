"""What drift-monitor costs, beside the peer that does the nearest thing, in one run."""
