"""What a scan writes: findings, counts, redacted copies and the data map."""
