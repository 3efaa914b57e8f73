"""The prompt: the question that an LLM is asked, and the training example, which is that question plus its answer.

The layout is ChatML as Qwen2 and its successors use it. A prompt is a sequence of pieces, each tokenised on its own:
the ids of a question are a prefix of the ids of its training example, and no text can become a control token.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from schemas.errors import ModelError, SpanError, UnknownTypeError
from schemas.llm.codec import encode_answer
from schemas.spans.entity import Example
from schemas.taxonomy import DEFAULT_TYPES, EntityType

IM_START = "<|im_start|>"
IM_END = "<|im_end|>"
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""The layout as a chat template in Jinja, for servers that take `messages`."""


@dataclass(frozen=True, slots=True)
class PromptPiece:
    """A stretch of a prompt; its text stays out of `repr`.

    `control` marks the text of one control token, `loss` what a model is trained to write.
    """

    text: str = field(repr=False)
    control: bool = False
    loss: bool = False


_START, _END, _NEWLINE = PromptPiece(IM_START, control=True), PromptPiece(IM_END, control=True), PromptPiece("\n")


def instruction(types: Sequence[EntityType]) -> str:
    """The task in Chinese, naming `types` in the order given. Raises UnknownTypeError when `types` is empty."""
    if not types:
        raise UnknownTypeError("no entity type is requested")
    names = "、".join(f"{kind}（{kind.info.zh}）" for kind in types)
    return (
        f"找出文本中以下类型的实体：{names}。按出现顺序列出，每次出现列一项，value照抄原文，只输出JSON："
        '{"entities":[{"type":"类型","value":"原文"}]}，没有则输出{"entities":[]}。'
    )


def preamble(types: Sequence[EntityType], few_shot: Iterable[Example] = ()) -> tuple[PromptPiece, ...]:
    """What comes before the text in every question about `types`: the instruction, then `few_shot` examples.

    Each example is a question with its answer, from which entities of other types than `types` are left out. Raises
    UnknownTypeError when `types` is empty.
    """
    pieces = [_START, PromptPiece(f"system\n{instruction(types)}"), _END, _NEWLINE]
    for example in few_shot:
        answer = encode_answer(example.document.text, (entity for entity in example.entities if entity.type in types))
        pieces += [*_turn(example.document.text), PromptPiece(answer), _END, _NEWLINE]
    return (*pieces, _START)


def question(text: str, types: Sequence[EntityType], few_shot: Iterable[Example] = ()) -> tuple[PromptPiece, ...]:
    """The prompt that asks for the entities of `types` in `text`, up to where the answer begins.

    It begins with `preamble(types, few_shot)`. Raises UnknownTypeError when `types` is empty.
    """
    return (*preamble(types, few_shot)[:-1], *_turn(text))


def messages(text: str, types: Sequence[EntityType], few_shot: Iterable[Example] = ()) -> list[dict[str, str]]:
    """The same question as the messages of a chat API: objects with `role` and `content`.

    Raises UnknownTypeError when `types` is empty.
    """
    turns: list[str] = []
    turn = ""
    for piece in question(text, types, few_shot):
        if piece == _START:
            turn = ""
        elif piece == _END:
            turns.append(turn)
        else:
            turn += piece.text
    return [{"role": role, "content": content} for role, _, content in (turn.partition("\n") for turn in turns)]


def _turn(text: str) -> tuple[PromptPiece, ...]:
    """What a user says, up to where the reply begins."""
    return (_START, PromptPiece(f"user\n{text}"), _END, _NEWLINE, _START, PromptPiece("assistant\n"))


def usual_types(example: Example) -> tuple[EntityType, ...]:
    """The types that serving would ask about in the place of `example`: of the annotated ones those that are on by
    default, in the taxonomy's order, or all where none is.
    """
    return tuple(kind for kind in DEFAULT_TYPES if kind in example.annotated) or example.annotated


def training_example(example: Example, types: Sequence[EntityType]) -> tuple[PromptPiece, ...]:
    """The question about `example` plus the true answer and the end token; the loss is on these two alone.

    Entities of other types than `types` are left out of the answer. Raises SpanError when the example does not
    annotate one of `types` (its answer would teach "none here"), UnknownTypeError when `types` is empty.
    """
    unmarked = set(types) - set(example.annotated)
    if unmarked:
        raise SpanError(f"{example.document.id}: requested types {sorted(unmarked)} are not annotated")
    text = example.document.text
    answer = encode_answer(text, (entity for entity in example.entities if entity.type in types))
    return (*question(text, types), PromptPiece(answer, loss=True), PromptPiece(IM_END, control=True, loss=True))


def chat_example(example: Example) -> list[dict[str, str]]:
    """The same as messages with the answer as the last one, asked about `usual_types`; for other trainers."""
    types = usual_types(example)
    answer = training_example(example, types)[-2]
    return [*messages(example.document.text, types), {"role": "assistant", "content": answer.text}]


def dialogue(turn: str, reply: str) -> tuple[PromptPiece, ...]:
    """A turn of general dialogue and its reply, as a training example against forgetting; the loss is on the reply."""
    return (*_turn(turn), PromptPiece(reply, loss=True), PromptPiece(IM_END, control=True, loss=True))


def tokenize_pieces(
    pieces: Iterable[PromptPiece], encode: Callable[[str], list[int]], control_id: Callable[[str], int]
) -> tuple[list[int], list[bool]]:
    """Return the token ids of `pieces` and, for each id, whether it carries loss.

    `encode` tokenises plain text: no special tokens added, and none recognised in the text (`split_special_tokens=True`
    in transformers, `encode_special_tokens = True` in tokenizers). `control_id` gives the id of a control token.
    Raises ModelError when `encode` writes a control token nevertheless.
    """
    controls = {control_id(IM_START), control_id(IM_END)}
    ids: list[int] = []
    loss: list[bool] = []
    for piece in pieces:
        piece_ids = [control_id(piece.text)] if piece.control else encode(piece.text)
        if not piece.control and not controls.isdisjoint(piece_ids):
            raise ModelError("the tokenizer reads control tokens out of plain text; turn its special tokens off")
        ids += piece_ids
        loss += [piece.loss] * len(piece_ids)
    return ids, loss
