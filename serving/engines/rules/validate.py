"""One check per entity type that has one."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from schemas.taxonomy import EntityType
from schemas.text.fold import fold
from serving.engines.rules import finance, identity, network, phone, vehicle

_CHECKS: Mapping[EntityType, Callable[[str], bool | None]] = MappingProxyType(
    {
        EntityType.PHONE_NUMBER: phone.is_phone,
        EntityType.ID_CARD_NUMBER: identity.is_identity_card,
        EntityType.BANK_CARD_NUMBER: finance.is_card,
        EntityType.BANK_ACCOUNT_NUMBER: finance.is_account,
        EntityType.TAX_NUMBER: finance.is_tax_number,
        EntityType.CRYPTO_ADDRESS: finance.is_wallet,
        EntityType.LICENSE_PLATE: vehicle.is_plate,
        EntityType.VEHICLE_VIN: vehicle.is_vin,
        EntityType.EMAIL: network.is_email,
        EntityType.IP_ADDRESS: network.is_ip_address,
        EntityType.MAC_ADDRESS: network.is_mac_address,
        EntityType.DEVICE_ID: network.is_device_id,
        EntityType.URL: network.is_url,
    }
)


def validate(kind: EntityType, value: str) -> bool | None:
    """Check `value`, as it is written in a text, against the form and check digits of `kind`.

    True when it passes, False when it fails, None where the type, or this form of it, has no check.
    Full-width characters and separators inside the value are allowed.
    """
    check = _CHECKS.get(kind)
    return check(fold(value).strip()) if check else None
