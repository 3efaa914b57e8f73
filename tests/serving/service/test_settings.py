"""Settings come from flags, the environment and defaults."""

from pathlib import Path

import pytest

from schemas.errors import ModelError
from serving.service.settings import HELP, ServiceSettings, read_settings, settings_markdown


def test_settings_come_from_flags_then_from_the_environment() -> None:
    environment = {"PII_SFT_RATE": "5", "PII_SFT_IN_FLIGHT": "7", "PII_SFT_API_KEYS": "keys", "PII_SFT_KEY": "a, b,"}
    settings = read_settings({"in_flight": 9, "rate": None, "other": 1}, environment)
    assert (settings.rate, settings.in_flight, settings.api_keys, settings.token_keys) == (
        5,
        9,
        Path("keys"),
        ("a", "b"),
    )
    assert "key=set" in str(settings) and "a, b" not in f"{settings} {settings!r}"
    assert "key=none" in str(ServiceSettings()) and "origins=none" in str(ServiceSettings())


@pytest.mark.parametrize(
    ("given", "environment"), [({}, {"PII_SFT_RATE": "many"}), ({"in_flight": 0}, {}), ({}, {"PII_SFT_DEADLINE": "0"})]
)
def test_settings_that_are_none_are_named(given: dict[str, int], environment: dict[str, str]) -> None:
    with pytest.raises(ModelError, match=r"PII_SFT_RATE: not a number|in_flight: not|deadline: not"):
        read_settings(given, environment)


@pytest.mark.parametrize("origins", ["pages.example", "*", "https://a.example, b.example", "https://a.example/path"])
def test_origins_have_a_scheme_and_a_host(origins: str) -> None:
    assert ServiceSettings(origins="https://a.example, http://localhost:8000").allowed_origins
    with pytest.raises(ModelError, match="origins: an origin is a scheme and a host"):
        ServiceSettings(origins=origins)


def test_every_setting_is_described_and_the_page_is_current() -> None:
    assert HELP.keys() == ServiceSettings.__dataclass_fields__.keys()
    page = Path(__file__).parents[3] / "docs" / "settings.md"
    assert page.read_text(encoding="utf-8") == settings_markdown()
