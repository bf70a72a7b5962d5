"""What is wrong with a tree: unknown parents, circles, levels upside down, units that would move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tracker.domain.identity import Place
from tracker.domain.messages import Fault, Message
from tracker.features.org_units.files import OrgRow, cell_place
from tracker.features.org_units.numbering import ROOT
from tracker.features.org_units.queries import StandingUnit
from tracker.models.org_unit import LEVELS

NO_PARENT = Message("（无）")
RANKS = {level: rank for rank, level in enumerate(LEVELS)}


class _Link(NamedTuple):
    """A unit as it will be after the import; ``line`` None when the file does not name it."""

    parent: str
    level: str
    line: int | None


def tree_faults(rows: Mapping[str, OrgRow], standing: Mapping[str, StandingUnit]) -> Iterator[Fault]:
    """Every fault of the tree that the file's rows and the stored units make together."""
    links = {code: _Link(unit.parent, unit.level, None) for code, unit in standing.items()}
    links |= {code: _Link(row.parent, row.level, row.line) for code, row in rows.items()}
    yield from _unknown_parents(links)
    yield from _moves(rows, standing)
    yield from _ends(rows, standing)
    circles = _circles(links)
    for circle in circles:
        lines = [line for code in circle if (line := links[code].line) is not None]
        names = " → ".join([*circle, circle[0]])
        yield Fault(cell_place(min(lines), "parent"), Message("上级连成了圈：{names}", {"names": names}))
    yield from _level_faults(links, {code for circle in circles for code in circle})


def _unknown_parents(links: Mapping[str, _Link]) -> Iterator[Fault]:
    for link in links.values():
        if link.line is not None and link.parent != ROOT and link.parent not in links:
            place = cell_place(link.line, "parent")
            yield Fault(place, Message("上级“{parent}”不在文件里，也不在系统里", {"parent": link.parent}))


def _moves(rows: Mapping[str, OrgRow], standing: Mapping[str, StandingUnit]) -> Iterator[Fault]:
    for code, row in rows.items():
        if code in standing and standing[code].parent != row.parent:
            said = {"before": standing[code].parent or NO_PARENT, "after": row.parent or NO_PARENT}
            message = Message("上级由 {before} 变成了 {after}；导入不移动单位，请单独办理划转", said)
            yield Fault(cell_place(row.line, "parent"), message)


def _ends(rows: Mapping[str, OrgRow], standing: Mapping[str, StandingUnit]) -> Iterator[Fault]:
    for code, row in rows.items():
        if code in standing and standing[code].valid_to != row.valid_to:
            message = Message("失效日期与系统里的不一样；导入不撤销也不恢复单位，请单独办理撤销或合并")
            yield Fault(cell_place(row.line, "valid_to"), message)


def reach_faults(
    rows: Mapping[str, OrgRow], standing: Mapping[str, StandingUnit], own: Place
) -> Iterator[Fault]:
    """What in a file lies outside the subtree somebody answers for."""
    message = Message("不在您管理的范围内，您只能导入本单位和下级")
    for code, row in rows.items():
        known = standing.get(code)
        if known is not None:
            if not own.pre <= known.pre <= own.last:
                yield Fault(cell_place(row.line, "code"), message)
        elif row.parent == ROOT or (
            row.parent in standing and not own.pre <= standing[row.parent].pre <= own.last
        ):
            yield Fault(cell_place(row.line, "parent"), message)


def _circles(links: Mapping[str, _Link]) -> list[list[str]]:
    """Each circle of parents once, as its codes."""
    is_settled: set[str] = set()
    found: list[list[str]] = []
    for start in links:
        path: list[str] = []
        seen: dict[str, int] = {}
        code = start
        while code in links and code not in is_settled and code not in seen:
            seen[code] = len(path)
            path.append(code)
            code = links[code].parent
        if code in seen:
            found.append(path[seen[code] :])
        is_settled.update(seen)
    return found


def _level_faults(links: Mapping[str, _Link], circular: set[str]) -> Iterator[Fault]:
    for code, link in links.items():
        above = links.get(link.parent)
        if above is None or code in circular or _is_lower(link.level, above.level):
            continue
        line = above.line if link.line is None else link.line
        if line is None:
            continue
        said = {"code": code, "level": link.level, "parent": link.parent, "above": above.level}
        message = Message("{code} 的层级 {level} 不低于上级 {parent} 的 {above}", said)
        yield Fault(cell_place(line, "level"), message)


def _is_lower(level: str, above: str) -> bool:
    """Whether one level stands below another; one that could not be read is a fault of its own."""
    return level not in RANKS or above not in RANKS or RANKS[level] > RANKS[above]
