"""The taxonomy: every entity type, in one table, in one place.

`GET /types`, `pii-sft types`, docs/types.md, the JSON Schemas, the tag set and the prompt are made from it.
Sensitivity follows GB/T 35273-2020, appendix A (personal information) and appendix B (sensitive).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from schemas.errors import UnknownTypeError
from schemas.text.fold import fold


class Sensitivity(StrEnum):
    """How GB/T 35273-2020 classes a value of this type."""

    SENSITIVE = "sensitive"  # 个人敏感信息, appendix B
    PERSONAL = "personal"  # 个人信息, appendix A
    CONTEXT = "context"  # not personal by itself


ALL, DEFAULT = "ALL", "DEFAULT"
"""Words that stand for all types of the taxonomy, and for each type that has no value of its own (`PerType`)."""
_OWN_NAME = re.compile(r"(?=.{1,40}\Z)(?!\d)[^\W_]+(?:_[^\W_]+)*")
_STAND_IN_END = re.compile(r"_(?:\d+|[0-9a-f]{4}|[0-9a-f]{12})\Z", re.IGNORECASE)
_S, _P, _C = Sensitivity.SENSITIVE, Sensitivity.PERSONAL, Sensitivity.CONTEXT


@dataclass(frozen=True, slots=True)
class TypeInfo:
    """What is known of a type.

    Attributes:
        zh: its Chinese name.
        description: what counts as one.
        example: a value.
        sensitivity: its class by GB/T 35273-2020.
        default: whether it is detected when a request names no types.
        in_words: whether a value can be written without a Latin letter or a long number.
        shared: whether many persons have the same value, so that it may stand in several splits of a dataset.
        strong_check: whether a value that passes its format's check (a checksum, a plan or an exact syntax) is
            surer than a model's choice of another type.
        presidio: its name in Presidio where that differs, else empty.
    """

    zh: str
    description: str
    example: str
    sensitivity: Sensitivity
    default: bool = True
    in_words: bool = False
    shared: bool = False
    strong_check: bool = False
    presidio: str = ""


class EntityType(StrEnum):
    """Names of the entity types; the order is part of the contract (tag ids follow it)."""

    _value_: str
    info: TypeInfo

    def __new__(cls, name: str, *row: TypeInfo) -> Self:  # a star, since `EntityType(name)` looks a member up
        """A member that is the string `name` and knows its `row`."""
        member = str.__new__(cls, name)
        member._value_ = name
        (member.info,) = row
        return member

    PERSON_NAME = (
        "PERSON_NAME",
        TypeInfo(
            "姓名",
            "Name of a person, without title; a lone surname before a title counts",
            "张三",
            _P,
            in_words=True,
            presidio="PERSON",
        ),
    )
    PHONE_NUMBER = (
        "PHONE_NUMBER",
        TypeInfo(
            "电话号码",
            "Mobile, landline or fax number, with its country code",
            "138-0013-8000",
            _P,
            strong_check=True,
        ),
    )
    EMAIL = (
        "EMAIL",
        TypeInfo("电子邮箱", "E-mail address", "zhangsan@example.com", _P, strong_check=True, presidio="EMAIL_ADDRESS"),
    )
    ADDRESS = (
        "ADDRESS",
        TypeInfo("地址", "Longest string that locates a place by itself", "北京市朝阳区建国路88号", _P, in_words=True),
    )
    ID_CARD_NUMBER = (
        "ID_CARD_NUMBER",
        TypeInfo(
            "身份证号",
            "Resident ID number or another national identity card",
            "11010519491231002X",
            _S,
            strong_check=True,
        ),
    )
    PASSPORT_NUMBER = (
        "PASSPORT_NUMBER",
        TypeInfo("护照号", "Passport or Hong Kong/Macau/Taiwan travel permit number", "E12345678", _S),
    )
    DRIVER_LICENSE_NUMBER = (
        "DRIVER_LICENSE_NUMBER",
        TypeInfo("驾驶证号", "Driving licence number or file number", "440300123456", _S),
    )
    SOCIAL_SECURITY_NUMBER = (
        "SOCIAL_SECURITY_NUMBER",
        TypeInfo("社保号", "Social security number or card number", "A12345678", _S),
    )
    BANK_CARD_NUMBER = (
        "BANK_CARD_NUMBER",
        TypeInfo(
            "银行卡号",
            "Number of a debit, credit or other payment card",
            "6222020200112233446",
            _S,
            strong_check=True,
            presidio="CREDIT_CARD",
        ),
    )
    BANK_ACCOUNT_NUMBER = (
        "BANK_ACCOUNT_NUMBER",
        TypeInfo("银行账号", "Bank account number, IBAN included", "DE89370400440532013000", _S, strong_check=True),
    )
    TAX_NUMBER = (
        "TAX_NUMBER",
        TypeInfo("税号", "Taxpayer number or unified social credit code", "91350100M000100Y43", _P, strong_check=True),
    )
    LICENSE_PLATE = (
        "LICENSE_PLATE",
        TypeInfo("车牌号", "Number plate of a vehicle, new-energy plates included", "京A12345", _P),
    )
    VEHICLE_VIN = (
        "VEHICLE_VIN",
        TypeInfo("车架号", "Vehicle identification number", "LSVAU033272222999", _P, strong_check=True),
    )
    DATE_OF_BIRTH = (
        "DATE_OF_BIRTH",
        TypeInfo("出生日期", "Date on which a person was born", "1990年3月7日", _P, in_words=True, shared=True),
    )
    USERNAME = (
        "USERNAME",
        TypeInfo("用户名", "Name of an account, nickname or handle", "zhang_san90", _P, in_words=True),
    )
    PASSWORD = "PASSWORD", TypeInfo("密码", "Password, PIN or one-time code", "Qwer!2345", _S, in_words=True)
    SECRET_KEY = "SECRET_KEY", TypeInfo("密钥", "API key, access token or private key", "sk-4f3c2a1b0d9e8f7a6b5c", _S)
    WECHAT_ID = "WECHAT_ID", TypeInfo("微信号", "WeChat account", "wxid_a1b2c3d4", _P)
    QQ_NUMBER = "QQ_NUMBER", TypeInfo("QQ号", "QQ account", "1234567890", _P)
    IP_ADDRESS = (
        "IP_ADDRESS",
        TypeInfo("IP地址", "IPv4 or IPv6 address, without port", "192.168.1.10", _P, strong_check=True),
    )
    MAC_ADDRESS = (
        "MAC_ADDRESS",
        TypeInfo("MAC地址", "Hardware address of a network interface", "00:1A:2B:3C:4D:5E", _P, strong_check=True),
    )
    DEVICE_ID = "DEVICE_ID", TypeInfo("设备号", "IMEI, IDFA or another device identifier", "490154203237518", _P)
    MEDICAL_RECORD_NUMBER = (
        "MEDICAL_RECORD_NUMBER",
        TypeInfo("病历号", "Number of a patient, record, admission or visit", "ZY20240315", _S),
    )
    EMPLOYEE_ID = (
        "EMPLOYEE_ID",
        TypeInfo("工号", "Number that an employer gives an employee", "YJ-00418", _P),
    )
    STUDENT_ID = (
        "STUDENT_ID",
        TypeInfo("学号", "Number that a school gives a student or an examinee", "2021310422", _P),
    )
    MEMBER_ID = (
        "MEMBER_ID",
        TypeInfo("会员号", "Number that a shop, club, airline or insurer gives a customer", "VIP88203417", _P),
    )
    POSTAL_CODE = "POSTAL_CODE", TypeInfo("邮政编码", "Postal code", "100020", _P)
    GEO_COORDINATE = "GEO_COORDINATE", TypeInfo("地理坐标", "Latitude and longitude", "39.9042, 116.4074", _S)
    CRYPTO_ADDRESS = (
        "CRYPTO_ADDRESS",
        TypeInfo(
            "加密货币地址",
            "Wallet address",
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            _S,
            strong_check=True,
            presidio="CRYPTO",
        ),
    )
    LOCATION = "LOCATION", TypeInfo("地名", "Bare place name", "上海", _C, default=False, in_words=True, shared=True)
    ORGANIZATION = (
        "ORGANIZATION",
        TypeInfo(
            "机构",
            "Company, authority, school or other organisation",
            "北京大学",
            _C,
            default=False,
            in_words=True,
            shared=True,
        ),
    )
    DATE_TIME = (
        "DATE_TIME",
        TypeInfo(
            "日期时间",
            "Date or time other than a birth date",
            "2024年3月15日",
            _C,
            default=False,
            in_words=True,
            shared=True,
        ),
    )
    AGE = "AGE", TypeInfo("年龄", "Age of a person", "35岁", _P, default=False, in_words=True, shared=True)
    GENDER = "GENDER", TypeInfo("性别", "Gender of a person", "女", _P, default=False, in_words=True, shared=True)
    JOB_TITLE = (
        "JOB_TITLE",
        TypeInfo("职务", "Occupation or position", "工程师", _P, default=False, in_words=True, shared=True),
    )
    URL = (
        "URL",
        TypeInfo("网址", "Web address", "https://example.com/a", _C, default=False, shared=True, strong_check=True),
    )

    @classmethod
    def named(cls, name: str) -> Self:
        """The type of the taxonomy called `name`, or a type of the caller's own of that name.

        A type of one's own says what custom rules mark: no model knows it, and `EntityType(name)`, iteration and
        `parse_types` never give one. Its name has 1 to 40 letters and digits of any script, single _ between them, and
        no digit at the beginning. Raises UnknownTypeError for another name, for one that ends like a stand-in
        (`项目_1`), and for one that differs from a name of the taxonomy in case alone.
        """
        if name in ALL_TYPES:
            return cls(name)
        if not _OWN_NAME.fullmatch(name) or _STAND_IN_END.search(name) or name != fold(name):
            message = "not a name of a type: 1 to 40 letters and digits, with single _ between them, a letter first"
            raise UnknownTypeError(f"{message}, and no number behind a _")
        if name.upper() in (*ALL_TYPES, ALL, DEFAULT):
            raise UnknownTypeError("not a name of one's own: it differs from a name that is taken in case alone")
        own = str.__new__(cls, name)
        own._value_ = own._name_ = name
        own.info = TypeInfo(name, "Type of the caller's own", "", Sensitivity.PERSONAL, default=False)
        return own

    def __reduce_ex__(self, protocol: object) -> tuple[object, ...]:
        return _type_named, (self._value_,)

    @property
    def presidio_name(self) -> str:
        """What Presidio calls the type, or our own name where it has none."""
        return self.info.presidio or str(self)


def _type_named(name: str) -> EntityType:
    """A function, since cloudpickle, by which Spark and Ray send objects, would send a method with all it refers to."""
    return EntityType.named(name)


class Types(tuple[EntityType, ...]):
    """Types in the taxonomy's order, without repeats: what `parse_types` gives."""

    __slots__ = ()


ALL_TYPES = Types(EntityType)
DEFAULT_TYPES = Types(kind for kind in EntityType if kind.info.default)


def parse_types(names: Iterable[str] | None) -> Types:
    """Turn type names into types, in the taxonomy's order, without repeats.

    None stands for those on by default, the name ALL for all of them. Types that were parsed before are returned as
    they are. Raises UnknownTypeError that names the unknown entries and all valid ones.
    """
    if names is None:
        return DEFAULT_TYPES
    if isinstance(names, Types):
        return names
    wanted = set(names)
    if ALL in wanted:
        wanted = wanted - {ALL} | set(ALL_TYPES)
    unknown = sorted(wanted - set(ALL_TYPES))
    if unknown:
        raise UnknownTypeError(f"unknown entity types {unknown!r}; valid types: {', '.join(ALL_TYPES)}, {ALL}")
    return Types(kind for kind in ALL_TYPES if kind in wanted)
