"""The steps of a list's life, each with its consequence said first; and the copy for another year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from tracker.domain.messages import Faults, NotFound
from tracker.domain.permissions import Permission
from tracker.features.programmes.blueprint import blueprint, list_url, own_list, trail_of
from tracker.features.programmes.commands import publish_programme, version_of
from tracker.features.programmes.copying import AlreadyThere, Copied, NotLater, copy_programme
from tracker.features.programmes.forms import CopyForm, StepForm
from tracker.features.programmes.queries import get_document
from tracker.features.programmes.states import NotInThatState, lock_list, move_programme
from tracker.services.programme_heads import Head
from tracker.web.current import current_actor, current_session, now
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate
from tracker.web.punctuation import bracketed, clauses, listed

MOST_NAMES: Final = 10


class StepNotFound(NotFound):
    """There is no such step."""


class StepWords(NamedTuple):
    """A step in words: its question, what follows from it, its button, and what is said afterwards."""

    before: str
    heading: object
    consequences: tuple[object, ...]
    button: object
    done: object


STEPS: Final = {
    "publish": StepWords(
        "draft",
        _l("公布清单"),
        (
            _l("承担任务的单位从此能看到这份清单并开始填报。"),
            _l("以后每次改动都要写理由，留下新的版本，改动前后都能查到。"),
            _l("实事项目和指标不能再删去；指标的类型、小数位和“本级是否计入合计”不能再改。"),
            _l("公布不能撤回。"),
        ),
        _l("确认公布"),
        _l("已公布，这是第 1 版。"),
    ),
    "run": StepWords(
        "published",
        _l("开始执行"),
        (
            _l("清单标为“进行中”，表示分解、分工已经定好，全年照此执行。"),
            _l("填报和审核不受影响；目标、口径仍可写明理由后改动。"),
        ),
        _l("确认开始执行"),
        _l("清单已进入执行。"),
    ),
    "close": StepWords(
        "running",
        _l("结束清单"),
        (
            _l("清单标为“已结束”，不再出现在各单位的待办里。"),
            _l("目标、口径和指标不能再改；已通过的数据、通报和版本都保留可查。"),
            _l("结束不能撤回。"),
        ),
        _l("确认结束"),
        _l("清单已结束。"),
    ),
}


@blueprint.get("/programmes/<key:key>/list/state/<step>")
@requires(Permission.PUBLISH_PROGRAMME)
def confirm_step(key: str, step: str) -> ResponseReturnValue:
    """What the step means, before it is taken."""
    head = own_list(key, Permission.PUBLISH_PROGRAMME)
    words = _words(step)
    if head.state != words.before:
        raise NotInThatState("{key} 现在不能办这一步，请看最新的状态", key=key)
    form = StepForm(data={"version": version_of(get_document(current_session(), key))})
    return _step_page(head, step, form)


@blueprint.post("/programmes/<key:key>/list/state/<step>")
@requires(Permission.PUBLISH_PROGRAMME)
def take_step(key: str, step: str) -> ResponseReturnValue:
    """Take it, on the list as it was seen."""
    head, words, form = own_list(key, Permission.PUBLISH_PROGRAMME), _words(step), StepForm()
    if not form.validate():
        return _step_page(head, step, form, status=422)
    session, seen = current_session(), form.version.data or ""
    if step == "publish":
        lock_list(session, key, seen=seen)
        publish_programme(session, key, actor=current_actor(), now=now())
    else:
        move_programme(session, key, step, actor=current_actor(), now=now(), seen=seen)
    flash(str(words.done), "success")
    return redirect(list_url(key), 303)


def _words(step: str) -> StepWords:
    if step not in STEPS:
        raise StepNotFound("没有这一步")
    return STEPS[step]


def _step_page(head: Head, step: str, form: StepForm, *, status: int = 200) -> Response:
    words = _words(step)
    page = render_template(
        "programmes/step.html",
        heading=str(words.heading),
        trail=trail_of(head, str(words.heading)),
        title=head.title,
        consequences=[str(sentence) for sentence in words.consequences],
        action=url_for("programmes.take_step", key=head.key, step=step),
        button=str(words.button),
        cancel_url=list_url(head.key),
        form=form,
    )
    return make_response(page, status)


@blueprint.get("/programmes/<key:key>/list/copy")
@requires(Permission.EDIT_PROGRAMME)
def choose_copy(key: str) -> ResponseReturnValue:
    """Which year the structure is copied to."""
    head = own_list(key, Permission.EDIT_PROGRAMME)
    slug = get_document(current_session(), key).slug
    return _copy_page(head, CopyForm(data={"year": head.year + 1, "slug": slug}))


@blueprint.post("/programmes/<key:key>/list/copy")
@requires(Permission.EDIT_PROGRAMME)
def copy(key: str) -> ResponseReturnValue:
    """Write the new draft."""
    head, form = own_list(key, Permission.EDIT_PROGRAMME), CopyForm()
    if not form.validate():
        return _copy_page(head, form, status=422)
    try:
        copied = copy_programme(
            current_session(),
            key,
            year=form.year.data or 0,
            slug=form.slug.data or "",
            actor=current_actor(),
            now=now(),
        )
    except (NotLater, AlreadyThere) as refused:
        form.year.errors = [translate(refused.message)]
        return _copy_page(head, form, status=422)
    except Faults as refused:
        form.slug.errors = [translate(fault.message) for fault in refused.faults]
        return _copy_page(head, form, status=422)
    flash(_("草稿已建好，请填写目标。"), "success")
    for words in _missing_words(copied):
        flash(words, "warning")
    return redirect(list_url(copied.document.key), 303)


def _missing_words(copied: Copied) -> Iterator[str]:
    """What did not come along."""
    if copied.unknown:
        names = {one.code: one.name for one in copied.document.indicators}
        shown = listed(names[code] for code in copied.unknown[:MOST_NAMES])
        more = "……" if len(copied.unknown) > MOST_NAMES else ""
        count = len(copied.unknown)
        yield _(
            "有 %(count)s 项指标的上年实绩还不完整，没有带入：%(names)s%(more)s",
            count=count,
            names=shown,
            more=more,
        )
    if copied.left:
        shown = clauses(left.name + bracketed(left.key) for left in copied.left)
        yield _("上级清单里还没有口径一致的指标，以下对应没有带过去：%(names)s", names=shown)


def _copy_page(head: Head, form: CopyForm, *, status: int = 200) -> Response:
    page = render_template(
        "programmes/copy.html",
        heading=_("复制到下一年"),
        trail=trail_of(head, _("复制到下一年")),
        title=head.title,
        action=url_for("programmes.copy", key=head.key),
        cancel_url=list_url(head.key),
        form=form,
    )
    return make_response(page, status)
