"""The dataset: reads its sources by a recipe, cleans, splits and documents what it writes."""
