"""The two alert rules: the budget rule, from a day's counts to its judgement, and what to expect of the share rule."""
