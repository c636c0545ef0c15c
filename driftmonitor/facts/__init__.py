"""What is kept as JSON: run records, the earlier days of a run, calibrations and backtests."""
