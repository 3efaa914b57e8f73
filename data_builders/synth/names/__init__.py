"""Personal names: Chinese, given names of their times, and names in Latin script."""
