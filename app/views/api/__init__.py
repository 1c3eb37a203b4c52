"""REST resources of I5 under `/api/v1`, by area."""
