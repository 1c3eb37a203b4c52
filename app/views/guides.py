"""What each role is shown first: the five steps of the tour and the page to print, from one source.

A step points at a real element: the first CSS selector of `target` that is on the page and visible.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask_babel import lazy_gettext as _

from app.rules.codes import Role


@dataclass(frozen=True)
class Step:
    """One step: what it points at, its heading and two sentences at most."""

    target: str
    title: Any
    text: Any


@dataclass(frozen=True)
class Guide:
    """A role's guide: what the work is, five steps, whom to ask."""

    lead: Any
    steps: tuple[Step, Step, Step, Step, Step]
    ask: Any


def _line(view: str) -> str:
    return f'#nav [data-name="{view}"]'


_WAITS = Step(
    ".tiles",
    _("What waits for you"),
    _("Every number opens the list behind it, the most urgent first. The page keeps itself up to date."),
)
_SEARCH = Step(
    ".finder",
    _("Find anything"),
    _("A ticket number, a telephone in any spelling, a room such as 3-2-1201 or a name. The key / brings you here."),
)
_OWN = Step(
    ".menu",
    _("Made for you"),
    _("Language, light or dark, your account, this tour and your guide on one page are behind your name."),
)
_TICKET = Step(
    _line("TicketView"),
    _("The ticket is the heart"),
    _("Who, where, what, whose turn and until when stand at its head; the next steps are its buttons."),
)

GUIDES: dict[str, Guide] = {
    Role.ASSISTANT: Guide(
        _("You answer the hotline and the desk: hear, ask, repeat back, write down clearly, and follow up."),
        (
            _WAITS,
            Step(
                ".topbar__new, .tabbar__new",
                _("Register a matter"),
                _("Choose the house and the system offers who lives there. Read back what you wrote before you save."),
            ),
            _SEARCH,
            Step(
                _line("CallView"),
                _("No call is lost"),
                _("Calls that broke off are here too, with what was said. Ring back and complete the ticket."),
            ),
            _OWN,
        ),
        _("The supervisor takes over what you cannot settle. An emergency rings the one on duty by itself."),
    ),
    Role.SUPERVISOR: Guide(
        _("You own the valid complaints and the return visits, and take what the desk cannot settle."),
        (
            _WAITS,
            _TICKET,
            Step(
                _line("VisitPage"),
                _("Return visits"),
                _("Every complaint is asked after. A score of 1 or 2 opens the matter again and gives it to you."),
            ),
            Step(
                _line("ReportPage"),
                _("The monthly report"),
                _("Read the draft, correct your part and pass it on to the manager to sign."),
            ),
            _OWN,
        ),
        _("The manager decides what exceeds your authority; take the ticket's record along."),
    ),
    Role.STEWARD: Guide(
        _("You are the first person responsible for your buildings: patrols, visits, and every household's matters."),
        (
            _WAITS,
            Step(
                ".topbar__new, .tabbar__new",
                _("What you find on a patrol"),
                _(
                    "Make it a ticket on the spot: channel patrol, the place, a photo. What cannot be mended needs a plan."
                ),
            ),
            _SEARCH,
            Step(
                _line("HouseView"),
                _("Your houses"),
                _("Who lives there, what is open, what needs care. What you read in a household's file is noted."),
            ),
            _OWN,
        ),
        _("The desk is there day and night; the manager decides what you cannot promise yourself."),
    ),
    Role.TECHNICIAN: Guide(
        _("You carry out the work: accept it, go there, say what was done."),
        (
            Step(
                '[data-part="waiting"]',
                _("Your jobs, the next one first"),
                _("Where, what and until when at a glance. The address is written large on purpose."),
            ),
            Step(
                '.job__acts, [data-part="waiting"]',
                _("Two buttons a job"),
                _(
                    "“Start” when you are on your way, “Finish” when it is done: write what you did, the household reads it."
                ),
            ),
            Step(
                _line("TicketView"),
                _("A part is missing?"),
                _("Set the ticket to waiting with a reason and a date. Its clock stops, the household is told."),
            ),
            _SEARCH,
            _OWN,
        ),
        _("The desk speaks with the household for you: call it when nobody opens."),
    ),
    Role.MANAGER: Guide(
        _("You run the service centre: what is late, what is a major complaint, who is on duty, what is signed."),
        (
            _WAITS,
            _TICKET,
            Step(
                _line("ReportPage"),
                _("Sign the monthly report"),
                _(
                    "You sign what the supervisor has reviewed. Once published it is never changed, only corrected anew."
                ),
            ),
            Step(
                _line("DutyPage"),
                _("Who is on duty"),
                _("A gap of the coming seven days is shown before it happens. Emergencies ring in this order."),
            ),
            _OWN,
        ),
        _("The company's quality department and the developer's centre decide beyond you."),
    ),
    Role.FINANCE: Guide(
        _("You keep fee items, billing runs, payments and receipts."),
        (
            Step(
                ".tiles",
                _("The state of the money"),
                _("What is due, what is paid and what is owed, month by month; every number opens its list."),
            ),
            Step(
                _line("PaymentPage"),
                _("Take payments"),
                _(
                    "Find the house, take what is paid, hand over the receipt. A mistake is reversed: nothing is rubbed out."
                ),
            ),
            Step(
                _line("BillingPage"),
                _("Billing"),
                _(
                    "A run shows what it would bill and what is odd before it is posted. A wrong bill is cancelled and made anew."
                ),
            ),
            Step(
                _line("FeeItemView"),
                _("Fee items and rates"),
                _("A rate holds from its day on; bills keep the rate they were made with."),
            ),
            _OWN,
        ),
        _("Questions of households go through the desk; the manager decides about money."),
    ),
    Role.QUALITY: Guide(
        _("You read all communities: complaints, special events, and the figures of every month."),
        (
            _WAITS,
            _TICKET,
            Step(
                _line("VisitPage"),
                _("What households say"),
                _("Scores and words of the return visits, and which matters were opened again."),
            ),
            Step(
                _line("ReportPage"),
                _("Monthly reports"),
                _("Every published report with its check sum; a correction says that it is one."),
            ),
            _OWN,
        ),
        _("The manager of the service centre answers for its records."),
    ),
    Role.ADMIN: Guide(
        _("You keep roles, catalogues, rules and telephone numbers in order."),
        (
            Step(
                ".bench__side",
                _("Is everything running?"),
                _("Jobs, messages and the scheduler at a glance; what failed is named with its reason."),
            ),
            Step(
                _line("CategoryView"),
                _("Lists and rules are data"),
                _("Categories, clocks, holidays and prices are changed here, and hold from then on."),
            ),
            Step(
                _line("UserView"),
                _("Who may do what"),
                _("Give people a role. What is not given stays shut: nobody sees a row that is not theirs."),
            ),
            Step(
                _line("ImportPage"),
                _("Bring your own estate"),
                _("Houses, people and telephones come from one spreadsheet; it is checked before a line is written."),
            ),
            _OWN,
        ),
        _("The handbook in docs/ says how to set up, back up and repair."),
    ),
    Role.OWNER: Guide(
        _("Report, follow and pay: everything about your home in one place, day and night."),
        (
            Step(
                '[href="/owner/new"]',
                _("Report something"),
                _("A repair, a complaint, a question or praise, with photos. You get a number at once."),
            ),
            Step(
                '[href="/owner/matters"]',
                _("Follow your matters"),
                _("Who has it, what was done, and until when. At the end you say whether it is solved."),
            ),
            Step(
                '[href="/owner/bills"]',
                _("Your bills"),
                _("What is due and what is paid, house by house. Nobody else sees them."),
            ),
            Step(
                '[href="/owner/reports"]',
                _("The monthly report"),
                _("What the service centre did for the community, signed and never changed afterwards."),
            ),
            _OWN,
        ),
        _("Call the hotline at any hour. In danger leave first, then dial 119, 120 or 110."),
    ),
}
GUIDES[Role.DEPUTY] = replace(
    GUIDES[Role.MANAGER],
    steps=tuple(
        step
        if step.title != _("Sign the monthly report")
        else Step(
            _line("ReportPage"),
            _("The monthly report"),
            _("Read the draft before the manager signs it. Once published it is never changed, only corrected anew."),
        )
        for step in GUIDES[Role.MANAGER].steps
    ),
)
GUIDES[Role.RESIDENT] = GUIDES[Role.OWNER]
"""Role → its guide. A role of the administrator's own making has none."""
