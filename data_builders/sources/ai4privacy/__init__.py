"""The ai4privacy corpora: one loader for all published versions, their labels, merges and licences."""
