"""Data builders: readers and synthesisers that turn sources into dataset examples."""
