"""The second factor in one's own account: set up, recovery codes drawn anew, turned off; each asks the password once more."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.messages import Refusal
from tracker.domain.permissions import Permission
from tracker.features.accounts.account_views import current_confirmation
from tracker.features.accounts.blueprint import (
    blueprint,
    credentials_of,
    current_box,
    current_passwords,
    keep_token,
    tries_words,
)
from tracker.features.accounts.enrolment_page import codes_page, enrolment, read_secret
from tracker.features.accounts.forms import ConfirmForm, OwnEnrolmentForm
from tracker.features.accounts.password_commands import WrongPassword, confirm
from tracker.features.accounts.queries import Factor, find_factor
from tracker.features.accounts.second_factor_commands import (
    FreshCodes,
    Proof,
    needs_factor,
    read_code,
)
from tracker.features.accounts.second_factor_commands import (
    enrol as enrol_factor,
)
from tracker.features.accounts.second_factor_commands import (
    renew_codes as renew_recovery_codes,
)
from tracker.features.accounts.second_factor_commands import (
    turn_off as turn_factor_off,
)
from tracker.services.second_factors import NoSecondFactor
from tracker.web.current import (
    current_actor,
    current_database,
    current_identity,
    current_policy,
    current_session,
    current_sign_in,
    now,
)
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate
from tracker.web.side_effects import note_success, note_unchecked


@blueprint.get("/account/second-factor")
@requires(Permission.KEEP_ACCOUNT)
def second_factor() -> ResponseReturnValue:
    """Set it up, or see what is left of its recovery codes."""
    return _page()


@blueprint.post("/account/second-factor")
@requires(Permission.KEEP_ACCOUNT)
def enrol() -> ResponseReturnValue:
    """Take the first code, then show the recovery codes, once; every other session ends."""
    signed_in, form = current_sign_in(), OwnEnrolmentForm()
    if signed_in is None or not _is_whole(form):
        return _page(status=422, enrolment_form=form)
    fresh = FreshCodes.draw(current_passwords())
    try:
        _confirm(form.current.data or "")
        token = enrol_factor(
            current_session(), signed_in.identity, read_secret(form, signed_in.identity),
            form.code.data or "", fresh=fresh, box=current_box(), session_id=signed_in.session_id,
            actor=current_actor(), now=now(),
        )  # fmt: skip
    except Refusal as refused:
        if not isinstance(refused, WrongPassword):
            note_success(current_confirmation().attempt_id)
        _place(form, refused)
        return _page(status=422, enrolment_form=form)
    keep_token(token)
    return codes_page(fresh.shown, signed_in.identity, onward=url_for("accounts.second_factor"))


@blueprint.post("/account/second-factor/codes")
@requires(Permission.KEEP_ACCOUNT)
def renew_codes() -> ResponseReturnValue:
    """Draw ten new recovery codes; the old ones are worth nothing."""
    form, factor = ConfirmForm(), _factor()
    if not _is_whole(form):
        return _page(status=422, confirm_form=form)
    fresh = FreshCodes.draw(current_passwords())
    try:
        renew_recovery_codes(
            current_session(), current_identity(), _proof(form, factor), fresh=fresh,
            actor=current_actor(), now=now(),
        )  # fmt: skip
    except Refusal as refused:
        _place(form, refused)
        return _page(status=422, confirm_form=form)
    return codes_page(fresh.shown, current_identity(), onward=url_for("accounts.second_factor"))


@blueprint.post("/account/second-factor/off")
@requires(Permission.KEEP_ACCOUNT)
def turn_off() -> ResponseReturnValue:
    """Do without it, where the policy allows."""
    form, factor = ConfirmForm(), _factor()
    if not _is_whole(form):
        return _page(status=422, confirm_form=form)
    try:
        turn_factor_off(
            current_session(), current_identity(), _proof(form, factor), policy=current_policy(),
            actor=current_actor(), now=now(),
        )  # fmt: skip
    except Refusal as refused:
        _place(form, refused)
        return _page(status=422, confirm_form=form)
    flash(_("动态口令已停用。"), "success")
    return redirect(url_for("accounts.second_factor"), 303)


def _is_whole(form: ConfirmForm | OwnEnrolmentForm) -> bool:
    """Whether there is something to check; what is not whole is no try."""
    is_valid = form.validate()
    if not is_valid:
        note_unchecked(current_confirmation().attempt_id)
    return is_valid


def _factor() -> Factor:
    """The account's second factor. Raises NoSecondFactor."""
    with current_database().read_session() as reader:
        factor = find_factor(reader, current_identity().account_id)
    if factor is None:
        raise NoSecondFactor("这个账号没有设置动态口令。")
    return factor


def _proof(form: ConfirmForm, factor: Factor) -> Proof:
    """Password and code, read. Raises WrongPassword, WrongCode, SecretUnreadable."""
    _confirm(form.current.data or "")
    return read_code(
        factor, form.code.data or "", now=now(), box=current_box(), passwords=current_passwords()
    )


def _confirm(password: str) -> None:
    credentials = credentials_of(current_identity().login)
    if credentials is not None:
        attempt_id = current_confirmation().attempt_id
        confirm(
            current_session(), credentials, password, passwords=current_passwords(), attempt_id=attempt_id
        )


def _place(form: ConfirmForm | OwnEnrolmentForm, refused: Refusal) -> None:
    """Put the refusal to the field it is about."""
    text = translate(refused.message)
    if isinstance(refused, WrongPassword):
        form.current.errors = [tries_words(text, current_confirmation().tries_left)]
    else:
        form.code.errors = [text]


def _page(
    *,
    status: int = 200,
    enrolment_form: OwnEnrolmentForm | None = None,
    confirm_form: ConfirmForm | None = None,
) -> Response:
    identity = current_identity()
    with current_database().read_session() as reader:
        factor = find_factor(reader, identity.account_id)
        is_required = needs_factor(reader, identity.person_id, policy=current_policy(), now=now())
    form = enrolment_form or OwnEnrolmentForm(formdata=None)
    page = render_template(
        "accounts/second_factor.html",
        heading=_("动态口令"),
        identity=identity,
        factor=factor,
        is_required=is_required,
        form=form,
        shown=enrolment(form, identity) if factor is None else None,
        confirm_form=confirm_form or ConfirmForm(formdata=None),
    )
    return make_response(page, status)
