"""Rows in the schema of openpii-1.5m with invented values, as many as a load test wants.

A row is an opening, two bodies and a closing: 12 * 26 * 25 * 10 frames a language, and every body has values that
differ from row to row. Only pools of values are kept in memory.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

Frame = list[tuple[str, str]]
"""Literal text, each with the label of the value that follows it ("" for none)."""

_POOL = 2000
_BATCH = 5000

_EN_OPENINGS = """Hello,
Quick note from reception:
As discussed on the call,
Minutes of the review:
Dear team,
Ticket update.
Following the inspection,
For the record:
Good morning,
Reminder for the front desk:
Summary of today's visit.
Forwarded message:"""
_EN_BODIES = """the tenant {GIVENNAME} {SURNAME} moved to {BUILDINGNUM} {STREET}, {CITY} {ZIPCODE} last week.
please call {TITLE} {SURNAME} at {TELEPHONENUM} before noon.
the invoice went to {EMAIL} and was paid with {CREDITCARDNUMBER}.
our courier could not find {BUILDINGNUM} {STREET}, so the parcel waits in {CITY}.
passport {PASSPORTNUM} was checked at the gate on {DATE}.
the licence {DRIVERLICENSENUM} belongs to {GIVENNAME} {SURNAME}.
{GIVENNAME} turned {AGE} and asked for a refund by e-mail from {EMAIL}.
tax number {TAXNUM} was missing from the form dated {DATE}.
social security number {SOCIALNUM} and identity card {IDCARDNUM} are on file.
send the samples to {STREET}, {CITY}.
{TITLE} {GIVENNAME} {SURNAME} chairs the board since {DATE}.
the applicant wrote {SEX} as sex and {GENDER} as gender.
a voicemail from {TELEPHONENUM} mentioned the postcode {ZIPCODE}.
card {CREDITCARDNUMBER} was declined twice.
the workshop in {CITY} is full, so {GIVENNAME} {SURNAME} joins online.
the patient, {AGE} years old, is called {SURNAME}.
write back to {EMAIL} or to {BUILDINGNUM} {STREET}, {CITY}.
identity card {IDCARDNUM} expired on {DATE}.
the witness {GIVENNAME} {SURNAME} gave {TELEPHONENUM} as a contact.
refund to card {CREDITCARDNUMBER} agreed with {TITLE} {SURNAME}.
new address of {SURNAME}: {STREET} {BUILDINGNUM}, {CITY} {ZIPCODE}.
passenger {GIVENNAME} {SURNAME} travels on {PASSPORTNUM}.
{GIVENNAME} and {GIVENNAME} share the room until {DATE}.
the accountant needs {TAXNUM} and {SOCIALNUM} by Friday.
driver {SURNAME} showed {DRIVERLICENSENUM} in {CITY}.
questions go to {GIVENNAME} {SURNAME}, {EMAIL}, {TELEPHONENUM}."""
_EN_CLOSINGS = """Thank you.
Kind regards.
No further action is needed.
Please confirm.
The file stays open.
We close the case on Monday.
See the attached form.
A copy is in the archive.
Reply when you can.
That is all for now."""

_ZH_OPENINGS = """您好，
前台留言：
会议纪要：
各位同事，
工单更新：
根据电话记录，
核查结果如下：
早上好，
温馨提示：
转发一条消息：
今日来访登记：
备注："""
_ZH_BODIES = """租客{SURNAME}{GIVENNAME}上周搬到了{CITY}{STREET}{BUILDINGNUM}。
请在中午前拨打{TELEPHONENUM}联系{SURNAME}{TITLE}。
发票已发到{EMAIL}，用卡{CREDITCARDNUMBER}付款。
快递员找不到{STREET}{BUILDINGNUM}，包裹暂存在{CITY}。
护照{PASSPORTNUM}已于{DATE}核验。
驾驶证{DRIVERLICENSENUM}的持有人是{SURNAME}{GIVENNAME}。
{SURNAME}{GIVENNAME}今年{AGE}岁，从{EMAIL}申请退款。
{DATE}的表格缺少税号{TAXNUM}。
社保号{SOCIALNUM}和身份证{IDCARDNUM}都已登记。
样品请寄到{CITY}{STREET}{BUILDINGNUM}，邮编{ZIPCODE}。
{SURNAME}{GIVENNAME}{TITLE}自{DATE}起主持工作。
申请人在性别一栏填写了{SEX}。
{TELEPHONENUM}的语音留言提到邮编{ZIPCODE}。
银行卡{CREDITCARDNUMBER}两次被拒付。
{CITY}的培训已满，{SURNAME}{GIVENNAME}改为线上参加。
患者{AGE}岁，姓{SURNAME}。
请回复{EMAIL}，或写信到{CITY}{STREET}{BUILDINGNUM}。
身份证{IDCARDNUM}已于{DATE}过期。
证人{SURNAME}{GIVENNAME}留下的电话是{TELEPHONENUM}。
退款到卡{CREDITCARDNUMBER}已和{SURNAME}{TITLE}确认。
{SURNAME}{GIVENNAME}的新地址：{CITY}{STREET}{BUILDINGNUM}。
旅客{SURNAME}{GIVENNAME}持{PASSPORTNUM}出行。
{SURNAME}{GIVENNAME}和{SURNAME}{GIVENNAME}同住到{DATE}。
会计周五前需要{TAXNUM}和{SOCIALNUM}。
司机{SURNAME}{TITLE}在{CITY}出示了{DRIVERLICENSENUM}。
如有疑问，请找{SURNAME}{GIVENNAME}，邮箱{EMAIL}，手机{TELEPHONENUM}。"""
_ZH_CLOSINGS = """谢谢。
祝好。
暂无其他事项。
请确认。
档案继续保留。
周一结案。
详见附件。
副本已存档。
方便时请回复。
先说到这里。"""

_SYLLABLES = "ba den fi gor hal jun kel lo mar nes or pen qui ras sol tam ul ver wil xan yor zed".split()
_HAN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲梅林海波宁雪飞晨浩宇轩欣怡嘉文博思远"
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余"
_PLACES = "安宁清河云川江海平南北东西新丰长永福寿泉林山石白金玉龙凤"


def openpii_rows(size: int, seed: int) -> Iterator[dict[str, Any]]:
    """`size` rows, half of them Chinese on average; the same seed gives the same rows."""
    rng = random.Random(seed)
    pools = {"en": _pools(_english(rng)), "zh": _pools(_chinese(rng))}
    frames = {
        "en": _frames(_EN_OPENINGS, _EN_BODIES, _EN_CLOSINGS),
        "zh": _frames(_ZH_OPENINGS, _ZH_BODIES, _ZH_CLOSINGS),
    }
    places = {"en": [("GB", "Latn"), ("US", "Latn"), ("CA", "Latn"), ("IN", "Latn")], "zh": [("CN", "Hans")]}
    for index in range(size):
        language = "zh" if rng.random() < 0.5 else "en"
        region, script = places[language][index % len(places[language])]
        row = _fill(_frame(frames[language], " " if language == "en" else "", rng), pools[language], rng)
        split = "validation" if index % 5 == 4 else "train"
        yield row | {
            "split": split,
            "uid": 20_000_000 + index,
            "language": language,
            "region": region,
            "script": script,
        }


def write_openpii(path: Path, size: int, seed: int) -> None:
    """Write `openpii_rows(size, seed)` to `path`, as Parquet for `.parquet` and as JSON Lines otherwise."""
    if path.suffix == ".parquet":
        _write_parquet(path, openpii_rows(size, seed))
        return
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in openpii_rows(size, seed))


def _write_parquet(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    first = pa.Table.from_pylist(list(islice(rows, _BATCH)))
    with pq.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        while batch := list(islice(rows, _BATCH)):
            writer.write_table(pa.Table.from_pylist(batch, schema=first.schema))


def _frames(*groups: str) -> list[list[Frame]]:
    return [[_parse(item) for item in group.splitlines()] for group in groups]


def _parse(pattern: str) -> Frame:
    items = re.split(r"\{([A-Z]+)\}", pattern)
    return list(zip(items[::2], [*items[1::2], ""], strict=True))


def _frame(frames: list[list[Frame]], space: str, rng: random.Random) -> Frame:
    openings, bodies, closings = frames
    first = int(rng.random() * len(bodies))
    second = (first + 1 + int(rng.random() * (len(bodies) - 1))) % len(bodies)
    opening, closing = (group[int(rng.random() * len(group))] for group in (openings, closings))
    gap = [(space, "")]
    return opening + gap + bodies[first] + gap + bodies[second] + gap + closing


def _fill(frame: Frame, pools: dict[str, list[str]], rng: random.Random) -> dict[str, Any]:
    text, masked, spans = "", "", []
    seen: Counter[str] = Counter()
    for literal, label in frame:
        text += literal
        masked += literal
        if label:
            value, start = pools[label][int(rng.random() * _POOL)], len(text)
            seen[label] += 1
            text += value
            masked += f"[{label}_{seen[label]}]"
            spans.append({"label": label, "start": start, "end": len(text), "value": value, "label_index": seen[label]})
    return {"source_text": text, "masked_text": masked, "privacy_mask": spans}


def _pools(makers: dict[str, Callable[[], str]]) -> dict[str, list[str]]:
    return {label: [make() for _ in range(_POOL)] for label, make in makers.items()}


def _shared(rng: random.Random) -> dict[str, Callable[[], str]]:
    def word() -> str:
        return "".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4)))

    return {
        "EMAIL": lambda: f"{word()}{rng.randrange(1000)}@{word()}.example.com",
        "CREDITCARDNUMBER": lambda: str(rng.randrange(4 * 10**15, 6 * 10**15)),
        "PASSPORTNUM": lambda: rng.choice("EGKPT") + f"{rng.randrange(10**8):08}",
        "DRIVERLICENSENUM": lambda: f"{rng.choice('ABCDXY')}{rng.randrange(10**11):011}",
        "TAXNUM": lambda: f"{rng.randrange(10**10):010}",
        "SOCIALNUM": lambda: f"{rng.randrange(10**9):09}",
        "AGE": lambda: str(rng.randint(18, 96)),
    }


def _english(rng: random.Random) -> dict[str, Callable[[], str]]:
    def name() -> str:
        return "".join(rng.choices(_SYLLABLES, k=rng.randint(2, 3))).capitalize()

    return _shared(rng) | {
        "GIVENNAME": name,
        "SURNAME": name,
        "TITLE": lambda: rng.choice(["Mr", "Ms", "Mrs", "Dr"]),
        "TELEPHONENUM": lambda: f"0{rng.randrange(100, 999)}-{rng.randrange(10**4):04}-{rng.randrange(10**4):04}",
        "BUILDINGNUM": lambda: str(rng.randint(1, 9999)),
        "STREET": lambda: f"{name()} {rng.choice(['Road', 'Street', 'Avenue', 'Lane'])}",
        "CITY": name,
        "ZIPCODE": lambda: f"{rng.randrange(10**5):05}",
        "DATE": lambda: f"{rng.randint(1, 28):02}/{rng.randint(1, 12):02}/{rng.randint(1950, 2024)}",
        "IDCARDNUM": lambda: f"{rng.choice('ABCK')}{rng.randrange(10**8):08}",
        "SEX": lambda: rng.choice("MF"),
        "GENDER": lambda: rng.choice(["Female", "Male", "Agender", "Non-binary"]),
    }


def _chinese(rng: random.Random) -> dict[str, Callable[[], str]]:
    def place() -> str:
        return "".join(rng.choices(_PLACES, k=rng.randint(2, 3)))

    return _shared(rng) | {
        "GIVENNAME": lambda: "".join(rng.choices(_HAN, k=rng.randint(1, 2))),
        "SURNAME": lambda: rng.choice(_SURNAMES),
        "TITLE": lambda: rng.choice(["先生", "女士", "老师", "经理"]),
        "TELEPHONENUM": lambda: f"1{rng.randrange(3 * 10**9, 10**10)}",
        "BUILDINGNUM": lambda: f"{rng.randint(1, 999)}号",
        "STREET": lambda: place() + rng.choice(["路", "街", "大道", "巷"]),
        "CITY": lambda: place() + "市",
        "ZIPCODE": lambda: f"{rng.randrange(10**5, 10**6)}",
        "DATE": lambda: f"{rng.randint(1950, 2024)}年{rng.randint(1, 12)}月{rng.randint(1, 28)}日",
        "IDCARDNUM": lambda: f"{rng.randrange(110000, 660000)}{rng.randint(1950, 2005)}{rng.randrange(10**8):08}",
        "SEX": lambda: rng.choice("男女"),
    }
