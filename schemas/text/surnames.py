"""The commonest Chinese surnames."""

SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段"
    "郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚汤陶黎温莫易樊乔文安殷颜庄章鲁倪庞邢俞翟蓝聂齐向申葛岳柴覃阮柳欧祁纪梅盛童凌毕单季裴霍涂成苗谷曲舒耿牟卜詹关费靳项祝左焦柏宁"
)
"""Of one character each; nine Chinese in ten have one of these. They are fit to tell a name from other words, not to
find one: most of them are words or parts of words too."""
