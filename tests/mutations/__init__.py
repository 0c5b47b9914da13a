"""Every rule in SQL, broken on purpose: a test must notice."""
