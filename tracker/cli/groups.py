"""Every operator command group, in the order `flask --help` lists them."""

from __future__ import annotations

from typing import Final

import click

from tracker.cli.accounts import account_commands
from tracker.cli.backups import backup_command, restore_command
from tracker.cli.bench import bench_commands
from tracker.cli.bulletins import bulletins_commands
from tracker.cli.database import database_commands
from tracker.cli.demo import demo_commands
from tracker.cli.figures import figures_commands
from tracker.cli.holidays import holiday_commands
from tracker.cli.org import org_commands
from tracker.cli.programmes import programme_commands
from tracker.cli.progress import progress_commands
from tracker.cli.proofs import audit_commands, totals_commands

COMMANDS: Final[tuple[click.Command, ...]] = (
    database_commands,
    org_commands,
    account_commands,
    programme_commands,
    holiday_commands,
    figures_commands,
    progress_commands,
    bulletins_commands,
    totals_commands,
    audit_commands,
    backup_command,
    restore_command,
    demo_commands,
    bench_commands,
)
