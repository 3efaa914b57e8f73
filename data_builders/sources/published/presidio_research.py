"""Files of presidio-research (https://github.com/microsoft/presidio-research, MIT): a JSON list of samples.

    [{"full_text": "My name is Ann", "spans": [
        {"entity_type": "PERSON", "entity_value": "Ann", "start_position": 11, "end_position": 14}]}]

Its address blocks are marked piece by piece (house, street, flat, city), where our guide marks one ADDRESS.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data_builders.sources.json_list import read_json_list
from data_builders.sources.own.labelled import LabelledSpan, LabelledText
from data_builders.sources.published.labels import Labels, checked_span, field_of
from schemas.errors import DataError
from schemas.taxonomy import EntityType as T

LABELS: Labels = {
    "PERSON": T.PERSON_NAME,
    "PHONE_NUMBER": T.PHONE_NUMBER,
    **dict.fromkeys(("EMAIL_ADDRESS", "EMAIL"), T.EMAIL),
    **dict.fromkeys(("STREET_ADDRESS", "ADDRESS"), T.ADDRESS),
    "CREDIT_CARD": T.BANK_CARD_NUMBER,
    **dict.fromkeys(("IBAN_CODE", "IBAN", "US_BANK_NUMBER"), T.BANK_ACCOUNT_NUMBER),
    "US_SSN": T.SOCIAL_SECURITY_NUMBER,
    "US_DRIVER_LICENSE": T.DRIVER_LICENSE_NUMBER,
    "US_PASSPORT": T.PASSPORT_NUMBER,
    "US_ITIN": T.TAX_NUMBER,
    "IP_ADDRESS": T.IP_ADDRESS,
    "ZIP_CODE": T.POSTAL_CODE,
    **dict.fromkeys(("GPE", "LOCATION"), T.LOCATION),
    "ORGANIZATION": T.ORGANIZATION,
    "DATE_TIME": T.DATE_TIME,
    "AGE": T.AGE,
    **dict.fromkeys(("DOMAIN_NAME", "URL"), T.URL),
    **dict.fromkeys(("TITLE", "NRP", "NATIONALITY")),
}
"""The labels, and the type of each."""


def read_presidio_research(file: Path) -> Iterator[LabelledText]:
    """The samples of a file. Raises DataError with file, line and sample."""
    for place, sample in read_json_list(file, "sample", "give a file of presidio-research"):
        text = field_of(sample, "full_text", str, place)
        spans = field_of(sample, "spans", list, place)
        yield LabelledText(place, text, tuple(_span(span, text, place) for span in spans))


def _span(span: Any, text: str, place: str) -> LabelledSpan:
    if not isinstance(span, dict):
        raise DataError(f"{place}: a span is not an object")
    start, end = span.get("start_position"), span.get("end_position")
    return checked_span(start, end, span.get("entity_type"), span.get("entity_value"), text, place)
