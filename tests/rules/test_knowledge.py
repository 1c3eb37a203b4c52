"""Standard answers by rule (D13): what words find, who takes a version on, what was asked often, what two versions differ in."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Forbidden, Refused
from app.rules import knowledge
from app.rules.knowledge import Candidate, rank, terms
from app.rules.knowledge_gaps import Asked, groups, is_gap, phrases

CARD = Candidate(
    1, 5, "门禁卡丢了怎么补办\nHow do I replace a lost door card", "门禁卡,补卡,door card", "带身份证到前台，二十元一张"
)
PARKING = Candidate(2, 6, "访客的车可以停多久\nHow long may a visitor park", "访客停车", "两小时内免费", used=3)
DECOR = Candidate(3, 7, "装修要办哪些手续\nWhat does a renovation need", "装修,押金", "先申请再开工")
ALL = (CARD, PARKING, DECOR)


@pytest.mark.parametrize(
    ("typed", "category", "first", "sure"),
    [
        ("门禁", None, 1, True),
        ("装修", None, 3, True),
        ("你好，我想问一下门禁卡丢了在哪里补办", None, 1, True),
        ("lost DOOR card", None, 1, True),
        ("ＤＯＯＲ　ｃａｒｄ", None, 1, True),
        ("访客的车停哪", None, 2, True),
        ("身份证", None, 1, False),
        ("", 6, 2, False),
    ],
)
def test_what_is_typed_finds_the_answer(typed: str, category: int | None, first: int, sure: bool) -> None:
    found = rank(typed, category, ALL)
    assert (found[0].id, found[0].sure) == (first, sure)


@pytest.mark.parametrize("typed", ["厨房漏水", "请问一下", "the", "", "!?"])
def test_what_no_answer_speaks_of_finds_none(typed: str) -> None:
    assert rank(typed, None, ALL) == []
    assert rank("厨房漏水", 5, ALL) == [], "the category alone is no answer to words"


def test_of_equals_the_one_used_more_often_comes_first() -> None:
    twin = Candidate(9, 6, PARKING.questions, PARKING.keywords, PARKING.answers, used=4)
    assert [hit.id for hit in rank("访客停车", None, (PARKING, twin))] == [9, 2]


@given(st.text(max_size=300))
def test_terms_are_few_and_never_fail(text: str) -> None:
    found = terms(text)
    assert len(found) == len(set(found)) <= knowledge.MOST_TERMS
    rank(text, 5, ALL)


WRITER, BOSS = frozenset({"assistant"}), frozenset({"supervisor"})
STEPS = {
    ("review", "draft"): "reviewed",
    ("back", "reviewed"): "draft",
    ("publish", "reviewed"): "published",
    ("withdraw", "draft"): "withdrawn",
    ("withdraw", "reviewed"): "withdrawn",
    ("withdraw", "published"): "withdrawn",
}


@pytest.mark.parametrize("state", ["draft", "reviewed", "published", "superseded", "withdrawn"])
@pytest.mark.parametrize("step", list(knowledge.STEPS))
def test_a_version_goes_from_draft_to_reviewed_to_published(step: str, state: str) -> None:
    with pytest.raises(Forbidden):
        knowledge.check_step(step, state, WRITER, own=False)
    if (step, state) in STEPS:
        assert knowledge.check_step(step, state, BOSS, own=False) == STEPS[step, state]
    else:
        with pytest.raises(Refused):
            knowledge.check_step(step, state, BOSS, own=False)


def test_nobody_reviews_their_own_words() -> None:
    with pytest.raises(Refused, match="second person"):
        knowledge.check_step("review", "draft", BOSS, own=True)
    assert knowledge.check_step("publish", "reviewed", BOSS, own=True) == "published"


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [(None, None, True), ((1), None, True), (2, None, False), (None, 1, True), (None, 0, False), (1, 1, True)],
)
def test_both_ends_of_the_time_count(first: int | None, last: int | None, holds: bool) -> None:
    days = {0: date(2026, 3, 9), 1: date(2026, 3, 10), 2: date(2026, 3, 11), None: None}
    assert knowledge.in_force(days[first], days[last], date(2026, 3, 10)) is holds


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_comparison_holds_both_texts_whole(before: str, after: str) -> None:
    found = knowledge.changed(knowledge.pieces(before), knowledge.pieces(after))
    assert "".join(text for kind, text in found if kind != "new") == before
    assert "".join(text for kind, text in found if kind != "gone") == after


@pytest.mark.parametrize(
    ("kind", "state", "counts", "nothing", "used", "gap"),
    [
        ("consultation", "registered", True, True, False, True),
        ("consultation", "registered", True, False, False, False),
        ("consultation", "done", True, False, False, True),
        ("consultation", "visited", True, False, False, True),
        ("consultation", "closed", True, False, False, True),
        ("consultation", "closed", True, True, True, False),
        ("consultation", "closed", False, True, False, False),
        ("consultation", "cancelled", True, True, False, False),
        ("repair", "closed", True, True, False, False),
    ],
)
def test_what_is_a_question_without_an_answer(
    kind: str, state: str, counts: bool, nothing: bool, used: bool, gap: bool
) -> None:
    assert is_gap(kind, state, counts=counts, found_nothing=nothing, used=used) is gap


def test_questions_are_grouped_by_category_and_words() -> None:
    asked = [
        Asked(1, 1, "请问快递柜满了怎么办"),
        Asked(2, 1, "快递柜密码忘了"),
        Asked(3, 1, "快递柜在哪里"),
        Asked(4, 2, "快递柜是谁的"),
        Asked(5, 1, "泳池几点开放"),
        Asked(6, 1, "泳池今天开放吗"),
    ]
    found = groups(asked, 3)
    assert [(one.category_id, one.words, one.ticket_ids) for one in found] == [(1, "快递柜", (1, 2, 3))]
    assert [one.words for one in groups(asked, 2)] == ["快递柜", "开放"], "of equals the first by its signs"


QUESTIONS = st.lists(
    st.builds(
        Asked,
        st.integers(1, 30),
        st.sampled_from([None, 1, 2]),
        st.text(alphabet="快递柜泳池门禁卡开放ab ", max_size=12),
    ),
    max_size=12,
    unique_by=lambda one: one.ticket_id,
)


@given(QUESTIONS, st.integers(2, 4), st.randoms(use_true_random=False))
def test_each_question_stands_in_one_group_whatever_their_order(asked: list[Asked], often: int, random: object) -> None:
    found = groups(asked, often)
    by_id = {one.ticket_id: one for one in asked}
    members = [key for one in found for key in one.ticket_ids]
    assert len(members) == len(set(members))
    for one in found:
        assert len(one.ticket_ids) >= often
        for key in one.ticket_ids:
            assert by_id[key].category_id == one.category_id
            assert one.words in phrases(by_id[key].words)
    shuffled = list(asked)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert groups(shuffled, often) == found
