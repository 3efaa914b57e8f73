"""The slots of the template language: what each is called, which type it bears, how its value is made."""

import functools
import random
from collections.abc import Callable
from dataclasses import dataclass

from faker import Faker

from data_builders.synth.names import chinese, latin
from data_builders.synth.names.given import given_pair
from data_builders.synth.sampling import digits
from data_builders.synth.values import accounts, documents, fillers, places
from data_builders.synth.values.masked import MASKED
from data_builders.synth.values.person import Person
from schemas.taxonomy import EntityType as T


@dataclass(frozen=True, slots=True)
class Slot:
    """`type` is None for fillers; `personal` values are kept apart between splits."""

    type: T | None
    make: Callable[[Person], str]
    personal: bool = True


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
        return documents.old_id_card(person.rng, _county(person), person.birth)
    if draw < 0.08:
        return documents.other_id_card(person.rng)
    return documents.id_card(person.rng, _county(person), person.birth)


def _given(person: Person) -> str:
    """The given name alone; another one where the person's does not stand alone or belongs to another split."""
    given = person.name.given
    return given if len(given) > 1 and person.partition.admits(given) else given_pair(person.rng)


def _phone(person: Person) -> str:
    return places.landline(person.rng, person.home) if person.rng.random() < 0.08 else accounts.mobile(person.rng)


def _simple(make: Callable[[random.Random], str]) -> Callable[[Person], str]:
    return lambda person: make(person.rng)


def _entity(kind: T, make: Callable[[random.Random], str]) -> Slot:
    return Slot(kind, _simple(make))


def _shared(kind: T | None, make: Callable[[Person], str]) -> Slot:
    return Slot(kind, make, personal=False)


SLOTS: dict[str, Slot] = {
    "name": Slot(T.PERSON_NAME, lambda person: person.name.full),
    "given": Slot(T.PERSON_NAME, _given),
    "name_en": _entity(T.PERSON_NAME, latin.english_name),
    "surname": _shared(T.PERSON_NAME, lambda person: person.name.family or chinese.surname(person.rng)),
    "phone": Slot(T.PHONE_NUMBER, _phone),
    "tel": Slot(T.PHONE_NUMBER, lambda person: places.landline(person.rng, person.home)),
    "phone_us": _entity(T.PHONE_NUMBER, accounts.us_phone),
    "email": _entity(T.EMAIL, accounts.email),
    "address": Slot(T.ADDRESS, lambda person: places.address(person.rng, person.home)),
    "address_en": Slot(T.ADDRESS, _english_address),
    "id_card": Slot(T.ID_CARD_NUMBER, _id_card),
    "passport": _entity(T.PASSPORT_NUMBER, documents.passport),
    "permit": _entity(T.PASSPORT_NUMBER, documents.permit),
    "driver_license": Slot(
        T.DRIVER_LICENSE_NUMBER, lambda person: documents.driver_license(person.rng, _county(person))
    ),
    "ssn": Slot(T.SOCIAL_SECURITY_NUMBER, lambda person: documents.social_security(person.rng, _county(person))),
    "ssn_us": _entity(T.SOCIAL_SECURITY_NUMBER, documents.us_social_security),
    "bank_card": _entity(T.BANK_CARD_NUMBER, accounts.bank_card),
    "bank_account": _entity(T.BANK_ACCOUNT_NUMBER, accounts.bank_account),
    "iban": _entity(T.BANK_ACCOUNT_NUMBER, accounts.iban),
    "tax_no": Slot(T.TAX_NUMBER, lambda person: documents.tax_number(person.rng, _county(person))),
    "plate": _entity(T.LICENSE_PLATE, documents.plate),
    "vin": _entity(T.VEHICLE_VIN, documents.vin),
    "dob": _shared(T.DATE_OF_BIRTH, lambda person: documents.birth_text(person.rng, person.birth)),
    "dob_en": _shared(T.DATE_OF_BIRTH, lambda person: documents.english_birth_text(person.rng, person.birth)),
    "username": _entity(T.USERNAME, accounts.username),
    "password": _entity(T.PASSWORD, accounts.password),
    "otp": _entity(T.PASSWORD, accounts.one_time_code),
    "secret_key": _entity(T.SECRET_KEY, accounts.secret_key),
    "wechat": _entity(T.WECHAT_ID, accounts.wechat),
    "qq": _entity(T.QQ_NUMBER, lambda rng: digits(rng, rng.randint(6, 10))),
    "ip": _entity(T.IP_ADDRESS, accounts.ip_address),
    "mac": _entity(T.MAC_ADDRESS, accounts.mac_address),
    "device_id": _entity(T.DEVICE_ID, accounts.device_id),
    "medical_no": _entity(T.MEDICAL_RECORD_NUMBER, documents.medical_record),
    "postcode": Slot(T.POSTAL_CODE, lambda person: places.postcode(person.rng, person.home)),
    "geo": _entity(T.GEO_COORDINATE, places.coordinates),
    "crypto": _entity(T.CRYPTO_ADDRESS, accounts.crypto_address),
    "city": _shared(T.LOCATION, _simple(places.city)),
    "city_en": _shared(T.LOCATION, lambda person: _english(person.rng).city()),
    "org": _shared(T.ORGANIZATION, _simple(places.organisation)),
    "org_en": _shared(T.ORGANIZATION, lambda person: _english(person.rng).company()),
    "bank": _shared(T.ORGANIZATION, lambda person: person.rng.choice(places.BANKS)),
    "date": _shared(T.DATE_TIME, _simple(fillers.date_text)),
    "date_en": _shared(T.DATE_TIME, _simple(fillers.english_date)),
    "time": _shared(T.DATE_TIME, _simple(fillers.time_text)),
    "datetime": _shared(T.DATE_TIME, _simple(fillers.datetime_text)),
    "age": _shared(T.AGE, lambda person: fillers.age_text(person.rng, person.age)),
    "age_en": _shared(T.AGE, lambda person: str(person.age)),
    "gender": _shared(T.GENDER, lambda person: "女" if person.female else "男"),
    "gender_en": _shared(
        T.GENDER,
        lambda person: person.rng.choice(["female", "Female", "F"] if person.female else ["male", "Male", "M"]),
    ),
    "job": _shared(T.JOB_TITLE, lambda person: person.rng.choice(fillers.JOBS)),
    "job_en": _shared(T.JOB_TITLE, lambda person: _english(person.rng).job()),
    "url": _shared(T.URL, _simple(fillers.web_address)),
    "title": _shared(None, lambda person: person.rng.choice(chinese.TITLES)),
    "order_no": _shared(None, _simple(fillers.order_number)),
    "tracking_no": _shared(None, _simple(fillers.tracking_number)),
    "price": _shared(None, _simple(fillers.price)),
    "hotline": _shared(None, _simple(fillers.hotline)),
    "version": _shared(None, _simple(fillers.version)),
    "quantity": _shared(None, _simple(fillers.quantity)),
    **{name: _shared(None, _simple(make)) for name, make in (fillers.SIMPLE | MASKED).items()},
}

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
