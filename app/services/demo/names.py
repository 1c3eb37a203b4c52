"""Names of people who do not exist. Given names have two characters each, so that no name is an everyday word."""

from random import Random

SURNAMES = "李王张刘陈杨赵吴徐孙胡朱郭何罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘袁董余苏叶吕魏蒋杜丁沈姚卢姜崔钟谭陆汪范廖石贾韦邱侯邹熊孟秦阎薛"
_FIRST = "子雨梓浩宇思佳欣嘉俊诗婉亦泽若晨芷锦昊奕昕雅钰彦煜睿瑾琪霖珂瑶淑桂秀凤玉兰惠"
_SECOND = "涵轩萱妍彤熙琳玥航霏茹芸瑜杰琛洋婷莹峰磊鑫倩蓉芬琴珍娥勤祥贵荣萍莲娟燕鹏辉"

STAFF_NAMES = (
    "陆修远",
    "秦书礼",
    "沈立言",
    "叶静姝",
    "林晓岚",
    "唐可心",
    "何佩文",
    "许文谦",
    "方若筠",
    "丁志鹏",
    "邵建波",
    "崔永胜",
    "罗启东",
    "孟春生",
    "梁桂枝",
    "戴德林",
    "雷振邦",
    "褚国栋",
    "苏婉清",
    "曹景行",
)


class NamePool:
    """Names of one community's households: none twice, none of them a member of the staff."""

    def __init__(self, random: Random) -> None:
        self.random = random
        given = [a + b for a in _FIRST for b in _SECOND]
        self.left: dict[str, list[str]] = {}
        for surname in SURNAMES:
            random.shuffle(given)
            self.left[surname] = [name for name in given if surname + name not in STAFF_NAMES]

    def draw(self, surname: str = "") -> str:
        """A fresh name, of the family `surname` where it is one of ours."""
        if surname not in self.left:
            surname = self.random.choice(SURNAMES)
        return surname + self.left[surname].pop()
