"""What an LLM may write about one text: the grammar, as an automaton over bytes."""
