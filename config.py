"""Settings from the environment, one class per environment; imports nothing of ours."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import ClassVar, Final, NamedTuple, TypedDict
from urllib.parse import urlsplit

ROOT: Final = Path(__file__).resolve().parent
INSTANCE: Final = ROOT / "instance"
POLICIES: Final = ("mlps", "asvs")
LIMIT_STORES: Final = ("memory://", "redis://", "rediss://")
MAIL_ADDRESS: Final = re.compile(
    r"[0-9A-Za-z.!#$%&'*+/=?^_`{|}~-]{1,64}@[0-9A-Za-z-]{1,63}(?:\.[0-9A-Za-z-]{1,63}){1,8}"
)
MAIL_SCHEMES: Final = ("smtp", "smtps")
KEY_LENGTH: Final = 32
KEY_ALPHABET: Final = 8  # a key with fewer different characters was typed, not drawn
SQLITE_FILE: Final = "sqlite:///"


class PasswordCost(NamedTuple):
    """What one argon2id hash costs: rounds, memory in KiB, lanes."""

    rounds: int
    memory_kib: int
    lanes: int


class SignInLimits(NamedTuple):
    """How many failed attempts are answered within ``window``, whatever the profile; a known browser is held to none of them.

    ``per_account`` never refuses: beyond it each further answer waits up to ``longest_pause_s``.
    ``codes_per_account``: wrong codes of the second factor a day from browsers the account does not know;
    who gets so far knows the password.
    """

    window: timedelta = timedelta(minutes=15)
    per_source: int = 60
    everywhere: int = 600
    per_account: int = 20
    codes_per_account: int = 50
    longest_pause_s: float = 2.0


class UnusableSettings(Exception):
    """The environment cannot be served with; ``faults`` names everything wrong at once."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__("设置不可用：\n" + "\n".join(f"- {fault}" for fault in faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What every environment has; the names are those of the environment variables (README lists them)."""

    DATABASE_URL: str
    SECRET_KEY: str
    SIGNING_KEY: str
    EVIDENCE_URL: str
    RATE_LIMIT_URL: str
    MAIL_URL: str
    BASE_URL: str
    TRUSTED_HOSTS: tuple[str, ...]
    POLICY: str
    DEMO_TODAY: date | None
    HOST: str
    PORT: int
    PROXY_COUNT: int = 0
    BREACH_LIST: str = ""
    ANCHOR_MAIL_TO: tuple[str, ...] = ()
    METRICS_TOKEN: str = ""
    METRICS_FROM: tuple[str, ...] = ()
    METRICS_FOLDER: str = ""

    # Not from the environment: the same wherever this class serves.
    SESSION_COOKIE_NAME: ClassVar[str] = "session"
    SESSION_COOKIE_HTTPONLY: ClassVar[bool] = True
    SESSION_COOKIE_SAMESITE: ClassVar[str] = "Lax"
    SESSION_COOKIE_SECURE: ClassVar[bool] = False
    KNOWN_BROWSER_COOKIE: ClassVar[str] = "known-browser"
    SESSION_SEEN_EVERY: ClassVar[timedelta] = timedelta(minutes=5)
    PASSWORD_COST: ClassVar[PasswordCost] = PasswordCost(rounds=2, memory_kib=19 * 1024, lanes=1)
    SIGN_IN_LIMITS: ClassVar[SignInLimits] = SignInLimits()
    MAX_CONTENT_LENGTH: ClassVar[int] = 32 * 1024 * 1024
    MAX_FORM_MEMORY_SIZE: ClassVar[int] = 2 * 1024 * 1024
    MAX_FORM_PARTS: ClassVar[int] = 4_000
    WTF_CSRF_TIME_LIMIT: ClassVar[int | None] = None  # as long as the session itself
    BABEL_DEFAULT_LOCALE: ClassVar[str] = "zh_Hans_CN"
    BABEL_DEFAULT_TIMEZONE: ClassVar[str] = "Asia/Shanghai"
    HSTS_SECONDS: ClassVar[int] = 0
    LOG_TO_STDERR: ClassVar[bool] = False
    LOG_EXCEPTION_TEXT: ClassVar[bool] = False
    HAS_GALLERY: ClassVar[bool] = False

    def faults(self) -> tuple[str, ...]:
        """What is wrong with these settings, in the operator's words; empty when they can be served with."""
        policy = f"POLICY 只能是 {' 或 '.join(POLICIES)}，现为“{self.POLICY}”"
        missing = f"BREACH_LIST：找不到文件 {self.BREACH_LIST}"
        limits = f"RATE_LIMIT_URL 要以 {' 或 '.join(LIMIT_STORES)} 开头"
        found = {
            policy: self.POLICY not in POLICIES,
            missing: bool(self.BREACH_LIST) and not Path(self.BREACH_LIST).is_file(),
            limits: not self.RATE_LIMIT_URL.startswith(LIMIT_STORES),
        }
        return tuple(fault for fault, is_there in found.items() if is_there)


class Development(Settings):
    """On one's own machine: everything has a default; keys are drawn once and kept under instance/."""

    __slots__ = ()

    LOG_EXCEPTION_TEXT: ClassVar[bool] = True
    HAS_GALLERY: ClassVar[bool] = True


class Testing(Settings):
    """In the test suite: nothing is read from the machine and nothing leaves it."""

    __slots__ = ()

    TESTING: ClassVar[bool] = True
    HAS_GALLERY: ClassVar[bool] = True
    PASSWORD_COST: ClassVar[PasswordCost] = PasswordCost(rounds=1, memory_kib=8, lanes=1)
    SIGN_IN_LIMITS: ClassVar[SignInLimits] = SignInLimits(longest_pause_s=0.0)


class Production(Settings):
    """In service: nothing weak is accepted. SQLite is allowed (one host; docs/deploy.md says for whom)."""

    __slots__ = ()

    SESSION_COOKIE_NAME: ClassVar[str] = "__Host-session"
    SESSION_COOKIE_SECURE: ClassVar[bool] = True
    KNOWN_BROWSER_COOKIE: ClassVar[str] = "__Host-known-browser"
    HSTS_SECONDS: ClassVar[int] = 365 * 24 * 3600
    LOG_TO_STDERR: ClassVar[bool] = True

    def faults(self) -> tuple[str, ...]:
        """Everything wrong at once, so that one start tells the operator the whole list."""
        found = {
            "SECRET_KEY": _key_fault(self.SECRET_KEY),
            "SIGNING_KEY": _key_fault(self.SIGNING_KEY),
            "SIGNING_KEY ": _same_key_fault(self.SECRET_KEY, self.SIGNING_KEY),
            "BASE_URL": _address_fault(self.BASE_URL),
            "TRUSTED_HOSTS": _hosts_fault(self.TRUSTED_HOSTS, self.BASE_URL),
            "MAIL_URL": _mail_fault(self.MAIL_URL),
            "DEMO_TODAY": "" if self.DEMO_TODAY is None else "正式环境不得设置演示日期",
            "METRICS_TOKEN": _key_fault(self.METRICS_TOKEN) if self.METRICS_TOKEN else "",
            "ANCHOR_MAIL_TO": "没有设置 MAIL_URL，发不出邮件"
            if self.ANCHOR_MAIL_TO and not self.MAIL_URL
            else "",
        }
        own = tuple(f"{name.strip()}：{fault}" for name, fault in found.items() if fault)
        return super().faults() + own


def from_environment(environ: Mapping[str, str]) -> Settings:
    """The settings of ``environ``; ``TRACKER_ENV`` names development (default), testing or production.

    Raises :class:`UnusableSettings` with every fault at once.
    """
    readers = {"development": development, "testing": testing, "production": production}
    name = environ.get("TRACKER_ENV", "development")
    if name not in readers:
        raise UnusableSettings((f"TRACKER_ENV 只能是 {'、'.join(readers)}，现为“{name}”",))
    settings = readers[name](environ)
    if settings.faults():
        raise UnusableSettings(settings.faults())
    return settings


def development(environ: Mapping[str, str]) -> Development:
    """Settings for one's own machine."""
    host, port = _listening(environ)
    return Development(
        DATABASE_URL=_rooted(environ.get("DATABASE_URL", f"{SQLITE_FILE}instance/shishitong.db")),
        SECRET_KEY=environ.get("SECRET_KEY") or _kept_key(INSTANCE / "secret-key"),
        SIGNING_KEY=environ.get("SIGNING_KEY") or _kept_key(INSTANCE / "signing-key"),
        EVIDENCE_URL=environ.get("EVIDENCE_URL", str(INSTANCE / "evidence")),
        RATE_LIMIT_URL=environ.get("RATE_LIMIT_URL", "memory://"),
        MAIL_URL=environ.get("MAIL_URL", ""),
        BASE_URL=environ.get("BASE_URL", f"http://{host}:{port}"),
        TRUSTED_HOSTS=_listed(environ.get("TRUSTED_HOSTS", f"localhost,127.0.0.1,[::1],{host}")),
        POLICY=environ.get("POLICY", "asvs"),
        DEMO_TODAY=_day(environ.get("DEMO_TODAY", "")),
        HOST=host,
        PORT=port,
        PROXY_COUNT=_proxies(environ),
        BREACH_LIST=environ.get("BREACH_LIST", ""),
        **_watching(environ, own_machine="127.0.0.1,::1"),
    )


def testing(environ: Mapping[str, str]) -> Testing:
    """Settings for the test suite; a test replaces what it is about with ``dataclasses.replace``."""
    return Testing(
        DATABASE_URL=environ.get("DATABASE_URL", ""),
        SECRET_KEY=environ.get("SECRET_KEY", "a key of the test suite, known to all"),
        SIGNING_KEY=environ.get("SIGNING_KEY", "0123456789abcdef" * 4),
        EVIDENCE_URL=environ.get("EVIDENCE_URL", ""),
        RATE_LIMIT_URL="memory://",
        MAIL_URL="",
        BASE_URL="http://localhost",
        TRUSTED_HOSTS=("localhost", "127.0.0.1"),
        POLICY=environ.get("POLICY", "asvs"),
        DEMO_TODAY=_day(environ.get("DEMO_TODAY", "")),
        HOST="127.0.0.1",
        PORT=0,
    )


def production(environ: Mapping[str, str]) -> Production:
    """Settings for service; what has no safe default is empty and named by ``faults``."""
    host, port = _listening(environ)
    return Production(
        DATABASE_URL=_rooted(environ.get("DATABASE_URL", f"{SQLITE_FILE}instance/shishitong.db")),
        SECRET_KEY=environ.get("SECRET_KEY", ""),
        SIGNING_KEY=environ.get("SIGNING_KEY", ""),
        EVIDENCE_URL=environ.get("EVIDENCE_URL", str(INSTANCE / "evidence")),
        RATE_LIMIT_URL=environ.get("RATE_LIMIT_URL", "memory://"),
        MAIL_URL=environ.get("MAIL_URL", ""),
        BASE_URL=environ.get("BASE_URL", ""),
        TRUSTED_HOSTS=_listed(environ.get("TRUSTED_HOSTS", "")),
        POLICY=environ.get("POLICY", ""),
        DEMO_TODAY=_day(environ.get("DEMO_TODAY", "")),
        HOST=host,
        PORT=port,
        PROXY_COUNT=_proxies(environ),
        BREACH_LIST=environ.get("BREACH_LIST", ""),
        **_watching(environ),
    )


def _listening(environ: Mapping[str, str]) -> tuple[str, int]:
    port = environ.get("PORT", "8000")
    if not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise UnusableSettings((f"PORT：应为 0 至 65535 的整数，现为“{port}”",))
    return environ.get("HOST", "127.0.0.1"), int(port)


class _Watching(TypedDict):
    ANCHOR_MAIL_TO: tuple[str, ...]
    METRICS_TOKEN: str
    METRICS_FROM: tuple[str, ...]
    METRICS_FOLDER: str


def _watching(environ: Mapping[str, str], *, own_machine: str = "") -> _Watching:
    """Who gets the newest seal by mail, who may read the metrics, and where processes of one host add them up."""
    allowed = _listed(environ.get("METRICS_FROM", own_machine))
    for network in allowed:
        try:
            ip_network(network, strict=False)
        except ValueError:
            raise UnusableSettings((f"METRICS_FROM：应为地址或网段，现有“{network}”",)) from None
    mailed = _listed(environ.get("ANCHOR_MAIL_TO", ""))
    for address in mailed:
        if not MAIL_ADDRESS.fullmatch(address):
            raise UnusableSettings((f"ANCHOR_MAIL_TO：应为邮箱地址，现有“{address}”",))
    return {
        "ANCHOR_MAIL_TO": mailed,
        "METRICS_TOKEN": environ.get("METRICS_TOKEN", ""),
        "METRICS_FROM": allowed,
        "METRICS_FOLDER": environ.get("PROMETHEUS_MULTIPROC_DIR", ""),
    }


def _proxies(environ: Mapping[str, str]) -> int:
    """How many proxies of ours stand in front and add to X-Forwarded-For; only their word is taken."""
    count = environ.get("PROXY_COUNT", "0")
    if not count.isdecimal() or int(count) > 9:
        raise UnusableSettings((f"PROXY_COUNT：应为 0 至 9 的整数，现为“{count}”",))
    return int(count)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UnusableSettings((f"DEMO_TODAY：应写作 2018-07-02 这样的日期，现为“{text}”",)) from None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _rooted(url: str) -> str:
    """An SQLite path is read from the project's folder, wherever the command was started."""
    if not url.startswith(SQLITE_FILE):
        return url
    return f"{SQLITE_FILE}{ROOT / url.removeprefix(SQLITE_FILE)}"


def _kept_key(file: Path) -> str:
    """The key kept in ``file``, drawn and written (mode 0600) at its first use."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        opened.write(secrets.token_hex(KEY_LENGTH))
    return file.read_text(encoding="ascii").strip()


def _key_fault(key: str) -> str:
    if len(key) < KEY_LENGTH:
        return f"缺少或过短，至少 {KEY_LENGTH} 个字符（可用 openssl rand -hex 32 生成）"
    return "" if len(set(key)) >= KEY_ALPHABET else "过于简单（可用 openssl rand -hex 32 生成）"


def _same_key_fault(secret: str, signing: str) -> str:
    return "不得与 SECRET_KEY 相同" if secret and secret == signing else ""


def _address_fault(address: str) -> str:
    parts = urlsplit(address)
    return "" if parts.scheme == "https" and parts.hostname else "应为 https:// 开头的完整地址"


def _hosts_fault(hosts: tuple[str, ...], base: str) -> str:
    if not hosts:
        return "未列出可信主机名"
    if any("*" in host for host in hosts):
        return "不得含通配符"
    host = urlsplit(base).hostname
    return "" if not host or _is_trusted(host, hosts) else f"未包含 BASE_URL 的主机名 {host}"


def _mail_fault(url: str) -> str:
    if not url:
        return ""
    parts = urlsplit(url)
    return (
        ""
        if parts.scheme in MAIL_SCHEMES and parts.hostname
        else "应为 smtp:// 或 smtps:// 开头的地址，或留空"
    )


def _is_trusted(host: str, hosts: tuple[str, ...]) -> bool:
    return any(host == name or (name.startswith(".") and host.endswith(name)) for name in hosts)
