"""Rules beside the model: recognisers with validation for values that have a fixed form."""
