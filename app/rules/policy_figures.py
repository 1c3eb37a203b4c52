"""The trade's figures (D, I8): each with its default, unit, bounds and source. Which is in force: `services.policies`."""

from dataclasses import dataclass

from app.errors import N_


@dataclass(frozen=True)
class Figure:
    """A whole number with its unit, bounds and where it comes from."""

    key: str
    default: int
    unit: str
    low: int
    high: int
    label: str
    source: str
    words: tuple[str, ...] = ()
    """Where the number stands for a choice: what each stands for, from `low` up."""

    @property
    def area(self) -> str:
        """The part of the work the figure belongs to, a key of `AREAS`."""
        return next(area for area, (_label, starts) in AREAS.items() if self.key.partition(".")[0] in starts)


AREAS: dict[str, tuple[str, tuple[str, ...]]] = {
    "hotline": (N_("Hotline and emergencies"), ("ladder", "hotline", "watch", "roster", "drill", "handover", "outage")),
    "tickets": (
        N_("Tickets"),
        (
            "clocks",
            "contact",
            "collective",
            "urge",
            "close",
            "complaint",
            "household",
            "uploads",
            "costs",
            "acceptance",
            "offer",
            "filing",
        ),
    ),
    "visits": (N_("Return visits and surveys"), ("visits", "surveys")),
    "knowledge": (N_("Knowledge base"), ("knowledge",)),
    "outbound": (N_("Automatic calls and texts"), ("outbound", "wake_up", "check_in")),
    "collection": (N_("Collection of fees"), ("collection", "billing", "meters")),
    "reports": (N_("Reports and targets"), ("target", "appraisal", "privacy", "report")),
    "login": (N_("Logging in"), ("login", "invitation")),
}
"""Parts of the work in the order they are shown: label, how the keys of their figures begin."""


FIGURES: dict[str, Figure] = {
    figure.key: figure
    for figure in (
        Figure("ladder.accept_seconds", 60, "s", 10, 600, N_("Seconds until an emergency rings the next person"), "D7"),
        Figure("watch.test_call_minutes", 5, "min", 0, 60, N_("Minutes between test calls; 0: none"), "†"),
        Figure(
            "watch.test_call_silent_minutes", 15, "min", 1, 240, N_("Minutes without a good test call until alarm"), "†"
        ),
        Figure(
            "watch.callbacks_silent_minutes",
            15,
            "min",
            6,
            1440,
            N_("Minutes in which callbacks were missing until alarm"),
            "†",
        ),
        Figure(
            "watch.calls_silent_hours", 24, "h", 0, 720, N_("Hours without any call until it is told; 0: never"), "†"
        ),
        Figure(
            "watch.scheduler_silent_seconds", 120, "s", 30, 3600, N_("Seconds without a scheduler until alarm"), "†"
        ),
        Figure("hotline.person_ring_seconds", 30, "s", 10, 60, N_("Seconds the desk rings on key 0"), "I4"),
        Figure("hotline.pin_tries", 3, "", 1, 10, N_("Wrong telephone PINs until it is locked"), "†"),
        Figure("hotline.recording_days", 180, "d", 7, 3660, N_("Days voice recordings are kept"), "†"),
        Figure(
            "hotline.recording_tries",
            5,
            "",
            1,
            50,
            N_("Tries to have a call recorded as a whole, one after the other"),
            "†",
        ),
        Figure(
            "hotline.webhook_days",
            180,
            "d",
            7,
            3660,
            N_("Days the carrier's raw reports of calls and texts are kept"),
            "†",
        ),
        Figure(
            "clocks.first_response_minutes",
            30,
            "min",
            1,
            1440,
            N_("First response where no clock rule speaks of the matter"),
            "D4",
        ),
        Figure("clocks.done_hours", 24, "h", 1, 720, N_("Time for the work where no clock rule speaks of it"), "I8"),
        Figure("contact.window_hours", 24, "h", 1, 240, N_("Hours in which a further call joins an open ticket"), "I8"),
        Figure("costs.hour_yuan", 60, "yuan", 0, 10_000, N_("Price of an hour of work on a ticket, in yuan"), "†"),
        Figure("urge.again_minutes", 60, "min", 0, 1440, N_("Minutes in which asking again counts once"), "†"),
        Figure(
            "collective.households",
            5,
            "",
            2,
            100,
            N_("Households on the same matter that make a special event"),
            "D5, I8",
        ),
        Figure(
            "collective.window_hours", 72, "h", 1, 720, N_("Hours within which they count as the same matter"), "I8"
        ),
        Figure("close.after_hours", 72, "h", 1, 720, N_("Hours until a finished ticket closes by itself"), "I8"),
        Figure(
            "complaint.second_first",
            0,
            "",
            0,
            1,
            N_("Second person's word on the finding of a complaint"),
            "†",
            (N_("Owed, but a complaint may be closed before"), N_("Owed before a complaint is closed")),
        ),
        Figure(
            "complaint.outside_days", 7, "d", 1, 90, N_("Days until an outside body is asked again for its answer"), "†"
        ),
        Figure(
            "household.object_days", 30, "d", 1, 366, N_("Days in which a household may say: it is not solved"), "D5 †"
        ),
        Figure(
            "offer.answer_minutes",
            30,
            "min",
            1,
            1440,
            N_("Minutes until an offer of work that nobody answers is told to the head of the department"),
            "†",
        ),
        Figure(
            "acceptance.answer_minutes",
            240,
            "min",
            5,
            14400,
            N_("Minutes until work that was handed in and not accepted is passed on to the head of whoever was asked"),
            "†",
        ),
        Figure(
            "acceptance.warn_percent",
            75,
            "%",
            10,
            99,
            N_("Percent of that time after which whoever was asked is reminded"),
            "I8",
        ),
        Figure("filing.after_days", 30, "d", 1, 3660, N_("Days after closing until a ticket is filed by itself"), "†"),
        Figure("uploads.most_files", 8, "", 1, 12, N_("Photos and letters that one form takes"), "†"),
        Figure("uploads.most_megabytes", 10, "MB", 1, 15, N_("Size of one photo or letter"), "†"),
        Figure("uploads.most_on_ticket", 100, "", 10, 500, N_("Photos and letters that one ticket holds"), "†"),
        Figure("visits.sample_percent", 30, "%", 0, 100, N_("Percent of finished repairs visited"), "D8"),
        Figure(
            "visits.sample_other_percent",
            0,
            "%",
            0,
            100,
            N_("Percent of answered questions and suggestions visited"),
            "D8 †",
        ),
        Figure("visits.max_tries", 3, "", 1, 10, N_("Tries until a return visit counts as unreachable"), "D8"),
        Figure(
            "visits.again_days",
            7,
            "d",
            1,
            60,
            N_("Days after which an unreachable household that complained is tried again"),
            "D5 †",
        ),
        Figure("visits.answer_hours", 48, "h", 1, 240, N_("Hours a question by SMS or link waits for its answer"), "†"),
        Figure("visits.link_days", 7, "d", 1, 60, N_("Days a link to answer by stays valid"), "†"),
        Figure("visits.check_percent", 10, "%", 0, 100, N_("Percent of the staff's return visits checked"), "D8 †"),
        Figure("visits.check_days", 7, "d", 1, 60, N_("Days within which a drawn return visit is checked"), "†"),
        Figure(
            "visits.by_call",
            1,
            "",
            0,
            1,
            N_("Return visits by automatic call"),
            "D8",
            (N_("Off: people call"), N_("On: one try a day, by keys 1 to 5")),
        ),
        Figure("visits.call_after_hours", 24, "h", 1, 240, N_("Hours after the work until it is asked by call"), "†"),
        Figure(
            "knowledge.often", 3, "", 2, 50, N_("Times a question is asked until it is called asked often"), "D13 †"
        ),
        Figure(
            "knowledge.window_days", 90, "d", 7, 366, N_("Days looked back for questions without an answer"), "D13 †"
        ),
        Figure("surveys.sample_percent", 100, "%", 1, 100, N_("Percent of the households a survey asks"), "D8 †"),
        Figure("surveys.open_days", 14, "d", 1, 92, N_("Days a survey stays open"), "†"),
        Figure("surveys.reminders", 1, "", 0, 3, N_("Reminders a household gets that has not answered a survey"), "†"),
        Figure("surveys.remind_after_days", 3, "d", 1, 30, N_("Days from a survey's text to its reminder"), "†"),
        Figure("outbound.from_hour", 9, "", 0, 23, N_("Hour from which households are called and texted"), "†"),
        Figure("outbound.until_hour", 20, "", 1, 24, N_("Hour until which households are called and texted"), "†"),
        Figure("outbound.per_day", 2, "", 1, 20, N_("Automatic calls and texts one person gets in a day"), "†"),
        Figure(
            "outbound.carrier_per_minute",
            60,
            "",
            2,
            6000,
            N_("Calls a minute the carrier takes"),
            "Twilio: 1 call a second",
        ),
        Figure("outbound.reserve_per_minute", 12, "", 1, 600, N_("Of these kept free for emergencies"), "D7 †"),
        Figure(
            "outbound.texts_per_minute",
            60,
            "",
            2,
            6000,
            N_("Text messages a minute the carrier takes"),
            "Twilio: 1 message a second",
        ),
        Figure(
            "outbound.texts_reserve_per_minute", 12, "", 1, 600, N_("Text messages kept free for the urgent"), "D7 †"
        ),
        Figure(
            "wake_up.latest_minutes",
            10,
            "min",
            1,
            60,
            N_("Minutes after its time until which a wake-up call is still made"),
            "†",
        ),
        Figure(
            "check_in.tries",
            2,
            "",
            1,
            4,
            N_("Calls to somebody living alone before the steward is told of the silence"),
            "D13 †",
        ),
        Figure(
            "check_in.retry_minutes",
            10,
            "min",
            2,
            30,
            N_("Minutes between two calls to somebody living alone"),
            "D13 †",
        ),
        Figure(
            "check_in.latest_minutes",
            15,
            "min",
            2,
            60,
            N_("Minutes after its time until which a check-in call is still made"),
            "D13 †",
        ),
        Figure(
            "check_in.contact_minutes",
            30,
            "min",
            5,
            240,
            N_("Minutes after the steward until the emergency contact is told, when nobody has said what was found"),
            "D13 †",
        ),
        Figure("outbound.lines", 10, "", 1, 500, N_("Automatic calls on the line at once"), "†"),
        Figure("billing.due_day", 25, "", 1, 28, N_("Day of its month on which a bill is due"), "†"),
        Figure("billing.least_days", 7, "d", 0, 60, N_("Days a bill is due after it was made, at the least"), "†"),
        Figure(
            "meters.jump_percent",
            300,
            "%",
            100,
            10_000,
            N_("Meters: a reading is asked again when more was used than so much of the usual"),
            "†",
        ),
        Figure("meters.jump_least", 20, "", 0, 10_000, N_("Meters: so many units are never asked again"), "†"),
        Figure(
            "billing.odd_percent",
            20,
            "%",
            1,
            500,
            N_("Billing: a house is shown when it pays so much more or less"),
            "†",
        ),
        Figure(
            "collection.remind_day",
            5,
            "",
            1,
            28,
            N_("Day of the month from which owners in arrears are reminded"),
            "D10 †",
        ),
        Figure("collection.grace_days", 5, "d", 0, 90, N_("Days after the due day until somebody is reminded"), "†"),
        Figure("collection.least_yuan", 1, "", 0, 10_000, N_("Arrears in yuan below which nobody is reminded"), "†"),
        Figure("collection.age_1", 30, "d", 1, 3660, N_("Arrears by age: last day of the first age"), "†"),
        Figure("collection.age_2", 90, "d", 1, 3660, N_("Arrears by age: last day of the second age"), "†"),
        Figure("collection.age_3", 180, "d", 1, 3660, N_("Arrears by age: last day of the third age"), "†"),
        Figure("collection.age_4", 365, "d", 1, 3660, N_("Arrears by age: last day of the fourth age"), "†"),
        Figure("target.in_time_percent", 90, "%", 0, 100, N_("Target: requests handled in time"), "D4"),
        Figure("target.complaints_percent", 100, "%", 0, 100, N_("Target: complaints handled in time"), "D4"),
        Figure("target.visits_percent", 100, "%", 0, 100, N_("Target: return visits on complaints"), "D4"),
        Figure(
            "target.first_response_minutes",
            30,
            "min",
            1,
            1440,
            N_("Target: first response, mean and 90th percentile"),
            "D4",
        ),
        Figure(
            "target.urgent_repair_minutes", 90, "min", 1, 1440, N_("Target: urgent repairs, mean time to done"), "D4"
        ),
        Figure("target.collection_percent", 95, "%", 0, 100, N_("Target: fees collected"), "D10"),
        Figure("target.satisfaction_percent", 90, "%", 0, 100, N_("Target: satisfied answers"), "D16"),
        Figure(
            "appraisal.remark_days",
            3,
            "d",
            1,
            31,
            N_("Days a person has to remark on an appraisal before it is signed"),
            "†",
        ),
        Figure("privacy.small_number", 5, "", 1, 50, N_("Fewer households than this are merged in the report"), "D14"),
        Figure(
            "outage.ask_hours",
            24,
            "h",
            1,
            168,
            N_("Hours until the staff are asked again whether an announced outage is over"),
            "†",
        ),
        Figure("roster.look_ahead_days", 7, "d", 1, 60, N_("Days ahead in which a gap in the roster is shown"), "D7"),
        Figure(
            "handover.lead_minutes",
            30,
            "min",
            5,
            240,
            N_("Minutes before a change of shift its handover is written"),
            "D7 †",
        ),
        Figure(
            "handover.unsigned_minutes",
            60,
            "min",
            5,
            1440,
            N_("Minutes after a change of shift until an unsigned handover is told to the manager"),
            "D7 †",
        ),
        Figure("drill.every_days", 365, "d", 30, 1830, N_("Days within which every emergency plan is drilled"), "D7 †"),
        Figure("roster.plan_days", 60, "d", 14, 366, N_("Days ahead for which rotations fill in the roster"), "D7 †"),
        Figure(
            "report.remind_after_day",
            3,
            "",
            1,
            28,
            N_("Day of the month from which an unpublished report is pressed"),
            "D14",
        ),
        Figure(
            "report.questions_a_day",
            10,
            "",
            1,
            100,
            N_("Questions about reports that one household may send within 24 hours"),
            "†",
        ),
        Figure("login.failures_here", 10, "", 3, 100, N_("Wrong passwords until a login name is locked"), "†"),
        Figure(
            "login.failures_everywhere",
            30,
            "",
            3,
            1000,
            N_("Wrong passwords from all addresses together until a login name is locked for unknown addresses"),
            "†",
        ),
        Figure("login.failures_address", 100, "", 10, 10000, N_("Wrong passwords until an address is locked"), "†"),
        Figure("login.window_minutes", 15, "min", 1, 1440, N_("Minutes in which wrong passwords are counted"), "†"),
        Figure("login.lock_minutes", 15, "min", 1, 1440, N_("Minutes a login name or an address stays locked"), "†"),
        Figure(
            "login.second_factor",
            1,
            "",
            0,
            3,
            N_("Second factor: a code from one's own telephone besides the password"),
            "†",
            (
                N_("Off"),
                N_("Optional: staff switch it on for themselves"),
                N_("Required of administrators and managers"),
                N_("Required of all staff"),
            ),
        ),
        Figure("invitation.days", 7, "d", 1, 60, N_("Days an invitation stays valid"), "†"),
        Figure(
            "invitation.reset_minutes", 30, "min", 5, 1440, N_("Minutes a link for a new password stays valid"), "†"
        ),
    )
}
