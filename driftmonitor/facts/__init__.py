"""What is kept, as JSON: the run record, the earlier days of a run, calibrations and backtests."""
