"""The table of values that what stands directly around them names: their label, or what programs write around them.

They stand against a model's choice of another type (`serving.engines.hybrid`), and need no check digit.
"""

import re

from schemas.formats import documents, identity, phone, secrets
from schemas.taxonomy import EntityType
from serving.engines.rules.recogniser import NamedRecogniser


def _label(words: str, between: str = "") -> re.Pattern[str]:
    """A pattern for "one of `words` stands directly before", or with no more than `between` behind it."""
    numbers = r"(?:号码?|號碼?|编号|編號|[ .]{0,2}(?:no|numbers?|#))?"
    return re.compile(rf"(?:{words}){numbers}(?: is| at| on|是|为|為)?[ .:#\"'()|-]{{0,4}}{between}\Z", re.IGNORECASE)


def _number(pattern: str, right: str = "(?![0-9A-Za-z])") -> re.Pattern[str]:
    return re.compile(rf"(?<![0-9A-Za-z])(?<![0-9][.-])(?:{pattern}){right}")


_PHONE_WORDS = (
    "电话|電話|座机|座機|固话|固話|传真|傳真|宅电|联系方式|联系|请拨|請撥|拨打|撥打|致电|致電|来电|"
    "物业|物管|前台|总台|总机|门卫室?|门房|岗亭|保安[室亭]|市话|报修|请打|值班室|办公室|收发室|服务台|医务室|护士站|"
    r"(?<![a-z])(?:tel|telephone|phone|fax|call(?: (?:me|us|the office))?|office|landline)"
)
_EARLIER_NUMBER = r"(?:[0-9(][0-9() -]{5,13}[0-9](?:转[0-9]{1,6})? ?[、/,;或和] ?)?"
_PHONE_LABEL = _label(_PHONE_WORDS, _EARLIER_NUMBER)
_COUNTED = "[万亿]?元|次|个|個|条|條|平米|平方|用?户|号楼"
_PHONE_RIGHT = rf"(?![0-9]|(?!ext|x[0-9])[A-Za-z]|[ -][0-9]{{4}}(?![0-9])|\.[0-9]|%| ?(?:{_COUNTED})| times)"


def _numerals(pattern: str) -> re.Pattern[str]:
    return _number(rf"(?<![{phone.NUMERALS}点])(?:{pattern})(?![ -]?[{phone.NUMERALS}]|点)", _PHONE_RIGHT)


_CLIENT = re.compile(r"(?<![a-z])(?:curl|mysql(?:dump|admin)?|mariadb) [^|;]{0,40}\Z")
_SHELL = re.compile(r"(?<![a-z])(?:ssh|scp|sftp|rsync) [^|;]{0,40}\Z")
_T = EntityType
NAMED_RECOGNISERS: tuple[NamedRecogniser, ...] = (
    NamedRecogniser(_T.USERNAME, re.compile(secrets.CREDENTIAL_ACCOUNT)),
    NamedRecogniser(_T.USERNAME, re.compile(secrets.PARAMETER_ACCOUNT)),
    NamedRecogniser(_T.USERNAME, re.compile(secrets.ORACLE_ACCOUNT)),
    NamedRecogniser(_T.USERNAME, re.compile(secrets.SHELL_ACCOUNT), _SHELL),
    NamedRecogniser(_T.PASSWORD, re.compile(secrets.CREDENTIAL_PASSWORD)),
    NamedRecogniser(_T.PASSWORD, re.compile(secrets.ORACLE_PASSWORD)),
    NamedRecogniser(_T.USERNAME, re.compile(secrets.OPTION_ACCOUNT), _CLIENT),
    NamedRecogniser(_T.PASSWORD, re.compile(secrets.OPTION_PASSWORD), _CLIENT),
    NamedRecogniser(_T.SECRET_KEY, re.compile(secrets.CREDENTIAL_TOKEN)),
    NamedRecogniser(_T.PASSWORD, re.compile(secrets.PARAMETER_PASSWORD, re.IGNORECASE)),
    NamedRecogniser(_T.PASSWORD, re.compile(secrets.QUOTED_PASSWORD, re.IGNORECASE)),
    NamedRecogniser(_T.SECRET_KEY, re.compile(secrets.BEARER)),
    NamedRecogniser(_T.SECRET_KEY, re.compile(secrets.BASIC)),
    NamedRecogniser(_T.SECRET_KEY, re.compile(secrets.JWT)),
    NamedRecogniser(_T.SECRET_KEY, re.compile(secrets.BASE64_KEY)),
    NamedRecogniser(_T.SECRET_KEY, re.compile(secrets.PEM)),
    NamedRecogniser(_T.PHONE_NUMBER, _number(phone.LOCAL, _PHONE_RIGHT), _PHONE_LABEL),
    NamedRecogniser(_T.PHONE_NUMBER, _numerals(phone.SPELLED), _PHONE_LABEL),
    NamedRecogniser(_T.PHONE_NUMBER, _numerals(phone.SPELLED_MOBILE)),
    NamedRecogniser(
        _T.ID_CARD_NUMBER,
        _number(identity.LABELLED_HONG_KONG_ID),
        _label("hkid(?: card)?|hong kong (?:identity card|id(?: card)?)|身[份分][证證]"),
    ),
    NamedRecogniser(
        _T.ID_CARD_NUMBER,
        _number(identity.LABELLED_TAIWAN_ID),
        _label(r"[统統]一[证證][号號]|居留[证證]|身[分份][证證](?:字[号號]|[统統]一[编編][号號])?|(?<![a-z])arc"),
    ),
    NamedRecogniser(
        _T.PASSPORT_NUMBER, _number(documents.CHINESE_PASSPORT, "(?![0-9])"), _label("[证證]件|[护護]照|passport")
    ),
    NamedRecogniser(
        _T.SOCIAL_SECURITY_NUMBER,
        _number(documents.US_SOCIAL_SECURITY),
        re.compile(
            r"(?:social security|(?<![a-z])(?:ssn|(?:my|your|his|her|their) social)|社会安全|社安)[^;!?。]{0,40}\Z",
            re.IGNORECASE,
        ),
    ),
    NamedRecogniser(_T.TAX_NUMBER, _number("[0-9]{8}"), _label("(?<![证證])[统統]一[编編][号號]|[统統][编編]")),
    NamedRecogniser(
        _T.TAX_NUMBER,
        _number("[A-Z]{2} ?[0-9A-Z]?[0-9]{7,11}(?:B[0-9]{2})?"),
        _label(r"(?<![a-z])vat(?: reg(?:istration|\.)?)?"),
    ),
)
