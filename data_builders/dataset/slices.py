"""Slices of rows, by which scores are reported (length, cue words, noise, template), and counts of rows."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable

from schemas.spans.entity import Example
from schemas.taxonomy import ALL_TYPES, DEFAULT_TYPES
from schemas.text.length_buckets import length_bucket

KEYS = ("length", "cue", "noise", "template")
"""Slices of every row; a row without a template or noise has "" and "none"."""

_REACH = 12
_CUE = re.compile(
    r"姓名|名字|我叫|我是|叫做|联系人|收件|收货|寄件|户名|持卡人|申请人|患者|客户|先生|女士|老师|同学|医生|电话|手机|号码|致电|拨打|邮箱|邮件|地址|住址|住在|"
    r"现住|家住|身份证|证号|证件|护照|通行证|驾照|驾驶证|社保|医保|卡号|银行卡|账号|账户|尾号|税号|信用代码|车牌|车架|生日|出生|用户|昵称|登录|密码|验证码|口令|"
    r"密钥|微信|qq|地址|设备|病历|住院|门诊|邮编|坐标|经纬|定位|钱包|name|phone|mobile|tel|mail|address|ssn|social|passport|licen[cs]e|card|account|iban|tax|"
    r"plate|vin|birth|dob|user|login|password|pwd|token|key|secret|wechat|\bip\b|\bmac\b|imei|device|patient|zip|post|lat|lon|geo|wallet|mr\.|mrs|ms\.|dr\.",
    re.IGNORECASE,
)

_CHINESE_SHARE = 0.2
_BOUNDS = (0, 1, 4, 20)
_BUCKETS = ("0", "1", "2-4", "5-20", "over 20")


def slices(example: Example) -> dict[str, str]:
    """The slices of `example`, those it brings and those that follow from its text, in the order of `KEYS`."""
    measured = {"length": length_bucket(len(example.document.text)), "cue": _cue(example)}
    known = {"noise": "none", "template": "", **example.slices, **measured}
    return {key: known[key] for key in KEYS}


def _cue(example: Example) -> str:
    """Whether a cue word stands within 12 characters of the values of default types: all, some, none, or no value."""
    text = example.document.text
    cues = {
        bool(_CUE.search(text[max(0, entity.start - _REACH) : entity.start] + "\n" + text[entity.end : entity.end + 3]))
        for entity in example.entities
        if entity.type in DEFAULT_TYPES
    }
    return {frozenset({True}): "all", frozenset({False}): "none", frozenset(): "no value"}.get(frozenset(cues), "some")


def type_counts(examples: Iterable[Example]) -> Counter[str]:
    """Entities by type, in the taxonomy's order, types without any left out."""
    counts = Counter(entity.type for example in examples for entity in example.entities)
    return Counter({str(kind): counts[kind] for kind in ALL_TYPES if counts[kind]})


def slice_counts(examples: Iterable[Example], key: str) -> Counter[str]:
    """Rows by the value of slice `key`, or by `source`, `family` or `language`."""
    known = {"source": _source, "family": _family, "language": _language}
    return Counter(map(known.get(key, lambda example: example.slices[key]), examples))


def entity_counts(examples: Iterable[Example]) -> Counter[str]:
    """Rows by their number of entities: 0, 1, 2-4, 5-20, over 20."""
    return Counter(_BUCKETS[bisect_left(_BOUNDS, len(example.entities))] for example in examples)


def _source(example: Example) -> str:
    return example.source


def _family(example: Example) -> str:
    return f"{example.source}: {example.family}"


def _language(example: Example) -> str:
    """Chinese when at least a fifth of the characters are Chinese, else English."""
    text = example.document.text
    return "zh" if sum("\u4e00" <= char <= "\u9fff" for char in text) >= _CHINESE_SHARE * len(text) else "en"
