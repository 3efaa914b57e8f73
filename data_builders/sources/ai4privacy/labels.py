"""The labels of all ai4privacy versions and our types: one row for each label, however many versions use it.

A label whose meaning is ours maps to the type of a value with this label standing alone; `merge_pieces` joins pieces of
names and addresses. None is a label that is known and deliberately not ours.
"""

from schemas.errors import DataError
from schemas.taxonomy import EntityType as T

LABELS: dict[str, T | None] = {
    # names: pieces of one name; a title or suffix is not part of a name
    **dict.fromkeys(["GIVENNAME", "GIVENNAME1", "GIVENNAME2", "FIRSTNAME", "MIDDLENAME"], T.PERSON_NAME),
    **dict.fromkeys(["SURNAME", "LASTNAME", "LASTNAME1", "LASTNAME2", "LASTNAME3"], T.PERSON_NAME),
    **dict.fromkeys(["FULLNAME", "NAME"], T.PERSON_NAME),
    **dict.fromkeys(["TITLE", "PREFIX", "SUFFIX"]),
    # places
    **dict.fromkeys(["STREET", "STREETADDRESS"], T.ADDRESS),
    **dict.fromkeys(["BUILDINGNUM", "BUILDINGNUMBER", "BUILDING"], T.ADDRESS),
    **dict.fromkeys(["SECONDARYADDRESS", "SECADDRESS"], T.ADDRESS),
    **dict.fromkeys(["CITY", "COUNTY", "STATE", "COUNTRY"], T.LOCATION),
    **dict.fromkeys(["ZIPCODE", "POSTCODE"], T.POSTAL_CODE),
    **dict.fromkeys(["GEOCOORD", "NEARBYGPSCOORDINATE"], T.GEO_COORDINATE),
    "ORDINALDIRECTION": None,
    # contact and accounts
    **dict.fromkeys(["TELEPHONENUM", "TEL", "PHONENUMBER", "PHONE_NUMBER"], T.PHONE_NUMBER),
    "EMAIL": T.EMAIL,
    **dict.fromkeys(["USERNAME", "DISPLAYNAME"], T.USERNAME),
    # PIN and card verification code stand together as sensitive authentication data in PCI DSS
    **dict.fromkeys(["PASSWORD", "PASS", "PIN", "CREDITCARDCVV"], T.PASSWORD),
    "URL": T.URL,
    # documents
    **dict.fromkeys(["IDCARDNUM", "IDCARD"], T.ID_CARD_NUMBER),
    **dict.fromkeys(["PASSPORTNUM", "PASSPORT"], T.PASSPORT_NUMBER),
    **dict.fromkeys(["DRIVERLICENSENUM", "DRIVERLICENSE"], T.DRIVER_LICENSE_NUMBER),
    **dict.fromkeys(["SOCIALNUM", "SOCIALNUMBER", "SSN"], T.SOCIAL_SECURITY_NUMBER),
    "TAXNUM": T.TAX_NUMBER,
    "VEHICLEVRM": T.LICENSE_PLATE,
    "VEHICLEVIN": T.VEHICLE_VIN,
    # money
    "CREDITCARDNUMBER": T.BANK_CARD_NUMBER,
    **dict.fromkeys(["ACCOUNTNUM", "ACCOUNTNUMBER", "IBAN"], T.BANK_ACCOUNT_NUMBER),
    **dict.fromkeys(["BITCOINADDRESS", "ETHEREUMADDRESS", "LITECOINADDRESS"], T.CRYPTO_ADDRESS),
    **dict.fromkeys(["ACCOUNTNAME", "BIC", "BANKNAME", "CARDISSUER", "CREDITCARDISSUER", "SALARY"]),
    **dict.fromkeys(["AMOUNT", "CURRENCY", "CURRENCYCODE", "CURRENCYNAME", "CURRENCYSYMBOL"]),
    # devices
    **dict.fromkeys(["IP", "IPV4", "IPV6"], T.IP_ADDRESS),
    "MAC": T.MAC_ADDRESS,
    "PHONEIMEI": T.DEVICE_ID,
    "USERAGENT": None,
    # person
    **dict.fromkeys(["DATEOFBIRTH", "DOB", "BOD"], T.DATE_OF_BIRTH),
    "AGE": T.AGE,
    **dict.fromkeys(["GENDER", "SEX", "SEXTYPE"], T.GENDER),
    **dict.fromkeys(["JOBTITLE", "JOBTYPE"], T.JOB_TITLE),
    **dict.fromkeys(["JOBAREA", "JOBDESCRIPTOR", "EYECOLOR", "HEIGHT", "WEIGHT", "ALLERGIES"]),
    # rest
    **dict.fromkeys(["DATE", "TIME"], T.DATE_TIME),
    "TIMEZONE": None,
    **dict.fromkeys(["COMPANYNAME", "COMPANY_NAME", "ORGANISATION"], T.ORGANIZATION),
}
"""Each known label, and the type of a value with this label."""

AMBIGUOUS = frozenset({"NUMBER", "MASKEDNUMBER"})
"""Labels that stand for values of several of our types (telephone, card, account): their rows cannot be used."""


def label_type(label: str, place: str) -> T | None:
    """The type that `label` stands for, or None when it is not ours.

    Raises DataError, which names `place` and the label, when no version is known to have the label.
    """
    try:
        return LABELS[label]
    except KeyError:
        raise DataError(
            f"{place}: unknown label {label!r}; add it to data_builders/sources/ai4privacy/labels.py"
        ) from None
