"""Personal names: Han, ethnic-minority, transliterated and Latin."""

import random

from faker.providers.person.en_US import Provider as EnglishNames
from faker.providers.person.zh_CN import Provider as ChineseNames

from data_builders.synth.sampling import weighted
from data_builders.synth.words import words

COMPOUND_SURNAMES = words("compound_surnames")

RARE_SURNAMES = (
    "佟仇丁万乐于云仝付伏何佘侯俞倪储全兰关农冀冉冯冷凌凤刁初别利包匡区华卓卞卢卫厉双古句史司叶向吉吕呼咸哈商喻国"
    "夏奚姚姬娄宁宋安官宗宫寇尚尤尹居屈展岑岳崔左巩巫师幸庄应庞康廉廖弓强归征徐戈戚戴房扶投拉支敖施晁晏景曲曹曾柏柯柳查柴栾桂"
    "桑梁梅棋植楚楼樊欧武毕毛水江池沃沈沙沐洪涂温游湛滑滕潘焦燕牛牟牧牛狄皮盛石祁祖祝禹秋秦稽程穆空窦竺童端符第管箫米糜纪练罗翁翟耿聂"
    "胥胡舒艾花苏苑苗茅茹荀荆莫萧葛董蒋蒙蒲蓝蔚蔡蔺薄薛虞融袁裘褚解言计訾詹诸谈谌谢谭谷贝费贺贾贲赖赫车辛边连逄邓邢邬邱邵邹郁郎郏郑"
    "郗郜郝都鄂金钟钮钱闫闵阎阚阮阴陆隋隗雍雷霍靳鞠韦韩项须顾饶马骆高鱼鲁鲍鲜鹿麦麻黄黎黑齐龙龚"
)

GIVEN_CHARACTERS = (
    "伟强磊洋勇军杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林欢佳阳成楠建亮红娟玲静丽芳燕敏秀霞萍莉婷雪琴兰云洁梅琳桂芬英慧艳玉珍凤"
    "瑜倩莹淑惠珠翠雅芝荣爱妹香月莺媛瑞凡素真环青馨瑶怡婵雁蓓纨仪荷丹蓉眉君蕊薇菁梦岚苑婕瑾颖露韵融园艺咏卿聪澜纯毓悦昭冰爽琬茗羽希欣飘"
    "育滢馥筠柔竹霭凝晓霄枫芸菲寒伊亚宜可姬舒影荔枝思毅峰胜学祥才发武新利清彬富顺信子康星光天达安岩中茂进有坚和彪博诚先敬震振壮会思群豪心"
    "邦承乐绍功松善厚庆民友裕河哲江浩亮政谦亨奇固之轮翰朗伯宏言若鸣朋梁栋维启克伦翔旭鹏泽晨辰士以建家致树炎德行时泰盛雄琛钧冠策腾榕风航弘"
    "义兴良海山仁贵福生元全国文昌保东南西北春夏秋冬一丁三万世业丰临丽久义乔书亦京今仲任企伍佑佩修倪傲儒允兆克全其典净凌初利前励勋化升卓南占"
    "友发叶吉向含启和咏哲唯喜嘉园圆城基堂塔墨声夕大奕好如妍姗姝娅娜婉婧嫣嬿学宛定宣家容富寅密寿展屹岭川左巍巧帝广庭延开弈弘彤彦彩影微心忆忠念"
    "怀恒恩悠情惜想愉慕慧成戎扬抒拓持振捷掌敏文斯方施旋旺昂昊昕易星映昱显晋晗晟晴晶智景暄暖曦曼月有朔望未本朴材束来杨松柏柯柳栩桃桐梓梦棋森楚"
    "槿樱欣歆正歌毅民水永汉汐池沁沐沛沫波泉泊洛津洪洲浅浚浦涵淇淳淼深添清渊渝温湘湛源溪滔滢漪漫潇潮澄激瀚灵炜炫烁烨焕焱煊照熙熠燃燕爽牧特玄"
    "玖玟玥玲珂珊珏珺琦琪琰琼瑄瑗瑛瑜瑞瑶璇璐璟璧甜用甫田画畅登皓盈益盼真睿知石碧祎祖祯祺禄禹禾秀秉秋科程穆立竞端笑笛筱箫簌米精索紫红纪纬练终经"
    "绍绎绣维绿缘罡罗群羿翊翎翠翰耀耘聆聪肖胤胜能臣自至航舟良艾芃芊芮花芷苒苗若茉茜茵荃荟莎莲菀菡萌萱落蒙蓝蔓蔚蕾薪藜蘅虎虹蝶行裕西言誉许词诗诺谊"
    "豆象贝贤贺赋赟赫起超越跃路轩轶辉达迅迎运迪逸道遥邈郁郡采野金鉴钊钦钰铁铎铖铭锋锐锦长闻阳阔际雁雄雅雨雯霁霏霖露青靖静韬音韶顺颂颜飒馨香骁骏高鸿鹤麒麟黎默鼎齐龄"
)

WORD_NAMES = words("word_names")

TITLES = words("titles")

_TRANSLITERATION = (
    "阿艾安奥巴贝本比伯博布查达戴丹德迪杜多厄恩尔法菲费弗福盖戈格古哈海汉赫亨霍基吉加杰金卡凯科克库拉莱兰朗劳雷里利林卢鲁罗洛马迈曼麦梅门蒙米摩莫穆纳内尼诺努欧帕佩皮普乔切琼萨塞沙史斯"
    "索塔泰坦特托瓦韦维温文沃乌西夏谢休雅亚扬伊英尤约泽詹珍朱兹"
)
_MINORITY_FIRST = words("minority_first")
_MINORITY_LAST = words("minority_last")

_KINDS = {"han2": 18, "han3": 62, "common": 6, "compound": 4, "minority": 3, "foreign": 4, "word": 1.5, "nick": 1.5}
_SURNAMES = {name: float(weight) for name, weight in ChineseNames.last_names.items() if len(name) == 1}


def surname(rng: random.Random) -> str:
    """A Chinese surname, by its frequency; a tenth are rare or compound ones."""
    if rng.random() < 0.88:
        return weighted(rng, _SURNAMES)
    return rng.choice(RARE_SURNAMES) if rng.random() < 0.8 else rng.choice(COMPOUND_SURNAMES)


def chinese_name(rng: random.Random) -> str:
    """A full name in Chinese script."""
    kind = weighted(rng, _KINDS)
    if kind == "word":
        return rng.choice(WORD_NAMES)
    if kind == "minority":
        return rng.choice(_MINORITY_FIRST) + rng.choice(["·", "·", "", "•"]) + rng.choice(_MINORITY_LAST)
    if kind == "foreign":
        return transliterated_name(rng)
    if kind == "nick":
        return rng.choice("小老阿") + rng.choice([surname(rng)[0], rng.choice(GIVEN_CHARACTERS)])
    family = rng.choice(COMPOUND_SURNAMES) if kind == "compound" else surname(rng)
    given = rng.choice(ChineseNames.first_names) if kind == "common" else rng.choice(GIVEN_CHARACTERS)
    if kind == "han3" or (kind == "compound" and rng.random() < 0.6):
        given += given[0] if rng.random() < 0.05 else rng.choice(GIVEN_CHARACTERS)
    if len(family + given) == 2 and rng.random() < 0.06:
        return family + rng.choice([" ", "  ", "\u3000"]) + given
    return family + given


def transliterated_name(rng: random.Random) -> str:
    """A foreign name in Chinese characters, with or without its family name."""
    parts = ["".join(rng.choices(_TRANSLITERATION, k=rng.randint(2, 4))) for _ in range(rng.choice([1, 2, 2, 2, 3]))]
    return rng.choice(["·", "·", "·", "．", "•"]).join(parts)


def pinyin_name(rng: random.Random) -> str:
    """A Chinese name in Latin script."""
    family, given = rng.choice(SYLLABLES).title(), "".join(rng.choices(SYLLABLES, k=rng.choice([1, 2, 2]))).title()
    return rng.choice([f"{family} {given}", f"{given} {family}", f"{family.upper()} {given}", f"{family}, {given}"])


def english_name(rng: random.Random) -> str:
    """A name in Latin script: English mostly, a fifth in pinyin."""
    if rng.random() < 0.2:
        return pinyin_name(rng)
    first, last = rng.choice(tuple(EnglishNames.first_names)), rng.choice(tuple(EnglishNames.last_names))
    middle = f" {rng.choice('ABCDEFGHJKLMNPRSTW')}." if rng.random() < 0.12 else ""
    name = rng.choice([f"{first}{middle} {last}"] * 6 + [first, f"{last}, {first}", f"{first[0]}. {last}"])
    return rng.choices([name, name.lower(), name.upper()], weights=[90, 6, 4])[0]


SYLLABLES = words("syllables")
