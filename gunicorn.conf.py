"""How gunicorn serves the program, wherever it is started from the project's folder; size and place stand on the command line.

Gunicorn finds this file by its name.
"""

from __future__ import annotations

from typing import Any, Final

worker_class: Final = "gthread"

control_socket_disable: Final = True
"""It would lie in the home folder, where a service may not write and nobody asks it."""

forwarder_headers: Final = ""
"""Which headers may say what was asked for: none. By default SCRIPT_NAME and PATH_INFO from this machine may, also when a
proxy only passes on what somebody outside made up, and so lead past its rules."""

logconfig_dict: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "root": {},
    "formatters": {"json": {"()": "tracker.web.logs.OthersAsJson"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {
        "gunicorn.error": {"handlers": ["stderr"], "propagate": False},
        "gunicorn.access": {"level": "WARNING", "propagate": False},
    },
}
"""Its own lines look like ours: JSON, without the address that was asked for."""
