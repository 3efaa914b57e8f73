"""Decoding under a grammar: which tokens may come next, and how sure the model was of the one that came."""

from collections.abc import Sequence

import numpy as np
import torch
from llguidance import LLMatcher, LLTokenizer
from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask
from transformers import LogitsProcessor

from schemas.errors import ModelError
from serving.llm.recall import Pairs, shift_odds


class Constraint(LogitsProcessor):
    """Leaves of each row's logits those that its grammar allows; one object serves one greedy call of `generate`.

    `log_probabilities` has, for each row, the logarithm of the probability of every token written, among the allowed;
    what follows the end of an answer means nothing.
    """

    def __init__(
        self, tokenizer: LLTokenizer, grammars: Sequence[str], prompt: int, pairs: Pairs, log_odds: float
    ) -> None:
        """`prompt` is the length of the (padded) prompts; `pairs` and `log_odds` are those of `shift_odds`.

        Raises ModelError when a grammar is refused.
        """
        self._matchers = [LLMatcher(tokenizer, grammar) for grammar in grammars]
        for matcher in self._matchers:
            if matcher.is_error():
                raise ModelError(f"llguidance refuses the grammar: {matcher.get_error().splitlines()[0]}")
        self._written = prompt
        self._pairs, self._log_odds = pairs, log_odds
        self._end = tokenizer.eos_token
        self._mask = allocate_token_bitmask(len(grammars), tokenizer.vocab_size)
        self.log_probabilities: list[list[float]] = [[] for _ in grammars]

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Mask `scores` of shape (rows, vocabulary); `input_ids` are all tokens so far."""
        if input_ids.shape[1] > self._written:
            for matcher, token in zip(self._matchers, input_ids[:, -1].tolist(), strict=True):
                if not matcher.is_stopped():
                    matcher.consume_token(token)
            self._written = input_ids.shape[1]
        for row, matcher in enumerate(self._matchers):
            self._fill(matcher, row)
        bits = np.unpackbits(self._mask.view(np.uint8), axis=1, bitorder="little", count=scores.shape[1])
        allowed = torch.from_numpy(bits.astype(bool)).to(scores.device)
        masked = scores.float().masked_fill(~allowed, float("-inf"))
        if self._log_odds:
            masked = shift_odds(masked, self._pairs, self._log_odds)
        best = (masked.amax(1) - masked.logsumexp(1)).tolist()
        for row_scores, score in zip(self.log_probabilities, best, strict=True):
            row_scores.append(score)
        return masked

    def _fill(self, matcher: LLMatcher, row: int) -> None:
        """Set the mask of `row`; what its grammar has closed can only end."""
        if matcher.is_stopped():
            self._mask[row] = 0
            self._mask[row, self._end // 32] = np.uint32(1 << self._end % 32).view(np.int32)
        else:
            fill_next_token_bitmask(matcher, self._mask, row)
