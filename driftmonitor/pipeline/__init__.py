"""Every day's work: execute, record, publish, alert. Everything the runner calls."""
