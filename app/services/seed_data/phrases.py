"""The first stock phrases: in which step they are offered, Chinese, English."""

from app.rules.codes import PhraseUse

PHRASES: tuple[tuple[PhraseUse, str, str], ...] = (
    (PhraseUse.NOTE, "已通知相关同事，请跟进。", "Colleagues have been told; please follow up."),
    (PhraseUse.NOTE, "同一原因，与其他工单一并处理。", "Same cause: handled together with the other tickets."),
    (PhraseUse.NOTE, "请在上门前先电话联系。", "Please ring before you go."),
    (PhraseUse.CONTACT, "已与业户联系，今天上门。", "Spoken with the household; somebody comes today."),
    (PhraseUse.CONTACT, "无人接听，稍后再联系。", "Nobody answered; tried again later."),
    (PhraseUse.CONTACT, "业户希望晚上上门。", "The household asks for a visit in the evening."),
    (PhraseUse.REPLY, "已说明查明的情况和处理办法。", "Explained what was found and what is done about it."),
    (PhraseUse.REPLY, "业户同意处理方案。", "The household agrees with the solution."),
    (PhraseUse.REPLY, "业户表示需要再考虑。", "The household asks for more time to think about it."),
    (PhraseUse.WAIT, "配件已订购", "A part is ordered"),
    (PhraseUse.WAIT, "等供应商上门", "The supplier comes"),
    (PhraseUse.WAIT, "业户外出", "The household is away"),
    (PhraseUse.WAIT, "已约定时间", "Appointment agreed"),
    (PhraseUse.FINISH, "已修好，并与业户一起试用。", "Repaired and tried out together with the household."),
    (PhraseUse.FINISH, "已更换配件，恢复正常。", "The part was replaced; it works again."),
    (PhraseUse.FINISH, "已清理并检查。", "Cleaned up and checked."),
    (PhraseUse.CANCEL, "业户撤回。", "The household withdrew the matter."),
    (PhraseUse.CANCEL, "问题已自行解决。", "It has settled itself."),
    (PhraseUse.CANCEL, "重复登记。", "Registered twice by mistake."),
)
