"""What an LLM is asked and how its answer is read: prompt, answer codec, alignment."""
