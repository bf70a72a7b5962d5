"""THE table of rights: permission → roles → how far they reach (document 5.2)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from tracker.domain.identity import EVERY_DUTY, Duty, Identity, Place, Role


class Reach(StrEnum):
    """How far a permission goes, seen from the unit of the appointment it is held under."""

    EVERYONE = "everyone"  # also without signing in
    STEP = "step"  # whoever gave the right password and has one thing left to do; nobody signed in
    SIGNED_IN = "signed_in"  # whoever has an appointment; rows are narrowed by visibility
    OWN_UNIT = "own_unit"
    SUBTREE = "subtree"
    ONE_DOWN = "one_down"  # children of the own unit, and the own unit where it reports itself


class Permission(StrEnum):
    """One right, named subject.action."""

    SIGN_IN = "session.begin"
    GIVE_CODE = "session.give_code"
    RENEW_PASSWORD = "session.renew_password"  # noqa: S105
    ENROL_FACTOR = "session.enrol_factor"
    SIGN_OUT = "session.end"
    SEE_HEALTH = "health.see"
    SEE_METRICS = "metrics.see"
    SEE_GALLERY = "gallery.see"
    SEE_ASSET = "asset.see"
    VERIFY_FILE = "bulletin.verify"
    SEE_DESK = "desk.see"
    KEEP_ACCOUNT = "account.keep"
    SWITCH_APPOINTMENT = "appointment.switch"
    SEE_PROGRAMME = "programme.see"
    EDIT_PROGRAMME = "programme.edit"
    PUBLISH_PROGRAMME = "programme.publish"
    EXPORT_PROGRAMME = "programme.export"
    SEE_SHEET = "sheet.see"
    SAVE_SHEET = "report.save"
    SUBMIT_SHEET = "report.submit"
    WITHDRAW_REPORT = "report.withdraw"
    SIGN_REPORT = "report.sign"
    SEE_EVIDENCE = "evidence.see"
    ADD_EVIDENCE = "evidence.add"
    REMOVE_EVIDENCE = "evidence.remove"
    SEE_REVIEWS = "review.see"
    ACCEPT_REPORT = "report.accept"
    RETURN_REPORT = "report.return"
    UNDO_ACCEPTANCE = "report.undo"
    HAND_OVER_QUEUE = "queue.hand_over"
    REVOKE_REPORT = "report.revoke"
    CORRECT_REPORT = "report.correct"
    DROP_CORRECTION = "report.drop"
    COMMENT_REPORT = "report.comment"
    SEE_PERIOD = "period.see"
    CLOSE_PERIOD = "period.close"
    REOPEN_PERIOD = "period.reopen"
    WAIVE_SIGNATURE = "signature.waive"
    EXPORT_TABLE = "table.export"
    REMIND_UNIT = "unit.remind"
    READ_NOTICE = "notice.read"
    SEE_BULLETIN = "bulletin.see"
    DRAFT_BULLETIN = "bulletin.draft"
    COUNTERSIGN_BULLETIN = "bulletin.countersign"
    EXPORT_BULLETIN = "bulletin.export"
    SEE_AUDIT = "audit.see"
    EXPORT_AUDIT = "audit.export"
    SEE_SAMPLE = "sample.see"
    DRAW_SAMPLE = "sample.draw"
    MARK_FIGURE = "figure.mark"
    SEE_FINDING = "finding.see"
    RAISE_FINDING = "finding.raise"
    ANSWER_FINDING = "finding.answer"
    JUDGE_FINDING = "finding.judge"
    SEE_TARGETS = "target.see"
    DECOMPOSE_TARGETS = "target.decompose"
    ANSWER_TARGETS = "target.answer"
    USE_LINK = "link.use"
    SEE_PEOPLE = "account.see"
    ADD_ACCOUNT = "account.add"
    CLOSE_ACCOUNT = "account.close"
    APPOINT = "appointment.grant"
    RESET_ACCOUNT = "account.send_link"
    REVOKE_SESSION = "session.revoke"
    CONFIRM_GRANT = "grant.confirm"
    SEE_ORG_UNIT = "org_unit.see"
    EDIT_ORG_UNIT = "org_unit.edit"
    IMPORT_ORG_UNITS = "org_unit.import"


class Right(NamedTuple):
    """A row of the table: who holds the permission, how far it goes, what it means; of admins, by which duties."""

    roles: frozenset[Role]
    reach: Reach
    meaning: str
    duties: frozenset[Duty] = EVERY_DUTY


def _held_by(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


EVERY_ROLE = frozenset(Role)
UNIT_STAFF = _held_by(Role.REPORTER, Role.APPROVER)
ADMINS = _held_by(Role.ADMIN)
SYSTEM, SECURITY, AUDIT = (frozenset({duty}) for duty in (Duty.SYSTEM, Duty.SECURITY, Duty.AUDIT))
READERS = _held_by(Role.REPORTER, Role.APPROVER, Role.REVIEWER, Role.VIEWER, Role.AUDITOR)

# fmt: off
RIGHTS: dict[Permission, Right] = {
    Permission.SIGN_IN:              Right(EVERY_ROLE, Reach.EVERYONE, "登录"),
    Permission.GIVE_CODE:            Right(EVERY_ROLE, Reach.STEP, "登录时填写动态口令或备用码"),
    Permission.RENEW_PASSWORD:       Right(EVERY_ROLE, Reach.STEP, "登录时更换到期的或初始的密码"),
    Permission.ENROL_FACTOR:         Right(EVERY_ROLE, Reach.STEP, "登录时按规定设置动态口令"),
    Permission.SIGN_OUT:             Right(EVERY_ROLE, Reach.SIGNED_IN, "退出登录"),
    Permission.SEE_HEALTH:           Right(EVERY_ROLE, Reach.EVERYONE, "查看服务是否正常"),
    Permission.SEE_METRICS:          Right(EVERY_ROLE, Reach.EVERYONE, "读取运行指标（凭令牌，或来自许可的地址）"),
    Permission.SEE_GALLERY:          Right(EVERY_ROLE, Reach.EVERYONE, "查看组件样张（只在开发环境）"),
    Permission.SEE_ASSET:            Right(EVERY_ROLE, Reach.EVERYONE, "下载页面样式与脚本"),
    Permission.VERIFY_FILE:          Right(EVERY_ROLE, Reach.EVERYONE, "核验通报文件"),
    Permission.SEE_DESK:             Right(EVERY_ROLE, Reach.SIGNED_IN, "查看自己的工作台"),
    Permission.KEEP_ACCOUNT:         Right(EVERY_ROLE, Reach.SIGNED_IN, "维护自己的密码、动态口令、登录和语言"),
    Permission.SWITCH_APPOINTMENT:   Right(EVERY_ROLE, Reach.SIGNED_IN, "切换任职"),
    Permission.SEE_PROGRAMME:        Right(READERS, Reach.SIGNED_IN, "查看本单位承担的实事清单与进度"),
    Permission.EDIT_PROGRAMME:       Right(_held_by(Role.REVIEWER), Reach.OWN_UNIT, "编制、导入和修改本单位的实事清单"),
    Permission.PUBLISH_PROGRAMME:    Right(_held_by(Role.REVIEWER), Reach.OWN_UNIT, "公布、开始和结束本单位的实事清单"),
    Permission.EXPORT_PROGRAMME:     Right(_held_by(Role.REVIEWER, Role.VIEWER, Role.AUDITOR), Reach.SUBTREE, "导出实事清单"),
    Permission.SEE_SHEET:            Right(READERS, Reach.SUBTREE, "查看月报表"),
    Permission.SAVE_SHEET:           Right(_held_by(Role.REPORTER), Reach.OWN_UNIT, "填写本单位月报表"),
    Permission.SUBMIT_SHEET:         Right(_held_by(Role.REPORTER), Reach.OWN_UNIT, "提交本单位月报表"),
    Permission.WITHDRAW_REPORT:      Right(_held_by(Role.REPORTER), Reach.OWN_UNIT, "撤回自己提交的报告"),
    Permission.SIGN_REPORT:          Right(_held_by(Role.APPROVER), Reach.OWN_UNIT, "审批本单位报告"),
    Permission.SEE_EVIDENCE:         Right(READERS, Reach.SUBTREE, "查看和下载佐证材料"),
    Permission.ADD_EVIDENCE:         Right(_held_by(Role.REPORTER), Reach.OWN_UNIT, "给本单位报告添加佐证"),
    Permission.REMOVE_EVIDENCE:      Right(_held_by(Role.REPORTER), Reach.OWN_UNIT, "作废本单位草稿里的佐证"),
    Permission.SEE_REVIEWS:          Right(_held_by(Role.APPROVER, Role.REVIEWER), Reach.SIGNED_IN, "查看待办报告"),
    Permission.ACCEPT_REPORT:        Right(_held_by(Role.REVIEWER), Reach.ONE_DOWN, "通过下一级单位的报告"),
    Permission.RETURN_REPORT:        Right(_held_by(Role.APPROVER, Role.REVIEWER), Reach.ONE_DOWN, "退回报告"),
    Permission.UNDO_ACCEPTANCE:      Right(_held_by(Role.REVIEWER), Reach.ONE_DOWN, "撤销自己刚刚的通过"),
    Permission.HAND_OVER_QUEUE:      Right(_held_by(Role.APPROVER, Role.REVIEWER), Reach.OWN_UNIT, "把待办交给同岗同事或接手"),
    Permission.REVOKE_REPORT:        Right(_held_by(Role.REVIEWER), Reach.SUBTREE, "作废已通过的报告"),
    Permission.CORRECT_REPORT:       Right(_held_by(Role.REPORTER), Reach.OWN_UNIT, "更正本单位已通过的报告"),
    Permission.DROP_CORRECTION:      Right(_held_by(Role.REPORTER), Reach.OWN_UNIT, "放弃本单位的更正"),
    Permission.COMMENT_REPORT:       Right(READERS, Reach.SUBTREE, "在报告下留言"),
    Permission.SEE_PERIOD:           Right(_held_by(Role.REVIEWER), Reach.SUBTREE, "查看报告期的报送情况"),
    Permission.CLOSE_PERIOD:         Right(_held_by(Role.REVIEWER), Reach.OWN_UNIT, "关闭本单位清单的报告期"),
    Permission.REOPEN_PERIOD:        Right(_held_by(Role.REVIEWER), Reach.OWN_UNIT, "为一个单位重新开放报告期"),
    Permission.WAIVE_SIGNATURE:      Right(_held_by(Role.REVIEWER), Reach.OWN_UNIT, "设定免审批的单位"),
    Permission.EXPORT_TABLE:         Right(EVERY_ROLE, Reach.SIGNED_IN, "把自己看得到的表格导出成文件"),
    Permission.REMIND_UNIT:          Right(_held_by(Role.REVIEWER), Reach.ONE_DOWN, "催报下一级单位"),
    Permission.READ_NOTICE:          Right(UNIT_STAFF, Reach.OWN_UNIT, "查看发给本单位的催报"),
    Permission.SEE_BULLETIN:         Right(READERS, Reach.SIGNED_IN, "查看通报"),
    Permission.DRAFT_BULLETIN:       Right(_held_by(Role.REVIEWER), Reach.OWN_UNIT, "起草通报"),
    Permission.COUNTERSIGN_BULLETIN: Right(_held_by(Role.REVIEWER, Role.VIEWER), Reach.OWN_UNIT, "会签并发布通报"),
    Permission.EXPORT_BULLETIN:      Right(_held_by(Role.REVIEWER, Role.VIEWER, Role.AUDITOR), Reach.SUBTREE, "导出通报"),
    Permission.SEE_AUDIT:            Right(_held_by(Role.AUDITOR, Role.ADMIN), Reach.SUBTREE, "查看操作记录", AUDIT),
    Permission.EXPORT_AUDIT:         Right(_held_by(Role.AUDITOR), Reach.SUBTREE, "导出操作记录和审计名单"),
    Permission.SEE_SAMPLE:           Right(_held_by(Role.AUDITOR), Reach.SUBTREE, "查看审计抽样"),
    Permission.DRAW_SAMPLE:          Right(_held_by(Role.AUDITOR), Reach.SUBTREE, "从已通过的数据里抽样"),
    Permission.MARK_FIGURE:          Right(_held_by(Role.AUDITOR), Reach.SUBTREE, "给抽到的数据记已核或存疑"),
    Permission.SEE_FINDING:          Right(_held_by(Role.REPORTER, Role.APPROVER, Role.AUDITOR), Reach.SUBTREE, "查看审计发现"),
    Permission.RAISE_FINDING:        Right(_held_by(Role.AUDITOR), Reach.SUBTREE, "对单位提出审计发现"),
    Permission.ANSWER_FINDING:       Right(UNIT_STAFF, Reach.OWN_UNIT, "答复对本单位的审计发现"),
    Permission.JUDGE_FINDING:        Right(_held_by(Role.AUDITOR), Reach.SUBTREE, "复核整改：销号或要求继续整改"),
    Permission.SEE_TARGETS:          Right(READERS, Reach.SUBTREE, "查看目标与分解"),
    Permission.DECOMPOSE_TARGETS:    Right(_held_by(Role.APPROVER, Role.REVIEWER), Reach.OWN_UNIT, "分解并下达本单位的目标"),
    Permission.ANSWER_TARGETS:       Right(UNIT_STAFF, Reach.OWN_UNIT, "确认上级下达的目标或提出调整"),
    Permission.USE_LINK:             Right(EVERY_ROLE, Reach.EVERYONE, "用一次性链接设置密码"),
    Permission.SEE_PEOPLE:           Right(ADMINS, Reach.SUBTREE, "查看本单位及以下的人员", SYSTEM | SECURITY),
    Permission.ADD_ACCOUNT:          Right(ADMINS, Reach.SUBTREE, "开设账号、登记邮箱", SYSTEM),
    Permission.CLOSE_ACCOUNT:        Right(ADMINS, Reach.SUBTREE, "停用和启用账号", SYSTEM | SECURITY),
    Permission.APPOINT:              Right(ADMINS, Reach.SUBTREE, "任命、调任、结束任职", SECURITY),
    Permission.RESET_ACCOUNT:        Right(ADMINS, Reach.SUBTREE, "寄出重设密码的链接、重置动态口令", SECURITY),
    Permission.REVOKE_SESSION:       Right(ADMINS, Reach.SUBTREE, "让别人的浏览器退出登录", SECURITY),
    Permission.CONFIRM_GRANT:        Right(_held_by(Role.REVIEWER, Role.ADMIN), Reach.SUBTREE, "确认别人提出的任命和重设", SECURITY),
    Permission.SEE_ORG_UNIT:         Right(EVERY_ROLE, Reach.SUBTREE, "查看本单位和下级的组织树"),
    Permission.EDIT_ORG_UNIT:        Right(ADMINS, Reach.SUBTREE, "新增、更名、划转、撤销和合并下级单位", SYSTEM),
    Permission.IMPORT_ORG_UNITS:     Right(ADMINS, Reach.SUBTREE, "从文件导入下级单位", SYSTEM),
}
# fmt: on


def holds(identity: Identity | None, permission: Permission) -> bool:
    """The door: whether this identity holds the permission at all (rows are a later lock)."""
    right = RIGHTS[permission]
    if right.reach is Reach.EVERYONE:
        return True
    return identity is not None and right.reach is not Reach.STEP and _is_held_by(identity, right)


def _is_held_by(identity: Identity, right: Right) -> bool:
    """An admin without a duty that the right belongs to has only what every role has."""
    if identity.role is Role.ADMIN and right.roles != EVERY_ROLE and not identity.duties & right.duties:
        return False
    return identity.role in right.roles


def reaches(identity: Identity, permission: Permission, place: Place) -> bool:
    """The rows: whether the permission, held under this appointment, goes as far as ``place``."""
    right = RIGHTS[permission]
    if not _is_held_by(identity, right):
        return False
    own = identity.place
    match right.reach:
        case Reach.EVERYONE | Reach.SIGNED_IN:
            return True
        case Reach.STEP:
            return False
        case Reach.OWN_UNIT:
            return own.org_unit_id == place.org_unit_id
        case Reach.SUBTREE:
            return own.holds(place)
        case Reach.ONE_DOWN:
            return own.org_unit_id == place.org_unit_id or own.is_parent_of(place)
