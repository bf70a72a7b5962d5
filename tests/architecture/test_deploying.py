"""What operators are told to type and to write fits the program; each rule finds a planted fault."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.architecture import deploy_rules
from tests.architecture.deploy_rules import ROOT

Rule = Callable[[str], list[str]]
GUIDE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
FAULTS: list[tuple[Rule, str, str, str]] = [
    (deploy_rules.unknown_commands, "as-shishitong db upgrade", "as-shishitong db advance", "db advance"),
    (deploy_rules.unknown_commands, "flask audit verify --anchors", "flask audit verify --mails", "--mails"),
    (deploy_rules.unread_settings, "POLICY=mlps\n", "POLICY=mlps\nSECRET=…\n", "SECRET"),
    (deploy_rules.unread_settings, "`RATE_LIMIT_URL=redis", "`REDIS_URL=redis", "REDIS_URL"),
    (deploy_rules.unfit_environment, "TRUSTED_HOSTS=ssst.example.cn\n", "", "TRUSTED_HOSTS"),
    (deploy_rules.unfit_units, "RuntimeDirectory=shishitong\n", "RuntimeDirectory=tracker\n", "PROMETHEUS"),
    (deploy_rules.unfit_units, "ReadWritePaths=/srv/shishitong/data", "ReadWritePaths=/var/lib", "/var/lib"),
    (deploy_rules.unfit_proxy, "client_max_body_size 33m", "client_max_body_size 32m", "32m"),
    (deploy_rules.unfit_proxy, "proxy_request_buffering on", "proxy_request_buffering off", "buffering"),
    (
        deploy_rules.unfit_proxy,
        "        proxy_buffering on;",
        "        add_header X-Frame-Options DENY;",
        "twice",
    ),
    (deploy_rules.unfit_proxy, "X-Forwarded-Host  $host", "X-Forwarded-Port  443", "X-Forwarded-Host"),
    (deploy_rules.unfit_proxy, "/proxy/413.html", "/proxy/414.html", "414"),
    (deploy_rules.unfit_proxy, "$request_method $status", "$request_uri $status", "$request_uri"),
]


@pytest.mark.parametrize("rule", list(dict.fromkeys(rule for rule, *_rest in FAULTS)))
def test_the_guide_fits_the_program(rule: Rule) -> None:
    assert rule(GUIDE) == []


@pytest.mark.parametrize(("rule", "old", "new", "said"), FAULTS)
def test_finds_the_planted_fault(rule: Rule, old: str, new: str, said: str) -> None:
    assert old in GUIDE
    assert any(said in one for one in rule(GUIDE.replace(old, new)))


def test_the_readme_has_every_setting() -> None:
    assert deploy_rules.untold_settings(README) == []
    assert deploy_rules.untold_settings(README.replace("`BREACH_LIST`", "")) == ["BREACH_LIST"]


def test_every_document_names_commands_that_exist() -> None:
    files = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    found = {file.name: deploy_rules.unknown_commands(file.read_text(encoding="utf-8")) for file in files}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
