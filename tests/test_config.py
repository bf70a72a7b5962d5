"""Settings: defaults for one's own machine, none for service, and every fault named at once."""

from __future__ import annotations

import stat
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import pytest

import config
from config import Development, Production, UnusableSettings, from_environment

SOUND = {
    "TRACKER_ENV": "production",
    "DATABASE_URL": "postgresql://tracker@db.example/tracker",
    "SECRET_KEY": "3f9a17c2d4b8e605" * 4,
    "SIGNING_KEY": "c0ffee1234567890" * 4,
    "BASE_URL": "https://shishi.example.cn",
    "TRUSTED_HOSTS": "shishi.example.cn",
    "POLICY": "mlps",
}


@pytest.fixture(autouse=True)
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance folder of the test's own."""
    folder = tmp_path / "instance"
    monkeypatch.setattr(config, "INSTANCE", folder)
    return folder


def test_starts_in_development_with_nothing_set() -> None:
    settings = from_environment({})
    assert isinstance(settings, Development)
    assert f"sqlite:///{config.ROOT / 'instance' / 'shishitong.db'}" == settings.DATABASE_URL
    assert (settings.HOST, settings.PORT, settings.BASE_URL) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert settings.POLICY == "asvs"


def test_draws_its_development_keys_once_and_hides_them(instance: Path) -> None:
    first, second = from_environment({}), from_environment({})
    assert first.SECRET_KEY == second.SECRET_KEY != first.SIGNING_KEY
    assert len(first.SECRET_KEY) == 64
    assert {stat.S_IMODE(file.stat().st_mode) for file in instance.iterdir()} == {0o600}


def test_leaves_an_absolute_database_and_another_engine_alone() -> None:
    for url in ("sqlite:////srv/tracker/x.db", "postgresql://h/d"):
        assert url == from_environment({"DATABASE_URL": url}).DATABASE_URL


def test_reads_lists_days_and_numbers() -> None:
    settings = from_environment(
        {"TRUSTED_HOSTS": "a.cn, b.cn ,,a.cn", "DEMO_TODAY": "2018-07-02", "PORT": "8001"}
    )
    assert settings.TRUSTED_HOSTS == ("a.cn", "b.cn")
    assert date(2018, 7, 2) == settings.DEMO_TODAY
    assert settings.PORT == 8001


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "80a"), ("PORT", "65536"), ("DEMO_TODAY", "7月2日"), ("TRACKER_ENV", "prod"), ("POLICY", "")],
)
def test_refuses_what_it_cannot_read(name: str, value: str) -> None:
    with pytest.raises(UnusableSettings, match=name):
        from_environment({name: value})


def test_cannot_be_changed_after_it_was_read() -> None:
    settings = from_environment({})
    with pytest.raises(FrozenInstanceError):
        settings.POLICY = "mlps"  # type: ignore[misc]  # what is tested


def test_serves_with_sound_production_settings() -> None:
    assert isinstance(from_environment(SOUND), Production)


def test_allows_sqlite_in_production() -> None:
    without = {name: value for name, value in SOUND.items() if name != "DATABASE_URL"}
    assert from_environment(without).DATABASE_URL.startswith("sqlite:///")


@pytest.mark.parametrize(
    ("name", "weak"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 64),
        ("SIGNING_KEY", ""),
        ("SIGNING_KEY", SOUND["SECRET_KEY"]),
        ("POLICY", ""),
        ("POLICY", "none"),
        ("TRUSTED_HOSTS", ""),
        ("TRUSTED_HOSTS", "*.example.cn"),
        ("TRUSTED_HOSTS", "other.example.cn"),
        ("BASE_URL", ""),
        ("BASE_URL", "http://shishi.example.cn"),
        ("BASE_URL", "https://"),
        ("DEMO_TODAY", "2018-07-02"),
        ("MAIL_URL", "http://mail.example.cn"),
        ("MAIL_URL", "smtp://"),
        ("RATE_LIMIT_URL", "redis:limits.example.cn"),
        ("RATE_LIMIT_URL", "memcached://limits.example.cn"),
    ],
)
def test_refuses_a_weak_production_setting(name: str, weak: str) -> None:
    with pytest.raises(UnusableSettings) as refusal:
        from_environment(SOUND | {name: weak})
    assert [fault.split("：")[0].split()[0] for fault in refusal.value.faults] == [name]


def test_names_every_fault_at_once() -> None:
    with pytest.raises(UnusableSettings) as refusal:
        from_environment({"TRACKER_ENV": "production", "DEMO_TODAY": "2018-07-02"})
    for name in ("SECRET_KEY", "SIGNING_KEY", "POLICY", "TRUSTED_HOSTS", "BASE_URL", "DEMO_TODAY"):
        assert name in str(refusal.value)


def test_refuses_a_breach_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnusableSettings, match="BREACH_LIST"):
        from_environment({"BREACH_LIST": str(tmp_path / "none.txt")})
    (tmp_path / "some.txt").touch()
    assert from_environment({"BREACH_LIST": str(tmp_path / "some.txt")}).BREACH_LIST.endswith("some.txt")


def test_reads_who_may_watch_and_who_gets_the_newest_seal() -> None:
    own = from_environment({})
    assert (own.METRICS_TOKEN, own.METRICS_FROM, own.ANCHOR_MAIL_TO) == ("", ("127.0.0.1", "::1"), ())
    given = {
        "METRICS_TOKEN": "9d3b5f7a1c8e2046" * 2, "METRICS_FROM": "10.0.0.0/8, ::1",
        "ANCHOR_MAIL_TO": "a@zgh.example.cn,b@zgh.example.cn", "MAIL_URL": "smtp://mail.example.cn",
    }  # fmt: skip
    settings = from_environment({**SOUND, **given})
    assert settings.METRICS_FROM == ("10.0.0.0/8", "::1")
    assert settings.ANCHOR_MAIL_TO == ("a@zgh.example.cn", "b@zgh.example.cn")
    assert from_environment(SOUND).METRICS_FROM == (), "behind a proxy every request comes from this machine"


@pytest.mark.parametrize(
    "given",
    [
        {"METRICS_TOKEN": "short"},
        {"METRICS_FROM": "everywhere"},
        {"ANCHOR_MAIL_TO": "nobody"},
        {"ANCHOR_MAIL_TO": "a@zgh.example.cn"},
    ],
    ids=str,
)
def test_refuses_watching_that_cannot_be_served(given: dict[str, str]) -> None:
    [name] = given
    with pytest.raises(UnusableSettings, match=name):
        from_environment({**SOUND, **given})
