"""Emergency plans (D7): which one is opened, who moves a version on, what changed."""

from typing import Any

import pytest

from app.errors import Forbidden, Refused
from app.rules import plans
from app.rules.codes import PlanState, Role
from app.rules.plans import Candidate, Change, Choice, choose


def content(words: str = "", categories: str = "", **more: Any) -> dict[str, Any]:
    found = {"name": "x", "name_en": "", "steps": [], "numbers": [], "things": []}
    return {**found, "words": words.split(), "categories": categories.split(), **more}


LIBRARY = (
    Candidate(1, "general", False, content()),
    Candidate(2, "water", False, content("爆管 水管爆 burst", "water drainage")),
    Candidate(3, "water", True, content("爆管", "water")),
    Candidate(4, "fire", False, content("着火 冒烟", "fire")),
    Candidate(5, "gas", False, content("煤气味", "gas")),
    Candidate(6, "lift", True, content("困人 困在电梯里", "lift")),
    Candidate(7, "weather", True, content("台风 地库进水")),
)


@pytest.mark.parametrize(
    ("said", "category", "expected"),
    [
        ("三单元爆管了", None, Choice(3, True, "爆管")),
        ("三单元水管爆了", "other", Choice(2, True, "水管爆")),
        ("a pipe BURST on the stairs", None, Choice(2, True, "burst")),
        ("水压很低", "water", Choice(3, True)),
        ("下水返水", "drainage", Choice(2, True)),
        ("有人困在电梯里，电梯冒烟", "lift", Choice(4, True, "冒烟")),
        ("台风把水管打爆管了，闻到煤气味", "water", Choice(5, True, "煤气味")),
        ("台风，地库进水", "parking", Choice(7, True, "地库进水")),
        ("有人打架", "security", Choice(1, False)),
        ("", None, Choice(1, False)),
    ],
)
def test_words_come_before_the_category_and_life_before_all(said: str, category: str | None, expected: Choice) -> None:
    assert choose(LIBRARY, said, category) == expected
    assert choose(reversed(LIBRARY), said, category) == expected


def test_the_communitys_own_general_plan_comes_first_and_an_empty_library_has_none() -> None:
    own = Candidate(9, "general", True, content())
    assert choose((*LIBRARY, own), "打架", None) == Choice(9, False)
    assert choose((), "爆管", "water") is None
    assert choose(LIBRARY[1:], "打架", None) is None


COMMUNITY = {
    "review": {Role.SUPERVISOR},
    "return": {Role.SUPERVISOR, Role.MANAGER, Role.DEPUTY},
    "force": {Role.MANAGER, Role.DEPUTY},
    "drop": {Role.ADMIN, Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR},
}
COMPANY = {"review": {Role.QUALITY}, "force": {Role.ADMIN}}
FROM = {"review": {"draft"}, "return": {"reviewed"}, "force": {"reviewed"}, "drop": {"draft", "reviewed"}}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("state", list(PlanState))
def test_who_moves_a_version_on(role: Role, state: PlanState) -> None:
    for name, roles in COMMUNITY.items():
        if role not in roles:
            with pytest.raises(Forbidden):
                plans.decide(name, state, False, frozenset({role}))
        elif state not in FROM[name]:
            with pytest.raises(Refused):
                plans.decide(name, state, False, frozenset({role}))
        else:
            assert plans.decide(name, state, False, frozenset({role})) is plans.STEPS[name]
        allowed = role in roles and state in FROM[name]
        assert (name in plans.allowed(state, False, frozenset({role}))) == allowed
    for name, roles in COMPANY.items():
        assert (name in plans.allowed(state, True, frozenset({role}))) == (role in roles and state in FROM[name])


def step(key: str, zh: str = "做", minutes: int = 0) -> dict[str, Any]:
    return {"key": key, "zh": zh, "en": "", "post": "desk", "minutes": minutes}


def test_what_changed_names_each_part_once() -> None:
    number, thing = {"number": "119", "zh": "火警", "en": ""}, {"zh": "钥匙", "en": "", "place": "柜", "place_en": ""}
    before = content("爆管", steps=[step("a"), step("b"), step("c")], numbers=[number], things=[thing])
    after = content(
        "爆管 跑水", steps=[step("a"), step("c", minutes=5), step("d")], numbers=[], things=[{**thing, "place": "架"}]
    )
    found = [(one.what, one.before and one.before.get("key", "x") if isinstance(one.before, dict) else one.before is not None,
              one.after is not None) for one in plans.changes(before, after)]  # fmt: skip
    assert found == [
        ("words", True, True),
        ("step", "c", True),
        ("step", False, True),
        ("step", "b", False),
        ("number", "x", False),
        ("thing", "x", True),
    ]
    assert plans.changes(before, before) == []


def test_an_inserted_step_changes_no_other_and_a_changed_order_shows() -> None:
    before = content(steps=[step("a"), step("b")])
    assert [one.after["key"] for one in plans.changes(before, content(steps=[step("n"), step("a"), step("b")]))] == [
        "n"
    ]
    moved = plans.changes(before, content(steps=[step("b"), step("a")]))
    assert [(one.before["place_in_order"], one.after["place_in_order"]) for one in moved] == [(2, 1), (1, 2)]
    assert all(isinstance(one, Change) for one in moved)
