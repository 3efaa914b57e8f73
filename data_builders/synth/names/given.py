"""Given names of Han Chinese, common characters drawn more often than rare ones."""

import random

from data_builders.synth.word_lists import words

COMMON = (
    "英华玉秀文明兰红国春丽金建志海平芳军伟敏杰燕强霞艳静娟涛磊勇超波刚辉鹏飞俊峰斌宇浩健龙林成洁梅琳桂芬慧珍凤雪琴云玲萍莉婷"
    "佳欣怡雨子梓涵轩泽晨诗嘉思晓小永家德生福新东忠庆义清立学光荣祥利宝长安天一心梦雅倩瑞博凯鑫翔阳宁"
)
USUAL = (
    "洋亮楠帆帅旭欢瑜莹淑惠珠翠芝爱妹香月莺媛凡素真环青馨瑶雁蓓仪荷丹蓉眉君薇菁岚苑婕瑾颖露韵融园艺咏卿聪澜纯悦昭冰爽羽希飘育"
    "筠柔竹霭凝枫芸菲寒伊亚宜可姬舒影荔枝毅胜才发武彬富顺信康星达岩中茂进有坚和彪诚先敬震振壮会群豪邦承乐绍功松善厚民友裕河哲"
    "江政谦亨奇固之轮翰朗伯宏言若鸣朋梁栋维启克伦树致炎行时泰盛雄琛钧冠策腾榕风航弘兴良山仁贵元全昌保南西北夏秋冬万世业丰临久"
    "乔书京今任伍佑佩修儒允兆典净初前励勋化升卓占叶吉向含如妍姗娅娜婉婧嫣定宣容寅密展川左巧广庭延开彤彦彩微忆念怀恒恩悠情惜慕"
    "扬持捷方施旺昂昕映显晗晟晴晶智景暖曦曼朔望本来杨柏柯柳桃桐棋森楚樱歆正歌水汉汐沁沛沫泉洛津洪洲淇淼深渊温湘源溪滨漫潇澄灵"
    "炜烁焕照熙然玖珂珊珺琦琪琼瑛璇璐璟璧甜用田画登皓盈益知石碧祖祺禄禾科程竞端笑紫纪经绎绿罗翎耀聆胤臣自至舟花苗茉茜茵莎莲菡"
    "萌萱蓝蔓蔚蕾虹蝶誉许词诺谊贝贤赋越跃路迅迎运逸道远郁采鉴钊钦钰铁铭锋锐锦闻阔际雯霏靖韬音颂颜骁骏高鸿鹤麒麟黎默鼎齐"
)
RARE = (
    "翀赟喆垚焱犇翾晔珅翯彧煜祎弋忞旻昶暐玥琎琮瑀甯畀皞砚祐禛稷穗翊芃荦葳蔺薏衎谞谧赓轶郢醴铮镕霁韫颀颢馥骞鲲鸾龑曌骉沄泓浥湉"
    "溦滢澍濂灏炘烜熹燊珞珩瑄筱箫簌绾缇罡羿翚聿肃舸芊芮芷苒荃荟菀蓁蘅虓裳觅诩诠谌豫赫辇迩遥邈郗酉钺铎铖锴阙隽霖鞅顼飒骧魁鹄黛"
    "黼"
)
_OF_THE_TIMES = (*words("given_old"), *words("given_new"))


def given_character(rng: random.Random) -> str:
    """One character of a given name: two thirds from the hundred or so most frequent, one in sixteen rare."""
    return rng.choice(rng.choices([COMMON, USUAL, RARE], weights=[64, 30, 6])[0])


def given_name(rng: random.Random) -> str:
    """A given name of two characters, or of one (a fifth)."""
    return given_character(rng) if rng.random() < 0.2 else given_pair(rng)


def given_pair(rng: random.Random) -> str:
    """A given name of two characters, two in five of them names of their decade."""
    if rng.random() < 0.4:
        return rng.choice(_OF_THE_TIMES)
    first = given_character(rng)
    return first + (first if rng.random() < 0.04 else given_character(rng))
