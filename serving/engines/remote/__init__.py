"""Models behind servers: chat completions, or the answer under the grammar of the text that vLLM and SGLang enforce."""
