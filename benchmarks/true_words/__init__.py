"""Compare every sentence of many alerts with the rows that they are about."""
