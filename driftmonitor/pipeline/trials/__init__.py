"""Try alert rules on recorded or simulated days, without sending alerts."""
