"""A recall-oriented operating point: how readily the list of entities goes on rather than ends."""

from itertools import pairwise

import torch
from torch.nn.functional import softplus

from schemas.chat_tokenizer import ChatTokenizer
from schemas.codec import encode_answer
from schemas.entity import Entity
from schemas.taxonomy import EntityType

Pairs = tuple[tuple[int, int], ...]
"""Tokens with which the list goes on, each with the token that ends the list in its place."""


def decision_tokens(chat: ChatTokenizer) -> Pairs:
    """The two decisions of an answer: whether there is a first entity, and whether there is another one."""
    entities = [Entity(0, 1, EntityType.PERSON_NAME), Entity(1, 2, EntityType.PERSON_NAME)]
    answers = [chat.encode(encode_answer("甲乙", entities[:count])) for count in range(3)]
    return tuple(
        next((more, end) for more, end in zip(longer, shorter, strict=False) if more != end)
        for shorter, longer in pairwise(answers)
    )


def shift_odds(logits: torch.Tensor, pairs: Pairs, log_odds: float) -> torch.Tensor:
    """`logits` of shape (rows, vocabulary) with the odds of going on against ending multiplied by exp(`log_odds`).

    The two tokens of a pair keep their common probability, so no other token gains or loses; a pair of which one is
    not allowed (minus infinity) stays as it is.
    """
    shifted = logits.clone()
    for more, end in pairs:
        together = torch.logaddexp(logits[:, more], logits[:, end])
        odds = logits[:, more] - logits[:, end] + log_odds
        both = logits[:, [more, end]].isfinite().all(1)
        shifted[both, more] = (together - softplus(-odds))[both]
        shifted[both, end] = (together - softplus(odds))[both]
    return shifted
