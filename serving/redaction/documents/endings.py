"""The endings of documents' names, which say what they are."""

TEXTS = (".txt", ".md", ".log")
JSON = ".json"
JSON_LINES = (".jsonl", ".ndjson")
DELIMITERS = {".csv": ",", ".tsv": "\t"}
PARQUET = ".parquet"
TEXT_TABLES = (*JSON_LINES, *DELIMITERS)
"""Tables that are texts."""
