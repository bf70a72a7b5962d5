"""What people are written by mail about their accounts."""

from __future__ import annotations

from tracker.services.account_links import Holder
from tracker.services.outbox import masked_address


def address_letter(holder: Holder, address: str) -> tuple[str, str]:
    """Subject and text to the former address, once another one is on record."""
    text = (
        f"{holder.name}，您好：\n\n您的实事通账号 {holder.login} 登记的邮箱已改为 {masked_address(address)}。"
    )
    text += "如果您不知道这件事，请立即告知本单位管理员。\n"
    return "实事通：登记的邮箱已更改", text
