"""The LLM engine: a causal language model whose answers obey a grammar made from the text itself."""
