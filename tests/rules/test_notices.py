"""Whom a notice reaches, and why not whom it does not (D13). Pure."""

from app.rules.notices import Household, Member, Number, lines, reach

MOBILE, OTHER, LANDLINE = Number("+8613800138001", True), Number("+8613800138002", True), Number("+862165551234", False)
REFUSED = Number("+8613800138003", True, refused=True)


def member(person_id: int, *numbers: Number, role: str = "owner", stopped: bool = False) -> Member:
    return Member(person_id, role, "zh", numbers, stopped)


def planned(*households: Household, ways=("voice", "sms"), everybody: bool = False):
    return [(line.house_id, line.way, line.number, line.state, line.reason) for line in
            lines(households, ways, everybody=everybody)]  # fmt: skip


def test_one_of_each_household_is_told_who_lives_there_first() -> None:
    house = Household(1, "a", (member(1, MOBILE), member(2, OTHER, role="tenant")))
    assert planned(house, ways=("voice",)) == [(1, "voice", OTHER.number, "planned", None)]


def test_an_alert_goes_to_every_number_of_the_house_once() -> None:
    house = Household(1, "a", (member(1, MOBILE, LANDLINE), member(2, MOBILE, role="family")))
    numbers = [number for _, way, number, _, _ in planned(house, everybody=True) if way == "voice"]
    assert sorted(numbers) == sorted([MOBILE.number, LANDLINE.number])


def test_a_landline_is_called_and_never_texted() -> None:
    house = Household(1, "a", (member(1, LANDLINE),))
    assert planned(house) == [
        (1, "voice", LANDLINE.number, "planned", None),
        (1, "sms", None, "impossible", "no_mobile"),
    ]


def test_who_has_two_houses_is_called_once_and_both_are_told() -> None:
    households = [Household(1, "a", (member(1, MOBILE),)), Household(2, "b", (member(1, MOBILE),))]
    found = lines(households, ["voice"], everybody=False)
    assert [line.state for line in found] == ["planned", "shared"]
    assert reach(households, found, by_web=False).reached == 2


def test_why_a_household_is_not_reached() -> None:
    households = [
        Household(1, "nobody"),
        Household(2, "no number", (member(1),)),
        Household(3, "landline", (member(2, LANDLINE),)),
        Household(4, "refused", (member(3, REFUSED),)),
        Household(5, "stopped", (member(4, Number("+8613800138009", False), stopped=True),)),
        Household(6, "well", (member(5, OTHER),)),
    ]
    counted = reach(households, lines(households, ["sms"], everybody=False), by_web=False)
    assert (counted.households, counted.reached) == (6, 1)
    assert counted.not_reached == {"no_person": 1, "no_number": 1, "no_mobile": 1, "opted_out": 2}


def test_the_web_reaches_who_logs_in() -> None:
    households = [Household(1, "a", (member(1),), logs_in=True), Household(2, "b", (member(2),))]
    counted = reach(households, [], by_web=True)
    assert (counted.reached, counted.by_way, counted.not_reached) == (1, {"web": 1}, {"no_login": 1})
