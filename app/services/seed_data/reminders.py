"""The first steps of a month's reminders (D10: SMS, call, letter): way, days after the step before, Chinese, English.

A text and a call tell nothing personal to whoever reads or hears them: no name, no house, no sum (D15).
"""

from app.rules.codes import ReminderWay

STEPS: tuple[tuple[ReminderWay, int, str, str], ...] = (
    (
        ReminderWay.SMS,
        0,
        "温馨提示：本小区有物业费用已到期、尚未缴纳。请业主在业主门户查看账单，或到服务中心前台咨询、缴纳；也可拨打服务热线按6，"
        "凭电话密码查询金额。如已缴纳，敬请忽略。",
        "A kind reminder: a bill of this estate is overdue. Owners see their bills on the owners' portal, ask and pay at the"
        " service centre's desk, or hear the sum on the hotline, key 6, with their telephone PIN. If you have paid already,"
        " please disregard this.",
    ),
    (
        ReminderWay.CALL,
        5,
        "提醒您：本小区有一笔物业费用已到期、尚未缴纳，请业主到服务中心前台咨询，或在业主门户查看账单。如已缴纳，敬请忽略。",
        "This is a reminder: a bill of this estate is overdue. Owners please ask at the service centre's desk, or look at their"
        " bills on the owners' portal. If you have paid already, please disregard this call.",
    ),
    (
        ReminderWay.LETTER,
        7,
        "经核对，贵户下列费用已到期，至今尚未缴纳。请您在收到本函后七日内缴清；如有困难，或对费用有疑问，请与服务中心联系，"
        "我们将向您说明并与您协商。如已缴纳，敬请忽略本函，打扰之处敬请谅解。",
        "According to our books the charges below are overdue. Please pay them within seven days of receiving this letter. If"
        " that is difficult, or if you have doubts about a charge, please speak with the service centre: we will explain it and"
        " find a way with you. If you have paid already, please disregard this letter.",
    ),
)
