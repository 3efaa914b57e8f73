"""Personal names in Chinese script: Han, of other peoples, of neighbours, transcribed."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from faker.providers.person.zh_CN import Provider as ChineseNames

from data_builders.synth.names.given import given_character, given_name
from data_builders.synth.names.latin import pinyin_name, romanised_name
from data_builders.synth.word_lists import words
from schemas.formats.draw import weighted

COMPOUND_SURNAMES = words("compound_surnames")

RARE_SURNAMES = (
    "佟仇丁万乐于云仝付伏何佘侯俞倪储全兰关农冀冉冯冷凌凤刁初别利包匡区华卓卞卢卫厉双古句史司叶向吉吕呼咸哈商喻国"
    "夏奚姚姬娄宁宋安官宗宫寇尚尤尹居屈展岑岳崔左巩巫师幸庄应庞康廉廖弓强归征徐戈戚戴房扶投拉支敖施晁晏景曲曹曾柏柯柳查柴栾桂"
    "桑梁梅棋植楚楼樊欧武毕毛水江池沃沈沙沐洪涂温游湛滑滕潘焦燕牛牟牧狄皮盛石祁祖祝禹秋秦稽程穆空窦竺童端符第管箫米糜纪练罗翁翟耿聂"
    "胥胡舒艾花苏苑苗茅茹荀荆莫萧葛董蒋蒙蒲蓝蔚蔡蔺薄薛虞融袁裘褚解言计訾詹诸谈谌谢谭谷贝费贺贾贲赖赫车辛边连逄邓邢邬邱邵邹郁郎郏郑"
    "郗郜郝都鄂金钟钮钱闫闵阎阚阮阴陆隋隗雍雷霍靳鞠韦韩项须顾饶马骆高鱼鲁鲍鲜鹿麦麻黄黎黑齐龙龚"
)

TITLES = words("titles")

_WORD_NAMES = words("word_names")
_GIVEN_WORDS = words("given_words")
_PLACES = words("place_people")
_UYGHUR, _KAZAKH = words("uyghur"), words("kazakh")
_TIBETAN, _MONGOLIAN = words("tibetan"), words("mongolian")
_YI_CLANS, _YI_GIVEN = words("yi_clans"), words("yi_given")
_JAPANESE_SURNAMES, _JAPANESE_GIVEN = words("japanese_surnames"), words("japanese_given")
_FOREIGN_GIVEN, _FOREIGN_FAMILY = words("foreign_given"), words("foreign_family")
_KOREAN_SURNAMES = "金李朴崔郑姜赵尹张林韩申徐权黄安宋柳全洪"
_KOREAN_GIVEN = "敏秀贤俊智恩英熙妍善宇成民泰在振镇东荷娜允浩哲素美贞正慧静熏昌珉书雅瑞炫赫奎宰相元圭仁洙"
_TRANSLITERATION = (
    "阿艾安奥巴贝本比伯博布查达戴丹德迪杜多厄恩尔法菲费弗福盖戈格古哈海汉赫亨霍基吉加杰金卡凯科克库拉莱兰朗劳雷里利林卢鲁罗洛马迈曼麦梅门蒙米摩莫穆纳内尼诺努欧帕佩皮普乔切琼萨塞沙史斯"
    "索塔泰坦特托瓦韦维温文沃乌西夏谢休雅亚扬伊英尤约泽詹珍朱兹"
)
_SURNAMES = {name: float(weight) for name, weight in ChineseNames.last_names.items() if len(name) == 1}
ONE_CHARACTER_SURNAMES = (*_SURNAMES, *RARE_SURNAMES)


@dataclass(frozen=True, slots=True)
class Name:
    """A full name; `family` and `given` are its parts where people use them alone, else empty."""

    full: str
    family: str = ""
    given: str = ""


def surname(rng: random.Random) -> str:
    """A Chinese surname, by its frequency; an eighth are rare or compound ones."""
    if rng.random() < 0.88:
        return weighted(rng, _SURNAMES)
    return rng.choice(RARE_SURNAMES) if rng.random() < 0.8 else rng.choice(COMPOUND_SURNAMES)


def chinese_name(rng: random.Random) -> Name:
    """A name as it stands in Chinese texts, in Chinese script nearly always."""
    return _KINDS[weighted(rng, _WEIGHTS)](rng)


def _han(rng: random.Random) -> Name:
    return _joined(surname(rng), given_name(rng))


def _compound(rng: random.Random) -> Name:
    return _joined(rng.choice(COMPOUND_SURNAMES), given_name(rng))


def _two_surnames(rng: random.Random) -> Name:
    """Both parents' surnames before a given name, four characters mostly."""
    return _joined(weighted(rng, _SURNAMES) + weighted(rng, _SURNAMES), given_name(rng))


def _surname_and_word(rng: random.Random) -> Name:
    return _joined(surname(rng), rng.choice(_GIVEN_WORDS))


def _nickname(rng: random.Random) -> Name:
    """小王, 老李, 阿强."""
    return Name(rng.choice("小老阿") + (surname(rng)[0] if rng.random() < 0.5 else given_character(rng)))


def _foreign(rng: random.Random) -> Name:
    """A transcribed name: of the usual lists mostly, else of random syllables; a tenth without its dot."""
    listed = rng.random() < 0.6
    parts = [_transcribed(rng, part, listed) for part in rng.choice(["g", "f", "gf", "gf", "gf", "ggf"])]
    dot = rng.choice(["·", "·", "·", "·", "·", "·", "．", "•", "‧", ""])
    return Name(dot.join(parts), given=parts[0] if len(parts) > 1 else "")


def _transcribed(rng: random.Random, part: str, listed: bool) -> str:
    if listed:
        return rng.choice(_FOREIGN_GIVEN if part == "g" else _FOREIGN_FAMILY)
    return "".join(rng.choices(_TRANSLITERATION, k=rng.randint(2, 4)))


def _uyghur(rng: random.Random) -> Name:
    given, father = rng.sample(_UYGHUR, 2)
    return Name(given + rng.choice(["·", "·", "·", "•", ""]) + father, given=given)


def _kazakh(rng: random.Random) -> Name:
    given, father = rng.sample(_KAZAKH, 2)
    return Name(given + rng.choice(["·", "·", "•", ""]) + father + rng.choice(["", "", "别克", "汗"]), given=given)


def _tibetan(rng: random.Random) -> Name:
    return Name("".join(rng.sample(_TIBETAN, rng.choice([1, 2, 2, 2]))))


def _yi(rng: random.Random) -> Name:
    return _joined(rng.choice(_YI_CLANS), rng.choice(_YI_GIVEN))


def _japanese(rng: random.Random) -> Name:
    return _joined(rng.choice(_JAPANESE_SURNAMES), rng.choice(_JAPANESE_GIVEN))


def _korean(rng: random.Random) -> Name:
    return _joined(rng.choice(_KOREAN_SURNAMES), "".join(rng.sample(_KOREAN_GIVEN, 2)))


def _joined(family: str, given: str) -> Name:
    return Name(family + given, family, given)


_KINDS: dict[str, Callable[[random.Random], Name]] = {
    "han": _han,
    "compound": _compound,
    "two_surnames": _two_surnames,
    "surname_and_word": _surname_and_word,
    "word": lambda rng: Name(rng.choice(_WORD_NAMES)),
    "place": lambda rng: Name(rng.choice(_PLACES)),
    "nickname": _nickname,
    "foreign": _foreign,
    "uyghur": _uyghur,
    "kazakh": _kazakh,
    "tibetan": _tibetan,
    "mongolian": lambda rng: Name(rng.choice(_MONGOLIAN)),
    "yi": _yi,
    "japanese": _japanese,
    "korean": _korean,
    "pinyin": lambda rng: Name(pinyin_name(rng)),
    "romanised": lambda rng: Name(romanised_name(rng)),
}
_WEIGHTS = {
    "han": 77, "compound": 3.5, "two_surnames": 1.5, "surname_and_word": 2, "word": 1.5, "place": 0.7, "nickname": 1.5, "foreign": 4,
    "uyghur": 1.4, "kazakh": 0.4, "tibetan": 0.9, "mongolian": 0.8, "yi": 0.5, "japanese": 1.2, "korean": 0.8, "pinyin": 0.8, "romanised": 0.5,
}  # fmt: skip
