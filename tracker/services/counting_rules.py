"""统计口径: what an indicator's counting rule has said over time, by the versions of its list."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.models.programme import ProgrammeVersion


class CountingRule(NamedTuple):
    """What an indicator's counting rule said from a version on."""

    version: int
    at: datetime
    text: str


def list_counting_rules(session: Session, programme_id: int) -> Mapping[str, list[CountingRule]]:
    """Code → its counting rule, each time it changed, oldest first; by the versions of the list."""
    wanted = select(ProgrammeVersion.number, ProgrammeVersion.at, ProgrammeVersion.document)
    mine = wanted.where(ProgrammeVersion.programme_id == programme_id).order_by(ProgrammeVersion.number)
    found: dict[str, list[CountingRule]] = defaultdict(list)
    for number, at, document in session.execute(mine):
        for pledge in json.loads(document)["pledges"]:
            for one in pledge["indicators"]:
                rules = found[one["code"]]
                if not rules or rules[-1].text != one["counting_rule"]:
                    rules.append(CountingRule(number, at, one["counting_rule"]))
    return found
