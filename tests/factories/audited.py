"""A site of sheets with those who audit it: an auditor and an admin of the city, an auditor of another city."""

from __future__ import annotations

from typing import NamedTuple

from flask import Flask

from tests.factories.districts import World, only
from tests.factories.people import signed_in_client
from tests.factories.sheet_site import Site, build_site
from tests.support.strict_client import StrictClient
from tracker.domain.identity import Identity, Role
from tracker.services.ledger.folding import try_fold
from tracker.web.current import real_now


class Audited(NamedTuple):
    """The site and its auditors."""

    site: Site
    auditor: Identity
    admin: Identity
    elsewhere: Identity

    def browser(self, who: Identity) -> StrictClient:
        """A browser signed in as this person."""
        return signed_in_client(self.site.app, who.account_id)


def build_audited(app: Flask) -> Audited:
    """May of 330203 stands accepted and sealed: 21,120 enrolments."""
    site = build_site(app, only("enrolments", "hotline"))
    with site.database.session() as session:
        world = World.again(session)
        people = [
            world.person(Role.AUDITOR, "330200", name="经审甲"),
            world.person(Role.ADMIN, "330200", name="管理甲"),
            world.person(Role.AUDITOR, "330500", name="经审乙"),
        ]
        try_fold(session, real_now())
        session.commit()
    return Audited(site, *people)
