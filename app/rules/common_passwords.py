"""Words and rows that head every list of leaked passwords, Chinese ones included; in small letters."""

from typing import Final

_TEXT = """
password passwort passw0rd password1 password12 password123 password1234 passwordpassword letmein welcome welcome1
welcome123 admin administrator root toor system manager supervisor assistant steward technician finance quality owner
resident user guest test testtest tester demo default changeme changeit secret mysecret access master login logon
123456 1234567 12345678 123456789 1234567890 0123456789 0987654321 9876543210 987654321 87654321 11111111 111111111
1111111111 0000000000 1212121212 123123123 1231231231 123123123123 321321321 147258369 1472583690 159357 741852963
1234512345 12341234 1234512346 123454321 1122334455 5201314 5201314520 52013145201314 520520 521521 1314520 13145201314
woaini woaini1314 woaini520 woaini521 woaini123 woainia woaiwojia woaibaobao woshishui nihao nihao123 aini1314
woaizhongguo zhongguo beijing shanghai guangzhou shenzhen xiaoming mima mima123 mima1234 mimamima wodemima wangyut
qwerty qwerty1 qwerty12 qwerty123 qwerty1234 qwerty12345 qwertyuiop qwertyui asdfgh asdfghjkl asdfasdf zxcvbn zxcvbnm
qazwsx qazwsxedc qweasd qweasdzxc qwe123 qwe123456 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc zaq12wsx
q1w2e3r4 q1w2e3r4t5 a1b2c3d4 a1b2c3d4e5 a123456 a1234567 a12345678 a123456789 a1234567890 abc123 abc123456 abc12345678
abcd1234 abcd123456 abcdef abcdefg abcdefgh abcdefghij aa123456 aa123456789 aaa111 asd123 asd123456 zxc123456 q123456789
w123456789 z123456789 x123456789 s123456789 l123456789 iloveyou iloveyou1 iloveyou2 iloveu loveyou love lovelove sunshine
sunshine1 princess princess1 dragon monkey football baseball basketball superman batman spiderman pokemon starwars trustno
trustno1 whatever shadow michael michelle jennifer jordan jordan23 charlie ashley daniel jessica freedom computer internet
samsung google facebook linkedin twitter youtube microsoft windows windows10 apple iphone huawei xiaomi tencent alibaba
taobao weixin wechat qqqqqq qq123456 qq123456789 hello helloworld hellohello hello123 goodluck money money123 happy
happyday summer winter spring autumn january february march april june july august september october november december
monday friday sunday flower cookie cheese chocolate banana orange purple yellow silver golden diamond killer hunter soccer
hockey tigger ginger pepper buster matrix mustang corvette ferrari porsche mercedes yamaha honda harley ranger tiger lion
pass pass1234 pass12345 passpass passwd mypassword mypass thepassword newpassword oldpassword temppassword temporary
property wuye wuyeguanli wuye123 wuye123456 fuwu fuwuzhongxin kefu kefu123 kefu123456 xiaoqu yezhu yezhu123 guanjia
yangguang huayuan yangguanghuayuan sunshinegarden community hotline
"""

COMMON: Final = frozenset(_TEXT.split())
