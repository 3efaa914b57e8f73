"""The taxonomy: every entity type, in one table, in one place.

`GET /types`, `pii-sft types`, docs/types.md, the JSON Schemas, the tag set and the prompt are made from it.
Sensitivity follows GB/T 35273-2020, appendix A (personal information) and appendix B (sensitive).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from schemas.errors import UnknownTypeError


class EntityType(StrEnum):
    """Names of the entity types; the order is part of the contract (tag ids follow it)."""

    PERSON_NAME = "PERSON_NAME"
    PHONE_NUMBER = "PHONE_NUMBER"
    EMAIL = "EMAIL"
    ADDRESS = "ADDRESS"
    ID_CARD_NUMBER = "ID_CARD_NUMBER"
    PASSPORT_NUMBER = "PASSPORT_NUMBER"
    DRIVER_LICENSE_NUMBER = "DRIVER_LICENSE_NUMBER"
    SOCIAL_SECURITY_NUMBER = "SOCIAL_SECURITY_NUMBER"
    BANK_CARD_NUMBER = "BANK_CARD_NUMBER"
    BANK_ACCOUNT_NUMBER = "BANK_ACCOUNT_NUMBER"
    TAX_NUMBER = "TAX_NUMBER"
    LICENSE_PLATE = "LICENSE_PLATE"
    VEHICLE_VIN = "VEHICLE_VIN"
    DATE_OF_BIRTH = "DATE_OF_BIRTH"
    USERNAME = "USERNAME"
    PASSWORD = "PASSWORD"  # noqa: S105 - the name of a type
    SECRET_KEY = "SECRET_KEY"  # noqa: S105 - the name of a type
    WECHAT_ID = "WECHAT_ID"
    QQ_NUMBER = "QQ_NUMBER"
    IP_ADDRESS = "IP_ADDRESS"
    MAC_ADDRESS = "MAC_ADDRESS"
    DEVICE_ID = "DEVICE_ID"
    MEDICAL_RECORD_NUMBER = "MEDICAL_RECORD_NUMBER"
    POSTAL_CODE = "POSTAL_CODE"
    GEO_COORDINATE = "GEO_COORDINATE"
    CRYPTO_ADDRESS = "CRYPTO_ADDRESS"
    LOCATION = "LOCATION"
    ORGANIZATION = "ORGANIZATION"
    DATE_TIME = "DATE_TIME"
    AGE = "AGE"
    GENDER = "GENDER"
    JOB_TITLE = "JOB_TITLE"
    URL = "URL"


class Sensitivity(StrEnum):
    """How GB/T 35273-2020 classes a value of this type."""

    SENSITIVE = "sensitive"  # 个人敏感信息, appendix B
    PERSONAL = "personal"  # 个人信息, appendix A
    CONTEXT = "context"  # not personal by itself


@dataclass(frozen=True, slots=True)
class TypeInfo:
    """One row of the taxonomy.

    Attributes: `type`; `zh`, its Chinese name; `description`, what counts as one; `example`;
    `sensitivity`; `default`, whether it is detected when a request names no types.
    """

    type: EntityType
    zh: str
    description: str
    example: str
    sensitivity: Sensitivity
    default: bool = True


_S, _P, _C = Sensitivity.SENSITIVE, Sensitivity.PERSONAL, Sensitivity.CONTEXT
_T = EntityType

TAXONOMY: tuple[TypeInfo, ...] = (
    TypeInfo(
        _T.PERSON_NAME, "姓名", "Name of a person, without title; a lone surname before a title counts", "张三", _P
    ),
    TypeInfo(_T.PHONE_NUMBER, "电话号码", "Mobile, landline or fax number, with its country code", "138-0013-8000", _P),
    TypeInfo(_T.EMAIL, "电子邮箱", "E-mail address", "zhangsan@example.com", _P),
    TypeInfo(_T.ADDRESS, "地址", "Longest string that locates a place by itself", "北京市朝阳区建国路88号", _P),
    TypeInfo(
        _T.ID_CARD_NUMBER, "身份证号", "Resident ID number or another national identity card", "11010519491231002X", _S
    ),
    TypeInfo(_T.PASSPORT_NUMBER, "护照号", "Passport or Hong Kong/Macau/Taiwan travel permit number", "E12345678", _S),
    TypeInfo(_T.DRIVER_LICENSE_NUMBER, "驾驶证号", "Driving licence number or file number", "440300123456", _S),
    TypeInfo(_T.SOCIAL_SECURITY_NUMBER, "社保号", "Social security number or card number", "A12345678", _S),
    TypeInfo(
        _T.BANK_CARD_NUMBER, "银行卡号", "Number of a debit, credit or other payment card", "6222020200112233446", _S
    ),
    TypeInfo(_T.BANK_ACCOUNT_NUMBER, "银行账号", "Bank account number, IBAN included", "DE89370400440532013000", _S),
    TypeInfo(_T.TAX_NUMBER, "税号", "Taxpayer number or unified social credit code", "91350100M000100Y43", _P),
    TypeInfo(_T.LICENSE_PLATE, "车牌号", "Number plate of a vehicle, new-energy plates included", "京A12345", _P),
    TypeInfo(_T.VEHICLE_VIN, "车架号", "Vehicle identification number", "LSVAU033272222999", _P),
    TypeInfo(_T.DATE_OF_BIRTH, "出生日期", "Date on which a person was born", "1990年3月7日", _P),
    TypeInfo(_T.USERNAME, "用户名", "Name of an account, nickname or handle", "zhang_san90", _P),
    TypeInfo(_T.PASSWORD, "密码", "Password, PIN or one-time code", "Qwer!2345", _S),
    TypeInfo(_T.SECRET_KEY, "密钥", "API key, access token or private key", "sk-4f3c2a1b0d9e8f7a6b5c", _S),
    TypeInfo(_T.WECHAT_ID, "微信号", "WeChat account", "wxid_a1b2c3d4", _P),
    TypeInfo(_T.QQ_NUMBER, "QQ号", "QQ account", "1234567890", _P),
    TypeInfo(_T.IP_ADDRESS, "IP地址", "IPv4 or IPv6 address, without port", "192.168.1.10", _P),
    TypeInfo(_T.MAC_ADDRESS, "MAC地址", "Hardware address of a network interface", "00:1A:2B:3C:4D:5E", _P),
    TypeInfo(_T.DEVICE_ID, "设备号", "IMEI, IDFA or another device identifier", "490154203237518", _P),
    TypeInfo(_T.MEDICAL_RECORD_NUMBER, "病历号", "Number of a patient, record, admission or visit", "ZY20240315", _S),
    TypeInfo(_T.POSTAL_CODE, "邮政编码", "Postal code", "100020", _P),
    TypeInfo(_T.GEO_COORDINATE, "地理坐标", "Latitude and longitude", "39.9042, 116.4074", _S),
    TypeInfo(_T.CRYPTO_ADDRESS, "加密货币地址", "Wallet address", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", _S),
    TypeInfo(_T.LOCATION, "地名", "Bare place name", "上海", _C, False),
    TypeInfo(_T.ORGANIZATION, "机构", "Company, authority, school or other organisation", "北京大学", _C, False),
    TypeInfo(_T.DATE_TIME, "日期时间", "Date or time other than a birth date", "2024年3月15日", _C, False),
    TypeInfo(_T.AGE, "年龄", "Age of a person", "35岁", _P, False),
    TypeInfo(_T.GENDER, "性别", "Gender of a person", "女", _P, False),
    TypeInfo(_T.JOB_TITLE, "职务", "Occupation or position", "工程师", _P, False),
    TypeInfo(_T.URL, "网址", "Web address", "https://example.com/a", _C, False),
)


class Types(tuple[EntityType, ...]):
    """Types in the taxonomy's order, without repeats: what `parse_types` gives."""

    __slots__ = ()


ALL_TYPES = Types(row.type for row in TAXONOMY)
DEFAULT_TYPES = Types(row.type for row in TAXONOMY if row.default)


def parse_types(names: Iterable[str] | None) -> Types:
    """Turn type names into types, in the taxonomy's order, without repeats; None stands for those on by default.

    Types that were parsed before are returned as they are. Raises UnknownTypeError that names the unknown entries and
    all valid ones.
    """
    if names is None:
        return DEFAULT_TYPES
    if isinstance(names, Types):
        return names
    wanted = set(names)
    unknown = sorted(wanted - set(ALL_TYPES))
    if unknown:
        raise UnknownTypeError(f"unknown entity types {unknown!r}; valid types: {', '.join(ALL_TYPES)}")
    return Types(kind for kind in ALL_TYPES if kind in wanted)
