"""MSRA NER (Levow 2006, https://aclanthology.org/W06-0115) in the forms in which it is handed round.

Characters are never normalised: MSRA writes digits and Latin letters full-width, examples keep them as written, and
offsets refer to that text. A model that wants NFKC folds for itself (`schemas.text.fold` keeps every position).
"""
