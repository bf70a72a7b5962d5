"""Trees, lists and figures of the past, brought in as an operator does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from tracker.cli.demonstration.stage import FILES, Figures, Hour, Stage
from tracker.domain.identity import OPERATOR
from tracker.features.org_units.commands import import_org_units, plan_org_import
from tracker.features.org_units.files import read_org_file
from tracker.features.programmes.commands import (
    ImportTerms,
    import_programme,
    plan_programme_import,
    publish_programme,
)
from tracker.features.programmes.files.formats import read_file
from tracker.features.reports.commands.import_figures import import_figures
from tracker.features.reports.figure_files import FigureFile, FigureRow, read_figure_file
from tracker.features.reports.typed_lines import TypedLine

UNKNOWN = "不详"


def plant_tree(stage: Stage, hour: Hour) -> None:
    """Every unit."""
    plan = plan_org_import(stage.session, read_org_file((FILES / "org-zhejiang.csv").read_bytes()))
    import_org_units(stage.session, plan, actor=OPERATOR, now=hour.now)


def draft_list(stage: Stage, hour: Hour, file: str) -> None:
    """A list of the year as its file says it."""
    announced = read_file((FILES / file).read_bytes())
    plan = plan_programme_import(stage.session, announced, ImportTerms(reason="", effective=None))
    import_programme(stage.session, plan, actor=OPERATOR, now=hour.now)


def publish_list(stage: Stage, hour: Hour, key: str) -> None:
    """From here on its targets change by versions only."""
    publish_programme(stage.session, key, actor=OPERATOR, now=hour.now)


def read_figures(file: str) -> FigureFile:
    """The rows of a figures file, and its digest."""
    return read_figure_file((FILES / file).read_bytes())


def bring_in(stage: Stage, hour: Hour, key: str, rows: Sequence[FigureRow], digest: str) -> None:
    """Figures accepted before there was this program."""
    import_figures(
        stage.session,
        key=key,
        rows=rows,
        file_digest=digest,
        actor=OPERATOR,
        by=None,
        now=hour.now,
        calendar_now=hour.today,
        is_history=True,
    )


def typed_figures(rows: Sequence[FigureRow]) -> Figures:
    """The rows as reporters type them."""
    found: dict[tuple[str, str], dict[str, TypedLine]] = defaultdict(dict)
    for row in rows:
        is_unknown = row.value == UNKNOWN
        found[row.org_unit, row.period][row.indicator] = TypedLine(
            value="" if is_unknown else row.value, done_on=row.done_on, is_unknown=is_unknown, note=row.note
        )
    return found
