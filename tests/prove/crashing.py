"""A process that accepts reports until it is killed: ``python -m tests.prove.crashing <database> <moment>``.

It takes lines of revisions from standard input, one acceptance each, and prints the number of each one it
has answered. ``<moment>``: ``between`` kills itself after the commit and before the fold of every
third acceptance, ``before`` before its commit; ``never`` waits to be killed from outside.
"""

from __future__ import annotations

import os
import signal
import sys

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.districts import World
from tests.factories.rows import NOW
from tracker.db import open_database
from tracker.domain.identity import Role
from tracker.models.report import Submission
from tracker.services.ledger import settling
from tracker.services.standings import Doer, Seen, list_standings
from tracker.services.transitions import accept

KILLED_AT = 3


def main(url: str, moment: str) -> None:
    """Accept one revision after the other."""
    database = open_database(url)
    with database.session() as session:
        reviewer = World.again(session).person(Role.REVIEWER, "330200")
    for number, line in enumerate(sys.stdin, 1):
        with database.session() as session:
            accept(session, [_seen(session, int(line))], Doer(reviewer, NOW))
            if number % KILLED_AT == 0 and moment == "before":
                _die()
            if number % KILLED_AT == 0 and moment == "between":
                setattr(settling, "try_fold", _die_instead)  # noqa: B010  (mypy knows it as a function of another kind)
            settling.settle(database, session, lambda: NOW)
        print(line.strip(), flush=True)  # from here on it counts as answered


def _seen(session: Session, revision_id: int) -> Seen:
    [standing] = list_standings(session, [revision_id])
    digest = session.scalar(select(Submission.digest).where(Submission.id == standing.submission_id))
    return Seen(revision_id, standing.version_id, digest or "")


def _die_instead(*_: object) -> None:
    _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
