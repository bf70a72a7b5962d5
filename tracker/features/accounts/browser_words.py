"""What a browser calls itself, in words a person recognises."""

from __future__ import annotations

from typing import Final

from tracker.web.i18n import gettext as _

BROWSERS: Final = (
    ("MicroMessenger", "微信"), ("DingTalk", "钉钉"), ("QQBrowser", "QQ 浏览器"), ("360SE", "360 浏览器"),
    ("UOS", "统信浏览器"), ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)  # fmt: skip
"""What stands in the name → the browser; the first that fits, because most also name those they derive from."""
SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Mac OS X", "macOS"), ("UOS", "统信 UOS"), ("Kylin", "麒麟"), ("Linux", "Linux"),
)  # fmt: skip


def browser_word(name: str) -> str:
    """Browser and system (``Chrome · Windows``); what nobody knows is shown as it calls itself, shortened."""
    found = [next((word for mark, word in known if mark in name), "") for known in (BROWSERS, SYSTEMS)]
    return " · ".join(word for word in found if word) or name[:60] or _("没有说明的浏览器")
