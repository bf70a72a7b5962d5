"""Rules on what the documents tell operators to type: commands, settings, units and proxy fit the program; each takes a text."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from pathlib import Path

import click

import config
from tracker.cli.groups import COMMANDS
from tracker.web.headers import HEADERS
from tracker.worker import worker_command

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?<!PROGRAM=alembic )(?:as-shishitong|(?<![\w/-])flask) +([a-z][^`|\n]*)")
SETTING = re.compile(r"^([A-Z][A-Z_]+)=(.*)$", re.MULTILINE)
NAMED = re.compile(r"`([A-Z][A-Z_]{3,})=")
READ = re.compile(r'environ(?:\.get\(|\[)"([A-Z_]+)"')
FOREIGN = re.compile(r"AWS_\w+|APP|PROGRAM")
"""Read by the client of the bucket, and by the wrapper around commands."""
DRAWN = {
    "SECRET_KEY": "3f9a17c2d4b8e605" * 4,
    "SIGNING_KEY": "c0ffee1234567890" * 4,
    "METRICS_TOKEN": "5eed" * 8 + "0123456789",
}
BOTH_KNOW = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host")
MEGABYTE = 1 << 20


def unknown_commands(text: str) -> list[str]:
    """What is typed after the name of the program exists, with every option that follows."""
    return [fault for match in COMMAND.finditer(text) for fault in _follow(match[1].split("#")[0].split())]


def unread_settings(text: str) -> list[str]:
    """Settings that are named and nobody reads."""
    named = {name for block in blocks(text, "sh") for name, _value in SETTING.findall(block)}
    return sorted(
        name
        for name in named | set(NAMED.findall(text))
        if name not in _read() and not FOREIGN.fullmatch(name)
    )


def untold_settings(readme: str) -> list[str]:
    """Settings that are read and the README's table does not have."""
    return sorted(_read() - set(re.findall(r"`([A-Z_]+)`", readme)))


def unfit_environment(text: str) -> list[str]:
    """The example of a production environment is served with as soon as the keys are drawn."""
    settings = dict(SETTING.findall(_one(text, "sh", "TRACKER_ENV=")))
    try:
        config.from_environment(
            {name: DRAWN[name] if value == "…" else value for name, value in settings.items()}
        )
    except (config.UnusableSettings, KeyError) as unusable:
        return [str(unusable)]
    return []


def unfit_units(text: str) -> list[str]:
    """The service's unit: it may write where the examples put data, and counts where it says."""
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way to keep capitals
    unit.read_string(_one(text, "ini", "[Unit]"))
    service, data = unit["Service"], _data_folder(text)
    wanted = {
        "ReadWritePaths": data,
        "Environment": f"PROMETHEUS_MULTIPROC_DIR=/run/{service['RuntimeDirectory']}",
        "EnvironmentFile": "/etc/shishitong.env",
    }
    wrong = [f"{name}={service[name]}" for name, value in wanted.items() if service[name] != value]
    return wrong + ([] if service["ExecStart"].endswith(" wsgi:app") else [service["ExecStart"]])


def unfit_proxy(text: str) -> list[str]:
    """The proxy takes requests whole, lets none in that cannot be held, says where it came from, and adds no header of ours."""
    conf = _one(text, "nginx", "log_format")
    ours = conf[conf.index("location / {") :]
    wrong = [f"{name} is not set once" for name in BOTH_KNOW if ours.count(f"proxy_set_header {name} ") != 1]
    wrong += [f"{name} twice" for name in HEADERS if f"add_header {name}" in ours]
    wrong += [word for word in ("proxy_request_buffering on;", "proxy_set_header Host ") if word not in ours]
    [most] = re.findall(r"client_max_body_size (\d+)m;", conf)
    if int(most) * MEGABYTE <= config.Settings.MAX_CONTENT_LENGTH:
        wrong.append(f"client_max_body_size {most}m")
    pages = re.findall(r"error_page [\d ]+(/\S+);", conf)
    wrong += [page for page in pages if not (ROOT / "tracker" / "static" / page[1:]).is_file()]
    logged = " ".join(re.findall(r"log_format \w+(.*?);", conf, re.DOTALL))
    return wrong + re.findall(r"\$(?:request|request_uri|uri|args|http_referer)\b", logged)


def blocks(text: str, language: str) -> Iterator[str]:
    """The examples in a language."""
    return (body for name, body in BLOCK.findall(text) if name == language)


def _one(text: str, language: str, start: str) -> str:
    [found] = [body for body in blocks(text, language) if body.startswith(start)]
    return found


def _data_folder(text: str) -> str:
    settings: dict[str, str] = dict(SETTING.findall(_one(text, "sh", "TRACKER_ENV=")))
    return settings["EVIDENCE_URL"].rpartition("/")[0]


def _read() -> set[str]:
    """Every variable config.py reads."""
    return set(READ.findall((ROOT / "config.py").read_text(encoding="utf-8")))


def _follow(words: list[str]) -> list[str]:
    """Down the groups as far as the words go, then the options."""
    known: dict[str, click.Command] = {str(one.name): one for one in (*COMMANDS, worker_command)}
    path, command = "", click.Command("")
    while words and known:
        path = f"{path} {words[0]}".strip()
        if words[0] not in known:
            return [path]
        command = known[words.pop(0)]
        known = dict(command.commands) if isinstance(command, click.Group) else {}
    options = {name for parameter in command.params for name in parameter.opts} | {"--help"}
    return [f"{path} {word}" for word in words if word.startswith("--") and word not in options]
