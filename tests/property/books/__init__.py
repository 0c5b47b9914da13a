"""Made-up books that hold, between them, every case that real books hold; a seed decides all."""
