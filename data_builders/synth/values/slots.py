"""The slots of the template language: what each is called, which type it bears, how its value is made."""

import functools
import random
from collections.abc import Callable
from dataclasses import dataclass

from faker import Faker

from data_builders.synth.names import chinese, latin
from data_builders.synth.names.given import given_pair
from data_builders.synth.values import accounts, fillers, places
from data_builders.synth.values.masked import MASKED
from data_builders.synth.values.person import Person
from schemas.formats import (
    dates,
    documents,
    finance,
    geography,
    identity,
    network,
    online_account,
    phone,
    vehicle,
    wallet,
    web,
)
from schemas.formats.draw import Draw
from schemas.formats.registry import FORMATS
from schemas.taxonomy import ALL_TYPES, Sensitivity
from schemas.taxonomy import EntityType as T


@dataclass(frozen=True, slots=True)
class Slot:
    """`type` is None for fillers; `partial` values tell who is meant only together with others."""

    type: T | None
    make: Callable[[Person], str]
    partial: bool = False

    @property
    def personal(self) -> bool:
        """Whether its values are kept apart between splits."""
        return self.type is not None and not self.type.info.shared and not self.partial

    @property
    def passing(self) -> bool:
        """Whether its value belongs to a piece of a text rather than to a person."""
        return self.type is None or self.type.info.sensitivity == Sensitivity.CONTEXT


def _county(person: Person) -> str:
    return person.home.code


@functools.cache
def _faker() -> Faker:
    return Faker("en_US")


def _english(rng: random.Random) -> Faker:
    fake = _faker()
    fake.random = rng  # type: ignore[attr-defined]
    return fake


def _english_address(person: Person) -> str:
    fake = _english(person.rng)
    street = fake.street_address()
    return (
        f"{street}, {fake.city()}"
        if person.rng.random() < 0.3
        else f"{street}, {fake.city()}, {fake.state_abbr()} {fake.postcode()}"
    )


def _id_card(person: Person) -> str:
    draw = person.rng.random()
    if draw < 0.03:
        return identity.old_resident_id(person.rng, _county(person), person.birth)
    if draw < 0.08:
        return identity.other_identity_card(person.rng)
    return identity.resident_id(person.rng, _county(person), person.birth)


def _given(person: Person) -> str:
    """The given name alone; another one where the person's does not stand alone or belongs to another split."""
    given = person.name.given
    return given if len(given) > 1 and person.partition.admits(given) else given_pair(person.rng)


def _phone(person: Person) -> str:
    return _landline(person) if person.rng.random() < 0.08 else phone.mobile(person.rng)


def _landline(person: Person) -> str:
    return phone.landline(person.rng, person.home.province)


def _drawn(kind: T | None, draw: Draw) -> Slot:
    return Slot(kind, lambda person: draw(person.rng))


_SLOTS: dict[str, Slot] = {
    "name": Slot(T.PERSON_NAME, lambda person: person.name.full),
    "given": Slot(T.PERSON_NAME, _given),
    "name_en": _drawn(T.PERSON_NAME, latin.english_name),
    "surname": Slot(T.PERSON_NAME, lambda person: person.name.family or chinese.surname(person.rng), partial=True),
    "phone": Slot(T.PHONE_NUMBER, _phone),
    "tel": Slot(T.PHONE_NUMBER, _landline),
    "phone_us": _drawn(T.PHONE_NUMBER, phone.us_phone),
    "email": _drawn(T.EMAIL, accounts.email),
    "address": Slot(T.ADDRESS, lambda person: places.address(person.rng, person.home)),
    "address_en": Slot(T.ADDRESS, _english_address),
    "id_card": Slot(T.ID_CARD_NUMBER, _id_card),
    "passport": _drawn(T.PASSPORT_NUMBER, documents.passport),
    "permit": _drawn(T.PASSPORT_NUMBER, documents.permit),
    "driver_license": Slot(
        T.DRIVER_LICENSE_NUMBER, lambda person: documents.driver_license(person.rng, _county(person))
    ),
    "ssn": Slot(T.SOCIAL_SECURITY_NUMBER, lambda person: documents.social_security(person.rng, _county(person))),
    "ssn_us": _drawn(T.SOCIAL_SECURITY_NUMBER, documents.us_social_security),
    "bank_card": _drawn(T.BANK_CARD_NUMBER, finance.bank_card),
    "bank_account": _drawn(T.BANK_ACCOUNT_NUMBER, finance.bank_account),
    "iban": _drawn(T.BANK_ACCOUNT_NUMBER, finance.iban),
    "tax_no": Slot(T.TAX_NUMBER, lambda person: finance.tax_number(person.rng, _county(person))),
    "plate": _drawn(T.LICENSE_PLATE, vehicle.plate),
    "vin": _drawn(T.VEHICLE_VIN, vehicle.vin),
    "dob": Slot(T.DATE_OF_BIRTH, lambda person: dates.birth_text(person.rng, person.birth)),
    "dob_en": Slot(T.DATE_OF_BIRTH, lambda person: dates.english_birth_text(person.rng, person.birth)),
    "username": _drawn(T.USERNAME, accounts.username),
    "password": _drawn(T.PASSWORD, accounts.password),
    "otp": _drawn(T.PASSWORD, accounts.one_time_code),
    "wechat": _drawn(T.WECHAT_ID, lambda rng: online_account.wechat(rng, accounts.handle)),
    "qq": _drawn(T.QQ_NUMBER, online_account.qq_number),
    "ip": _drawn(T.IP_ADDRESS, network.ip_address),
    "mac": _drawn(T.MAC_ADDRESS, network.mac_address),
    "medical_no": _drawn(T.MEDICAL_RECORD_NUMBER, documents.medical_record),
    "postcode": Slot(T.POSTAL_CODE, lambda person: geography.postcode(person.rng, person.home.province)),
    "geo": _drawn(T.GEO_COORDINATE, geography.coordinates),
    "crypto": _drawn(T.CRYPTO_ADDRESS, wallet.wallet),
    "city": _drawn(T.LOCATION, places.city),
    "city_en": Slot(T.LOCATION, lambda person: _english(person.rng).city()),
    "org": _drawn(T.ORGANIZATION, places.organisation),
    "org_en": Slot(T.ORGANIZATION, lambda person: _english(person.rng).company()),
    "bank": Slot(T.ORGANIZATION, lambda person: person.rng.choice(places.BANKS)),
    "date": _drawn(T.DATE_TIME, fillers.date_text),
    "date_en": _drawn(T.DATE_TIME, fillers.english_date),
    "time": _drawn(T.DATE_TIME, fillers.time_text),
    "datetime": _drawn(T.DATE_TIME, fillers.datetime_text),
    "age": Slot(T.AGE, lambda person: fillers.age_text(person.rng, person.age)),
    "age_en": Slot(T.AGE, lambda person: str(person.age)),
    "gender": Slot(T.GENDER, lambda person: "女" if person.female else "男"),
    "gender_en": Slot(
        T.GENDER,
        lambda person: person.rng.choice(["female", "Female", "F"] if person.female else ["male", "Male", "M"]),
    ),
    "job": Slot(T.JOB_TITLE, lambda person: person.rng.choice(fillers.JOBS)),
    "job_en": Slot(T.JOB_TITLE, lambda person: _english(person.rng).job()),
    "url": _drawn(T.URL, web.web_address),
    "title": Slot(None, lambda person: person.rng.choice(chinese.TITLES)),
    "order_no": _drawn(None, fillers.order_number),
    "tracking_no": _drawn(None, fillers.tracking_number),
    "price": _drawn(None, fillers.price),
    "hotline": _drawn(None, fillers.hotline),
    "version": _drawn(None, fillers.version),
    "quantity": _drawn(None, fillers.quantity),
    **{name: _drawn(None, draw) for name, draw in (fillers.SIMPLE | MASKED).items()},
}

_NAMED = {slot.type for slot in _SLOTS.values()}
_FORMATTED = {str(kind).lower(): _drawn(kind, form.draw) for kind, form in FORMATS.items() if kind not in _NAMED}
"""A slot for each type with a format that has none above, by the name of the type: `{device_id}`."""


def _place(name_and_slot: tuple[str, Slot]) -> int:
    kind = name_and_slot[1].type
    return ALL_TYPES.index(kind) if kind else len(ALL_TYPES)


SLOTS: dict[str, Slot] = dict(sorted((_SLOTS | _FORMATTED).items(), key=_place))
"""All slots in the order of their types, fillers last."""

ENGLISH_SLOTS = {
    "phone": "phone_us",
    "tel": "phone_us",
    "ssn": "ssn_us",
    "dob": "dob_en",
    "date": "date_en",
    "age": "age_en",
    "gender": "gender_en",
}
"""In English templates these slots take the English form of their values (four times in five)."""

NEAR_MISSES = frozenset(
    {"order_no", "tracking_no", "price", "hotline", "version", "number", "sku", "uuid", "hash", "flight", "stock"}
    | {"package", "thread", "error_code", "decimal"}
    | set(MASKED)
)
"""Fillers that look like personal numbers, accounts or names; masked values are no entities either."""
