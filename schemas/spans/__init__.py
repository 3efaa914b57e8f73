"""What is marked in a text: entities, predictions, tags, dataset records, and the one policy for spans that overlap."""
