"""The format of each type whose values have one."""

from collections.abc import Mapping
from types import MappingProxyType

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
from schemas.formats.format import Format
from schemas.taxonomy import EntityType

FORMATS: Mapping[EntityType, Format] = MappingProxyType(
    {
        EntityType.PHONE_NUMBER: phone.PHONE_FORMAT,
        EntityType.EMAIL: web.EMAIL_FORMAT,
        EntityType.ID_CARD_NUMBER: identity.IDENTITY_CARD_FORMAT,
        EntityType.PASSPORT_NUMBER: documents.PASSPORT_FORMAT,
        EntityType.DRIVER_LICENSE_NUMBER: documents.DRIVER_LICENSE_FORMAT,
        EntityType.SOCIAL_SECURITY_NUMBER: documents.SOCIAL_SECURITY_FORMAT,
        EntityType.BANK_CARD_NUMBER: finance.CARD_FORMAT,
        EntityType.BANK_ACCOUNT_NUMBER: finance.ACCOUNT_FORMAT,
        EntityType.TAX_NUMBER: finance.TAX_FORMAT,
        EntityType.LICENSE_PLATE: vehicle.PLATE_FORMAT,
        EntityType.VEHICLE_VIN: vehicle.VIN_FORMAT,
        EntityType.DATE_OF_BIRTH: dates.BIRTH_FORMAT,
        EntityType.SECRET_KEY: online_account.SECRET_KEY_FORMAT,
        EntityType.WECHAT_ID: online_account.WECHAT_FORMAT,
        EntityType.QQ_NUMBER: online_account.QQ_FORMAT,
        EntityType.IP_ADDRESS: network.IP_FORMAT,
        EntityType.MAC_ADDRESS: network.MAC_FORMAT,
        EntityType.DEVICE_ID: network.DEVICE_FORMAT,
        EntityType.MEDICAL_RECORD_NUMBER: documents.MEDICAL_RECORD_FORMAT,
        EntityType.EMPLOYEE_ID: documents.EMPLOYEE_FORMAT,
        EntityType.STUDENT_ID: documents.STUDENT_FORMAT,
        EntityType.MEMBER_ID: documents.MEMBER_FORMAT,
        EntityType.POSTAL_CODE: geography.POSTAL_CODE_FORMAT,
        EntityType.GEO_COORDINATE: geography.COORDINATES_FORMAT,
        EntityType.CRYPTO_ADDRESS: wallet.WALLET_FORMAT,
        EntityType.URL: web.URL_FORMAT,
    }
)


def validate(kind: EntityType, value: str) -> bool | None:
    """Check `value`, as it is written in a text, against the form and check digits of `kind`.

    True when it passes, False when it fails, None where the type, or this form of it, has no check.
    Full-width characters and separators inside the value are allowed.
    """
    return FORMATS[kind].validate(value) if kind in FORMATS else None
