"""argus-redact (Apache-2.0): https://github.com/wan9yu/argus-redact."""

import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

from eval.baselines import spans
from eval.baselines.spans import as_prediction
from schemas.engine import LoadedEngine, UnbiasedEngine
from schemas.spans.prediction import Prediction
from schemas.taxonomy import DEFAULT_TYPES, EntityType

_LABELS = {
    "person": EntityType.PERSON_NAME,
    **dict.fromkeys(("phone", "phone_landline"), EntityType.PHONE_NUMBER),
    "email": EntityType.EMAIL,
    "address": EntityType.ADDRESS,
    **dict.fromkeys(("id_number", "hk_id", "tw_id", "macau_id", "taiwan_arc"), EntityType.ID_CARD_NUMBER),
    **dict.fromkeys(("passport", "us_passport", "eep", "hrp"), EntityType.PASSPORT_NUMBER),
    **dict.fromkeys(("social_security", "ssn"), EntityType.SOCIAL_SECURITY_NUMBER),
    **dict.fromkeys(("bank_card", "credit_card"), EntityType.BANK_CARD_NUMBER),
    "iban": EntityType.BANK_ACCOUNT_NUMBER,
    **dict.fromkeys(("credit_code", "itin", "tax_id"), EntityType.TAX_NUMBER),
    "license_plate": EntityType.LICENSE_PLATE,
    "date_of_birth": EntityType.DATE_OF_BIRTH,
    **dict.fromkeys(("openai_api_key", "anthropic_api_key", "aws_access_key"), EntityType.SECRET_KEY),
    **dict.fromkeys(("github_token", "jwt", "ssh_private_key", "url_token"), EntityType.SECRET_KEY),
    "wechat": EntityType.WECHAT_ID,
    "qq": EntityType.QQ_NUMBER,
    "ip_address": EntityType.IP_ADDRESS,
    "mac_address": EntityType.MAC_ADDRESS,
    "imei": EntityType.DEVICE_ID,
    "postcode": EntityType.POSTAL_CODE,
    **dict.fromkeys(("organization", "school"), EntityType.ORGANIZATION),
    "date": EntityType.DATE_TIME,
    "age": EntityType.AGE,
    "gender": EntityType.GENDER,
    "job_title": EntityType.JOB_TITLE,
    "url": EntityType.URL,
}


class ArgusEngine(UnbiasedEngine):
    """argus-redact's patterns for Chinese and English, its mode `fast`; its models for names are not asked."""

    def __init__(self) -> None:
        """Load it. Raises ModuleNotFoundError when argus-redact is not installed."""
        from argus_redact import SecurityWarning, redact

        warnings.filterwarnings("ignore", category=SecurityWarning)  # of stand-ins, which nobody sees here
        self._redact = redact

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """As `schemas.engine.Engine` has it."""
        wanted = DEFAULT_TYPES if types is None else types
        return [self._detect(text, wanted) for text in texts]

    def _detect(self, text: str, types: Sequence[EntityType]) -> Prediction:
        _, _, details = self._redact(text, lang=["zh", "en"], detailed=True)
        found = [(item["start"], item["end"], item["type"], item["confidence"]) for item in details["entities"]]
        return as_prediction(text, found, _LABELS, types)


@dataclass(frozen=True, slots=True)
class Config:
    """argus-redact has no options."""


def load(config: Config) -> LoadedEngine:
    """The engine. Raises ModuleNotFoundError when argus-redact is not installed."""
    engine = ArgusEngine()
    versions = (f"argus-redact {version('argus-redact')}",)
    return LoadedEngine(engine, "argus-redact, patterns alone", (sys.modules[__name__], spans), versions=versions)
