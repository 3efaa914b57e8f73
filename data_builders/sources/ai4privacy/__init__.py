"""The ai4privacy corpora: one reader for all published versions, their labels, merges and licences."""
