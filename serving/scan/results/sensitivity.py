"""How sensitive each type is under two Chinese standards.

GB/T 35273-2020, annexes A and B, is a trait of the taxonomy. GB/T 45574-2025, in force since 2025-11-01, names the
kinds of sensitive personal information (敏感个人信息) in its annex A: biometrics, religious belief, specific identity,
medical health, financial accounts, whereabouts, persons under 14, and others such as precise location. The number of an
identity card alone, a passport and a driving licence are no longer among them, though GB/T 35273 lists them; several
values of a person together may be, and so is all that is known of a child. A table of types cannot see that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.taxonomy import EntityType, Sensitivity

_FINANCIAL = "financial account (金融账户信息)"
_KINDS: Mapping[str, str] = {
    EntityType.BANK_CARD_NUMBER: _FINANCIAL,
    EntityType.BANK_ACCOUNT_NUMBER: _FINANCIAL,
    EntityType.PASSWORD: f"{_FINANCIAL}, if it opens one",
    EntityType.MEDICAL_RECORD_NUMBER: "medical health (医疗健康信息)",
    EntityType.GEO_COORDINATE: "precise location (精准定位信息)",
}
"""The kind of sensitive personal information that a value of a type is under GB/T 45574-2025, annex A."""
_CLASSES = {
    Sensitivity.SENSITIVE: "sensitive (附录B 个人敏感信息)",
    Sensitivity.PERSONAL: "personal (附录A 个人信息)",
    Sensitivity.CONTEXT: "not personal by itself",
}


@dataclass(frozen=True, slots=True)
class Classes:
    """How the standards class a type; `gb_t_45574` is empty where it is not named as sensitive."""

    gb_t_35273: str
    gb_t_45574: str

    @property
    def is_sensitive(self) -> bool:
        """Whether one of the standards says so."""
        return bool(self.gb_t_45574) or self.gb_t_35273 == _CLASSES[Sensitivity.SENSITIVE]


def classes_of(name: str) -> Classes:
    """The classes of the type called `name`; a type of custom rules counts as personal."""
    return Classes(_CLASSES[EntityType.named(name).info.sensitivity], _KINDS.get(name, ""))
