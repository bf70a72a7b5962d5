"""The application as a server finds it; settings come from the environment."""

from __future__ import annotations

import os

import config
from tracker.app import create_app
from tracker.memory import collect_seldom

app = create_app(config.from_environment(os.environ))
collect_seldom()
