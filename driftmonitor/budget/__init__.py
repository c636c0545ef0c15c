"""The alert rules: the false-alarm budget, from a day's counts to its judgement; what to expect of the share rule."""
