"""Files brought by page: read within their limit and looked at; whatever is wrong with them becomes faults to show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from tracker.domain.messages import Fault, Faults, Refusal
from tracker.web.forms import BaseForm
from tracker.web.i18n import translate
from tracker.web.punctuation import place_text

LONGEST_NAME = 200

Plan = TypeVar("Plan")


class Brought(NamedTuple, Generic[Plan]):
    """A sound file and what it would do."""

    content: bytes
    name: str
    plan: Plan


class Refused(NamedTuple):
    """Nothing is kept: what is wrong with the file; nothing, where the form itself says it."""

    faults: Sequence[Fault]


def bring(form: BaseForm, most_bytes: int, look: Callable[[bytes], Plan]) -> Brought[Plan] | Refused:
    """Read the form's ``file`` and look at it; one byte past the limit is enough for ``look`` to refuse it."""
    if not form.validate():
        return Refused(())
    file = form["file"].data
    content = file.stream.read(most_bytes + 1)
    try:
        plan = look(content)
    except Faults as refused:
        return Refused(refused.faults)
    except Refusal as refused:
        return Refused((Fault("", refused.message),))
    return Brought(content, (file.filename or "")[:LONGEST_NAME], plan)


def fault_rows(faults: Sequence[Fault], most: int | None = None) -> list[dict[str, str]]:
    """Faults as the page's table shows them."""
    return [{"place": place_text(fault.place), "text": translate(fault.message)} for fault in faults[:most]]
