"""The contract between all stages: taxonomy, spans, predictions, records, prompt, answer codec, fingerprints, errors.

Standard library only, so that importing it is fast and every stage may do so.
"""

from schemas.adapter import ADAPTER_MANIFEST, read_adapter_manifest, write_adapter_manifest
from schemas.align import Alignment, align
from schemas.alpaca import to_alpaca, to_row
from schemas.chat_tokenizer import ChatTokenizer, FastTokenizer, Tokens
from schemas.codec import AnswerPart, Mention, answer_parts, close_answer, decode_answer, encode_answer
from schemas.entity import Document, Entity, Example, check_spans, check_text
from schemas.errors import (
    DataError,
    FingerprintError,
    InvalidTextError,
    ModelError,
    PiiSftError,
    RecordError,
    SpanError,
    UnknownTypeError,
)
from schemas.files import replacing, write_whole
from schemas.fingerprint import check_fingerprint, llm_fingerprint, tagger_fingerprint
from schemas.fold import fold
from schemas.json_schema import answer_schema, record_schema, response_schema
from schemas.lengths import LENGTHS, length_bucket
from schemas.manifest import MANIFEST, Shape, read_shape, write_manifest
from schemas.prediction import Detection, Detector, Prediction, Source, TunableDetector
from schemas.prompt import (
    IM_END,
    IM_START,
    Piece,
    dialogue,
    instruction,
    messages,
    preamble,
    question,
    tokenize_pieces,
    training_example,
    usual_types,
)
from schemas.recipe import Format, RecipeModel, read_recipe
from schemas.record import from_record, read_json_lines, read_records, to_record, write_records
from schemas.segments import clip, segments
from schemas.tags import OUTSIDE, PREFIXES, TAGS, Span, allowed_tags, encode_tags, tag_id
from schemas.taxonomy import ALL_TYPES, DEFAULT_TYPES, TAXONOMY, EntityType, Sensitivity, TypeInfo, parse_types
from schemas.tokenize import STANDALONE, Encoding, Tokenizer, tokenize
from schemas.windows import windows

__all__ = [
    "ADAPTER_MANIFEST",
    "ALL_TYPES",
    "DEFAULT_TYPES",
    "IM_END",
    "IM_START",
    "LENGTHS",
    "MANIFEST",
    "OUTSIDE",
    "PREFIXES",
    "STANDALONE",
    "TAGS",
    "TAXONOMY",
    "Alignment",
    "AnswerPart",
    "ChatTokenizer",
    "DataError",
    "Detection",
    "Detector",
    "Document",
    "Encoding",
    "Entity",
    "EntityType",
    "Example",
    "FastTokenizer",
    "FingerprintError",
    "Format",
    "InvalidTextError",
    "Mention",
    "ModelError",
    "Piece",
    "PiiSftError",
    "Prediction",
    "RecipeModel",
    "RecordError",
    "Sensitivity",
    "Shape",
    "Source",
    "Span",
    "SpanError",
    "Tokenizer",
    "Tokens",
    "TunableDetector",
    "TypeInfo",
    "UnknownTypeError",
    "align",
    "allowed_tags",
    "answer_parts",
    "answer_schema",
    "check_fingerprint",
    "check_spans",
    "check_text",
    "clip",
    "close_answer",
    "decode_answer",
    "dialogue",
    "encode_answer",
    "encode_tags",
    "fold",
    "from_record",
    "instruction",
    "length_bucket",
    "llm_fingerprint",
    "messages",
    "parse_types",
    "preamble",
    "question",
    "read_adapter_manifest",
    "read_json_lines",
    "read_recipe",
    "read_records",
    "read_shape",
    "record_schema",
    "replacing",
    "response_schema",
    "segments",
    "tag_id",
    "tagger_fingerprint",
    "to_alpaca",
    "to_record",
    "to_row",
    "tokenize",
    "tokenize_pieces",
    "training_example",
    "usual_types",
    "windows",
    "write_adapter_manifest",
    "write_manifest",
    "write_records",
    "write_whole",
]
