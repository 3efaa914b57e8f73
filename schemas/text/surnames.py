"""Chinese surnames: the commonest ones, and those of two characters."""

SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段"
    "郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚汤陶黎温莫易樊乔文安殷颜庄章鲁倪庞邢俞翟蓝聂齐向申葛岳柴覃阮柳欧祁纪梅盛童凌毕单季裴霍涂成苗谷曲舒耿牟卜詹关费靳项祝左焦柏宁"
)
"""Of one character each; nine Chinese in ten have one of these. They are fit to tell a name from other words, not to
find one: most of them are words or parts of words too."""
COMPOUND_SURNAMES = frozenset(
    "欧阳 司马 上官 诸葛 夏侯 皇甫 尉迟 公孙 慕容 令狐 端木 宇文 长孙 司徒 司空 南宫 独孤 澹台 申屠 淳于 呼延 钟离 "
    "闻人 东方 赫连 濮阳 公冶 宗政 仲孙 鲜于 拓跋 百里 东郭 西门 第五 太史 左丘 轩辕 闾丘 亓官 巫马 公西 漆雕 "
    "乐正 壤驷 公良 宰父 谷梁 段干 羊舌 梁丘 颛孙 "
    "歐陽 司馬 諸葛 尉遲 公孫 長孫 獨孤 澹臺 鍾離 聞人 東方 赫連 濮陽 東郭 西門 軒轅 閭丘 顓孫 樂正 南宮".split()
)
"""Of two characters, in simplified and traditional ones."""
