"""What presidio-anonymizer does, done here."""

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from serving.redaction.anonymizers import Anonymizer, Found, Hash, Keep, Mask, Redact, Replace, anonymize

SALT = "0123456789abcdef"
PAIRS: list[tuple[dict[str, Any], Anonymizer]] = [
    ({"type": "replace", "new_value": "某某"}, Replace("某某")),
    ({"type": "replace"}, Replace()),
    ({"type": "redact"}, Redact()),
    ({"type": "keep"}, Keep()),
    ({"type": "mask", "masking_char": "#", "chars_to_mask": 2, "from_end": True}, Mask("#", 2, True)),
    ({"type": "mask", "masking_char": "#", "chars_to_mask": 99, "from_end": False}, Mask("#", 99, False)),
    ({"type": "mask", "masking_char": "#", "chars_to_mask": -1, "from_end": True}, Mask("#", -1, True)),
    ({"type": "hash", "salt": SALT}, Hash("sha256", SALT.encode())),
    ({"type": "hash", "hash_type": "sha512", "salt": SALT}, Hash("sha512", SALT.encode())),
]
spans = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(sorted).filter(lambda span: span[0] < span[1])
results = st.builds(
    lambda span, kind, score: Found(*span, kind, score),
    spans,
    st.sampled_from(("PERSON", "PHONE_NUMBER", "项目")),
    st.sampled_from((0.3, 0.9)),
)


OUT_OF_ORDER = [Found(0, 1, "X", 0.3), Found(2, 5, "X", 0.3), Found(3, 6, "PERSON", 0.3), Found(4, 5, "X", 0.3)]


@example(OUT_OF_ORDER, PAIRS[0], "a aaaaaaaaaa")
@given(st.lists(results, max_size=3), st.sampled_from(PAIRS), st.text("a 字", min_size=12, max_size=12))
def test_any_results_are_anonymized_as_presidio_does(
    found: list[Found], pair: tuple[dict[str, Any], Anonymizer], text: str
) -> None:
    pytest.importorskip("presidio_anonymizer", reason="needs presidio-anonymizer")
    from presidio_anonymizer import AnonymizerEngine
    from presidio_anonymizer.services.app_entities_convertor import AppEntitiesConvertor as Convertor

    operators = {"PERSON": {**pair[0]}, "DEFAULT": {"type": "replace", "new_value": "?"}}
    expected = AnonymizerEngine().anonymize(
        text,
        Convertor.analyzer_results_from_json([asdict(one) for one in found]),
        Convertor.operators_config_from_json(operators),
    )
    changed, items = anonymize(text, found, {"PERSON": pair[1], "DEFAULT": Replace("?")})
    assert changed == expected.text
    assert [(item.text, item.entity_type, item.operator) for item in reversed(items)] == [
        (item.text, item.entity_type, item.operator) for item in expected.items
    ]
    assert all(changed[item.start : item.end] == item.text for item in items)


def test_a_hash_without_a_salt_is_another_one_each_time() -> None:
    assert Hash().apply("张三", "PERSON") != Hash().apply("张三", "PERSON")
