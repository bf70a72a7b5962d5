"""Writes the list of common passwords that is shipped: well-known words and patterns, put together, sorted, one a line.

Run it after changing a word here: ``python tools/common_passwords.py``. A test compares the file with what this makes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

LIST: Final = Path(__file__).resolve().parents[1] / "tracker/features/accounts/common_passwords.txt"

ENGLISH: Final = """
password passwd passw0rd passport pass admin administrator root user guest test tester testing demo login welcome
letmein master monkey dragon football baseball basketball soccer hockey superman batman spiderman shadow sunshine
princess iloveyou trustno1 starwars freedom whatever michael jennifer jordan michelle daniel thomas charlie andrew
jessica ashley hunter killer george computer internet server system oracle mysql postgres default changeme temp
temporary secret private public office company manager operator service support security secure network windows
microsoft google android apple iphone samsung huawei xiaomi lenovo alibaba taobao alipay tencent wechat weixin baidu
summer winter spring autumn january february march april june july august september october november december
monday tuesday wednesday thursday friday saturday sunday hello helloworld world love lovely lover forever angel baby
flower butterfly purple orange yellow silver golden diamond banana cookie chocolate cheese pepper ginger chicken
tiger eagle falcon phoenix rocket thunder lightning matrix ninja samurai pokemon naruto mercedes porsche ferrari
yamaha honda toyota arsenal liverpool chelsea barcelona juventus manchester america england london paris berlin tokyo
"""

PINYIN: Final = """
woaini woaiwo woaizhongguo woaibeijing woaishenghuo woshishui wodemima woaiwojia woaibaobao woaimama woaibaba
wobuzhidao wangji wangjimima mima mimamima denglu yonghu guanliyuan nihao nihaoma zhongguo zhonghua zhongguoren
tiananmen changcheng beijing shanghai guangzhou shenzhen tianjin chongqing hangzhou ningbo wenzhou jiaxing huzhou
shaoxing jinhua quzhou zhoushan taizhou lishui zhejiang jiangsu nanjing suzhou wuhan chengdu xian qingdao dalian
gonghui zonggonghui zhigong shishi shishitong shijianshishi fuwu fuwuzhigong bangong bangongshi danwei zhuren
shuji kezhang juzhang buzhang kuaiji chuna renshi baozhang jingshen shenhe shenpi tianbao tongji
xiexie zaijian pengyou laoshi xuesheng xuexiao daxue gongsi jingli laoban dianhua shouji diannao wangluo
kaixin kuaile xingfu jiankang pingan facai gongxifacai shengri shengrikuaile xinnian xinniankuaile chunjie zhongqiu
haohaoxuexi tiantianxiangshang yiqiefengshun wanshiruyi aini aiwo baobei baobao laogong laopo qinaide
longfeng feilong tianxia yingxiong wudi diyi taiyang yueliang xingxing xiaotian xiaolong xiaoming zhangsan lisi wangwu
wangwei liwei zhangwei wangfang lina zhangli liuyang wangxiuying zhangmin lijing wanglei liqiang zhangjing
wo5201314 asd123 qazwsx aini1314 5201314 5211314 1314520 7758521 7758258
"""

KEYBOARD: Final = """
qwerty qwertyuiop qwert qweasd qweasdzxc qwe asd asdfgh asdfghjkl asdf zxcvbn zxcvbnm zxc qazwsx qazwsxedc
wsxedc 1qaz2wsx 1qaz2wsx3edc 1q2w3e 1q2w3e4r 1q2w3e4r5t q1w2e3 q1w2e3r4 qwer1234 qwer asdf1234 zaq12wsx zaq1xsw2
1qazxsw2 2wsx3edc 1234qwer 123qwe 123qweasd 123qweasdzxc abcd1234 abc abcd abcde abcdef abcdefg abcdefgh abcdefghij
aaa aaaa aaaaaa aaaaaaaa aabbcc a1b2c3 a1b2c3d4 a1s2d3f4 q1w2e3r4t5 poiuytrewq lkjhgfdsa mnbvcxz
"""

NUMBERS: Final = """
123 1234 12345 123456 1234567 12345678 123456789 1234567890 012345 0123456789 987654321 9876543210 654321 321 111111
11111111 222222 333333 555555 666666 66666666 777777 888888 88888888 999999 000000 00000000 112233 11223344
1122334455 123123 123123123 123321 123454321 121212 131313 159357 147258 147258369 147852369 258369 741852963
789456123 456123789 110 119 120 520 521 1314 520520 521521 5201314 1314520 13145200 52013140 168 168168 688 888 666
2018 2019 2020 2021 2022 2023 2024 2025 2026 2027 2028
"""

LETTERS: Final = "a aa aaa q qq w z x abc abcd asd qwe woaini aini qwerty"
"""What stands before or behind a long number; a few digits around a word are found without the list."""


def common_passwords() -> list[str]:
    """Every word, number and pattern; words with the usual numbers behind and before them; sorted, in lower case."""
    return sorted({password for password in _all() if len(password) >= 4})


def _all() -> Iterator[str]:
    words, numbers = f"{ENGLISH} {PINYIN} {KEYBOARD}".split(), NUMBERS.split()
    yield from words
    yield from (word + word for word in words)
    yield from numbers
    yield from (one + other for one in numbers for other in numbers if len(one + other) >= 12)
    for number in numbers:
        yield from (letters + number for letters in LETTERS.split())
        yield from (number + letters for letters in LETTERS.split())


def main() -> None:
    """Write the file."""
    LIST.write_text("\n".join(common_passwords()) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
