"""The contract between all stages: taxonomy, texts, spans, formats, what an LLM is asked, what lies beside weights.

Every stage imports from here and no stage from another. Errors are in `schemas.errors`.
"""
