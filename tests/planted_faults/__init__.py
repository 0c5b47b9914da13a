"""Faults planted over HTTP between two runs and during one, and what became of each."""
