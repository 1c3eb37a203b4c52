"""Every question's words (I4). In each one 1 is yes or the first choice, 2 no or the second, 9 the emergency."""

from collections.abc import Callable
from dataclasses import replace

from app.errors import N_
from app.rules.call_flow import service_words
from app.rules.call_flow.model import EXPECTS, Ask, Facts, Flow, Reply, Step, TakeRecording
from app.rules.call_flow.words import Digits, HouseName, Line, Quote, Word, line
from app.rules.codes import Kind

NO_SUCH_KEY = N_("That key has no meaning here.")
NOT_HEARD = N_("I did not hear anything.")
NOTICE = N_("Thank you for calling the property service centre of %(community)s. This call is recorded.")

KIND_WORDS: dict[str, str] = {
    Kind.REPAIR: N_("a repair"),
    Kind.COMPLAINT: N_("a complaint"),
    Kind.CONSULTATION: N_("a question"),
    Kind.SERVICE: N_("a service booking"),
    Kind.EMERGENCY: N_("an emergency"),
}

_DESCRIBE: dict[str, str] = {
    Kind.REPAIR: N_("Please say now what is to be repaired and where it is."),
    Kind.COMPLAINT: N_("Please say now what your complaint is about and what you wish us to do."),
    Kind.CONSULTATION: N_("Please say your question now."),
    Kind.SERVICE: N_(
        "Please say now which service you would like and when. A paid service is carried out only after you have accepted its price."
    ),
}

_OTHER_LANGUAGE = {
    "zh": Line(N_("For English, press 8."), locale="en"),
    "en": Line(N_("For Chinese, press 8."), locale="zh"),
}


def ask(flow: Flow) -> Reply:
    """Put the question of the flow's step."""
    lines = tuple(_QUESTIONS[flow.step](flow.facts))
    if flow.step == Step.MENU:
        lines = (_OTHER_LANGUAGE["zh" if flow.locale == "zh" else "en"], *lines)
    expects = EXPECTS.get(flow.step)
    return Reply(flow, lines, Ask(expects) if expects else TakeRecording())


def again(flow: Flow, *lines: Line) -> Reply:
    """Put the same question once more, one try used up."""
    tried = replace(flow, facts=replace(flow.facts, tries=flow.facts.tries + 1))
    return ask(tried).first(*lines)


def _menu(facts: Facts) -> list[Line]:
    return [
        line(N_("In an emergency, press 9.")),
        *_subscribing(facts),
        line(
            N_("For a repair, press 1. For a complaint, press 2. For a question, press 3. To book a service, press 4.")
        ),
        line(N_("For the progress of your tickets, press 5. For your fees, press 6. To speak to a person, press 0.")),
        line(N_("To hear this again, press star.")),
    ]


def _subscribing(facts: Facts) -> list[Line]:
    return [line(N_("To be told by text message when the outage is over, press 7."))] if facts.may_subscribe else []


def _house(facts: Facts) -> list[Line]:
    if len(facts.offered) == 1:
        house = HouseName(facts.offered[0])
        return [line(N_("Is it about %(house)s? If so, press 1. For another house, press 2."), house=house)]
    choices = [
        line(N_("For %(house)s, press %(key)s."), house=HouseName(house), key=str(key))
        for key, house in enumerate(facts.offered, start=1)
    ]
    return [line(N_("Which house is it about?")), *choices, line(N_("For another house, press 0."))]


def _which_house(facts: Facts) -> list[Line]:
    return [
        line(N_("Which house is it about? Please say building, unit and room.")),
        line(
            N_(
                "Or key them in: building, star, unit, star, room, and the hash key at the end. Without a house, press 0 and hash."
            )
        ),
    ]


def _house_check(facts: Facts) -> list[Line]:
    if len(facts.offered) == 1:
        house = HouseName(facts.offered[0])
        return [line(N_("Did you say %(house)s? Yes, press 1. No, press 2."), house=house)]
    choices = [
        line(N_("For %(house)s, press %(key)s."), house=HouseName(house), key=str(key))
        for key, house in enumerate(facts.offered, start=1)
    ]
    return [line(N_("I understood several houses.")), *choices, line(N_("None of these: press 0."))]


def _describe(facts: Facts) -> list[Line]:
    wanted = _DESCRIBE.get(facts.kind or "", _DESCRIBE[Kind.CONSULTATION])
    return [
        *_subscribing(facts),
        line(wanted),
        line(N_("If you would rather leave a recording, press 1. In an emergency, press 9.")),
    ]


def _record(facts: Facts) -> list[Line]:
    return [line(N_("Please speak after the tone, and press hash when you have finished."))]


def _same(facts: Facts) -> list[Line]:
    return [
        line(
            N_("Your house has already reported this as ticket %(number)s: we are working on it."),
            number=Digits(facts.further_number),
        ),
        line(N_("To report it as a new matter anyway, press 1. To add what you said to the matter we have, press 2.")),
    ]


def _place(facts: Facts) -> list[Line]:
    return [line(N_("Is it inside the home? Press 1. In a public area? Press 2."))]


def _where(facts: Facts) -> list[Line]:
    return [
        line(N_("Which public area is it? Please say, for example, the lift of building 3.")),
        line(N_("To leave this out, press 2.")),
    ]


def _confirm(facts: Facts) -> list[Line]:
    said = [line(N_("I repeat."))]
    said.append(
        line(
            N_("You are reporting %(kind)s."),
            kind=Word(KIND_WORDS.get(facts.kind or "", KIND_WORDS[Kind.CONSULTATION])),
        )
    )
    if facts.house:
        said.append(line(N_("House: %(house)s."), house=HouseName(facts.house)))
    elif facts.building:
        said.append(line(N_("Building: %(building)s."), building=facts.building))
    if facts.description:
        said.append(line(N_("You said: %(words)s."), words=Quote(facts.description)))
    elif facts.recorded:
        said.append(line(N_("Your message has been recorded.")))
    if facts.place_kind == "home":
        said.append(line(N_("Place: inside the home.")))
    elif facts.place_kind == "public":
        said.append(line(N_("Place: public area. %(place)s"), place=Quote(facts.place)))
    return [*said, line(N_("If this is right, press 1. To say it again, press 2."))]


def _progress(facts: Facts) -> list[Line]:
    return [line(N_("For an older ticket of yours, key in its eight digits, and the hash key at the end."))]


def _progress_next(facts: Facts) -> list[Line]:
    return [line(N_("For the main menu, press 1. To finish, press 2 or hang up."))]


def _fees_house(facts: Facts) -> list[Line]:
    choices = [
        line(N_("For %(house)s, press %(key)s."), house=HouseName(house), key=str(key))
        for key, house in enumerate(facts.offered, start=1)
    ]
    return [line(N_("Whose bills? Please choose your house.")), *choices]


def _fees_pin(facts: Facts) -> list[Line]:
    return [line(N_("Please key in your six-digit telephone PIN, and the hash key at the end."))]


def _fees(facts: Facts) -> list[Line]:
    return [line(N_("To be called back by the finance department, press 1. For the main menu, press 2."))]


def _emergency(facts: Facts) -> list[Line]:
    return [
        line(N_("What has happened, and where? Please say it now, or press a key:")),
        line(N_("1 fire or gas, 2 trapped in a lift, 3 burst water pipe, 4 electricity, 5 something else.")),
    ]


def _message(facts: Facts) -> list[Line]:
    return [
        line(
            N_(
                "Please leave a message after the tone, with your house and your number, and press hash when you have finished."
            )
        )
    ]


_QUESTIONS: dict[Step, Callable[[Facts], list[Line]]] = {
    Step.MENU: _menu,
    Step.HOUSE: _house,
    Step.WHICH_HOUSE: _which_house,
    Step.HOUSE_CHECK: _house_check,
    Step.DESCRIBE: _describe,
    Step.RECORD: _record,
    Step.SAME: _same,
    Step.PLACE: _place,
    Step.WHERE: _where,
    Step.CONFIRM: _confirm,
    Step.PROGRESS: _progress,
    Step.PROGRESS_NEXT: _progress_next,
    Step.FEES_HOUSE: _fees_house,
    Step.FEES_PIN: _fees_pin,
    Step.FEES: _fees,
    Step.EMERGENCY: _emergency,
    Step.MESSAGE: _message,
    **service_words.QUESTIONS,
}
