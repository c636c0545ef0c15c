"""Simulate scenarios without drift and twelve drifts: the false alarms and the detection rate of each rule."""
