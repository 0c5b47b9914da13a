"""Statements that are right to the cent: given vendor documents, expected marts."""
