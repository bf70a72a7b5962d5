"""Why a session ended, in words for its owner."""

from __future__ import annotations

from typing import Any, Final

from flask_babel import lazy_gettext as _l

from tracker.services.sessions import Ending

# fmt: off
WORDS: Final[dict[Ending, Any]] = {
    Ending.REVOKED:       _l("您在别处让这个浏览器退出了登录。"),
    Ending.BY_ADMIN:      _l("管理员让这个浏览器退出了登录；如有疑问，请联系本单位管理员。"),
    Ending.LIMIT:         _l("您的账号又在别的浏览器登录，同时登录的浏览器超过了上限，最早的这一个已退出。如果不是您本人，请尽快更换密码。"),
    Ending.PASSWORD:      _l("密码已更换，请用新密码登录。"),
    Ending.SECOND_FACTOR: _l("动态口令有变动，请重新登录。"),
    Ending.IDLE:          _l("离开时间较长，登录已结束，请重新登录。"),
    Ending.EXPIRED:       _l("登录时间已到上限，请重新登录。"),
    Ending.APPOINTMENT:   _l("您的任职已结束或账号已停用；如有疑问，请联系本单位管理员。"),
}
# fmt: on


def ending_word(ending: Ending) -> str | None:
    """What to tell; None where the person ended it themselves."""
    word = WORDS.get(ending)
    return None if word is None else str(word)
