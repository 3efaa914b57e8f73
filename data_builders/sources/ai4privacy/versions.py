"""What each version marks throughout its texts, and the types that follow from it.

The versions share column names and a row does not tell which it comes from (open-500k marks times, openpii-1.5m has the
same columns and does not), so that readers are told the version.
"""

from functools import cache

from data_builders.sources.ai4privacy.labels import LABELS
from data_builders.sources.ai4privacy.licence import CC_BY, find_repository
from schemas.errors import DataError
from schemas.taxonomy import ALL_TYPES, EntityType

_OPENPII = """AGE BUILDINGNUM CITY CREDITCARDNUMBER DATE DRIVERLICENSENUM EMAIL GENDER GIVENNAME IDCARDNUM PASSPORTNUM
    SEX SOCIALNUM STREET SURNAME TAXNUM TELEPHONENUM TITLE ZIPCODE"""
_43K = """ACCOUNTNAME ACCOUNTNUMBER AMOUNT BIC BITCOINADDRESS BUILDINGNUMBER CITY COUNTY CREDITCARDCVV CREDITCARDISSUER
    CREDITCARDNUMBER CURRENCY CURRENCYCODE CURRENCYNAME CURRENCYSYMBOL DISPLAYNAME EMAIL ETHEREUMADDRESS FIRSTNAME
    FULLNAME GENDER IBAN IP IPV4 IPV6 JOBAREA JOBDESCRIPTOR JOBTITLE JOBTYPE LASTNAME LITECOINADDRESS MAC NAME
    NEARBYGPSCOORDINATE ORDINALDIRECTION PASSWORD PIN SECONDARYADDRESS SEX SEXTYPE STATE STREET STREETADDRESS URL
    USERAGENT USERNAME ZIPCODE"""

MARKED: dict[str, frozenset[str]] = {
    version: frozenset(labels.split())
    for version, labels in {
        "43k": _43K,
        "65k": f"""{_43K} COMPANY_NAME DATE MIDDLENAME PHONEIMEI PHONE_NUMBER PREFIX SSN SUFFIX TIME VEHICLEVIN
            VEHICLEVRM""",
        "200k": """ACCOUNTNAME ACCOUNTNUMBER AGE AMOUNT BIC BITCOINADDRESS BUILDINGNUMBER CITY COMPANYNAME COUNTY
            CREDITCARDCVV CREDITCARDISSUER CREDITCARDNUMBER CURRENCY CURRENCYCODE CURRENCYNAME CURRENCYSYMBOL DATE DOB
            EMAIL ETHEREUMADDRESS EYECOLOR FIRSTNAME GENDER HEIGHT IBAN IP IPV4 IPV6 JOBAREA JOBTITLE JOBTYPE LASTNAME
            LITECOINADDRESS MAC MIDDLENAME NEARBYGPSCOORDINATE ORDINALDIRECTION PASSWORD PHONEIMEI PHONENUMBER PIN
            PREFIX SECONDARYADDRESS SEX SSN STATE STREET TIME URL USERAGENT USERNAME VEHICLEVIN VEHICLEVRM ZIPCODE""",
        "300k": """BOD BUILDING CARDISSUER CITY COUNTRY DATE DRIVERLICENSE EMAIL GEOCOORD GIVENNAME1 GIVENNAME2 IDCARD
            IP LASTNAME1 LASTNAME2 LASTNAME3 PASS PASSPORT POSTCODE SECADDRESS SEX SOCIALNUMBER STATE STREET TEL TIME
            TITLE USERNAME""",
        "400k": """ACCOUNTNUM BUILDINGNUM CITY CREDITCARDNUMBER DATEOFBIRTH DRIVERLICENSENUM EMAIL GIVENNAME IDCARDNUM
            PASSWORD SOCIALNUM STREET SURNAME TAXNUM TELEPHONENUM USERNAME ZIPCODE""",
        "open-500k": f"{_OPENPII} TIME",
        "openpii-1m": _OPENPII,
        "openpii-1.5m": _OPENPII,
        "openpii-mini-10k": _OPENPII,
        "openpii-nano-1k": _OPENPII,
    }.items()
}
"""The labels of each version, without the AMBIGUOUS ones and those of a few stray spans.

Taken from label sets that public code lists after reading the data: 43k, 200k and the English part of 65k from training
scripts and model cards, 300k and open-500k from a scan of their train splits, 400k from models trained on it (17
classes, as its card says), openpii-1m and openpii-1.5m from their cards (19). Not verified: the other languages of 65k;
openpii-mini-10k and openpii-nano-1k, taken to be like openpii-1.5m (six rows of mini agree). FinPII, the unpublished
part of 300k, is missing. Stray spans seen in the English rows of openpii-1.5m (some 500 in its 40,909 validation rows,
454 of them TIME): ACCOUNTNUM ALLERGIES AMOUNT BANKNAME COUNTRY CURRENCY HEIGHT IPV4 ORGANISATION SALARY TIME TIMEZONE
URL USERNAME WEIGHT. Rows in other languages may have more.
"""

_CLOSED_ONLY = frozenset("FIRSTNAME LASTNAME PHONEIMEI JOBAREA GIVENNAME1 LASTNAME1 BOD TEL DATEOFBIRTH".split())
"""Frequent labels of 43k to 400k that the open versions write in other ways."""


def check_label(label: str, version: str, place: str) -> None:
    """Raise DataError when `label` shows that a row said to be of an open `version` is of one under another licence."""
    if label in _CLOSED_ONLY and find_repository(version).licence == CC_BY:
        raise DataError(
            f"{place}: {version} has no label {label}; the file is of another version: "
            "set sources.ai4privacy.repository to where it comes from"
        )


_WHOLE: dict[EntityType, tuple[frozenset[str], ...]] = {
    EntityType.LOCATION: (frozenset({"CITY", "STATE", "COUNTRY"}),),
    EntityType.DATE_TIME: (frozenset({"DATE", "TIME", "DOB"}), frozenset({"DATE", "TIME", "BOD"})),
    EntityType.ORGANIZATION: (),
    EntityType.JOB_TITLE: (),
}
"""Types that single labels cover in part, and the label sets that cover them whole.

A city label leaves countries unmarked. A date label without times leaves times unmarked, and without birth dates calls
them dates. Company and job labels mark the values filled in, not the schools, authorities and occupations of the
sentences around them, so that no version covers these two.
"""


@cache
def annotated_types(version: str) -> tuple[EntityType, ...]:
    """The types that `version`, a key of MARKED, marks wherever they occur, in the taxonomy's order."""
    marked = MARKED[version]
    types = {LABELS[label] for label in marked}
    return tuple(
        kind for kind in ALL_TYPES if kind in types and (kind not in _WHOLE or any(w <= marked for w in _WHOLE[kind]))
    )
