"""The evaluation of a survey, recounted by hand (D8, D14, D16)."""

import json

from hypothesis import given
from hypothesis import strategies as st

from app.rules.survey_figures import Asked, Given, Shape, change_points, evaluate

SHAPES = [Shape("all", "score"), Shape("fast", "choice", 3), Shape("wish", "choices", 3), Shape("words", "text")]


def households(**buildings: tuple[int, int]) -> list[Asked]:
    """`b1=(asked, answered)`; ids go on from 1."""
    made: list[Asked] = []
    for name, (asked, answered) in buildings.items():
        for number in range(asked):
            state = "answered" if number < answered else "asked"
            made.append(Asked(len(made) + 1, name, state, "link" if state == "answered" else None))
    return made


def scored(asked: list[Asked], *scores: int) -> list[Given]:
    answered = [one for one in asked if one.state == "answered"]
    assert len(answered) == len(scores)
    return [Given(one.id, "all", score) for one, score in zip(answered, scores, strict=True)]


def test_answered_of_asked_and_satisfaction_is_4_or_5_of_the_answers() -> None:
    asked = households(b1=(10, 7))
    found = evaluate(SHAPES, asked, scored(asked, 5, 5, 4, 3, 3, 2, 1), 5)
    assert (found["asked"], found["answered"], found["declined"], found["rate"]) == (10, 7, 0, "0.7000")
    assert found["satisfaction"] == {"answers": 7, "satisfied": 3, "rate": "0.4286"}
    question = found["questions"][0]
    assert question == {
        "key": "all", "kind": "score", "answers": 7, "counts": [1, 1, 2, 1, 2], "mean": "3.29", "satisfaction": "0.4286",
    }  # fmt: skip
    assert found["ways"] == {"link": 7}


def test_choices_are_counted_of_who_answered_the_question() -> None:
    asked = households(b1=(6, 6))
    given_ = [
        *[Given(pk, "fast", chosen=(place,)) for pk, place in ((1, 0), (2, 0), (3, 2), (4, 0))],
        Given(1, "wish", chosen=(0, 2)),
        Given(2, "wish", chosen=(2,)),
        Given(3, "words", has_words=True),
    ]
    found = {one["key"]: one for one in evaluate(SHAPES, asked, given_, 5)["questions"]}
    assert (found["fast"]["answers"], found["fast"]["counts"], found["fast"]["shares"]) == (
        4, [3, 0, 1], ["0.7500", "0.0000", "0.2500"],
    )  # fmt: skip
    assert (found["wish"]["answers"], found["wish"]["counts"], found["wish"]["shares"]) == (
        2, [1, 0, 2], ["0.5000", "0.0000", "1.0000"],
    )  # fmt: skip
    assert found["words"] == {"key": "words", "kind": "text", "answers": 1}
    assert (found["all"]["answers"], found["all"]["mean"], found["all"]["satisfaction"]) == (0, None, None)


def test_buildings_with_fewer_than_five_answering_households_are_told_together() -> None:
    asked = households(b1=(10, 6), b2=(8, 2), b3=(9, 4), b4=(7, 5))
    found = evaluate(SHAPES, asked, scored(asked, *[5] * 6, *[1] * 2, *[3] * 4, *[4] * 5), 5)
    assert [(part["codes"], part["asked"], part["answered"]) for part in found["buildings"]] == [
        (["b1"], 10, 6), (["b4"], 7, 5), (["b2", "b3"], 17, 6),
    ]  # fmt: skip
    assert [part["satisfaction"]["rate"] for part in found["buildings"]] == ["1.0000", "1.0000", "0.0000"]


def test_what_is_merged_is_itself_never_below_five_so_that_nothing_can_be_told_by_subtracting() -> None:
    asked = households(b1=(10, 9), b2=(8, 2), b3=(7, 6))
    found = evaluate(SHAPES, asked, scored(asked, *[5] * 9, *[1] * 2, *[4] * 6), 5)
    assert [(part["codes"], part["answered"]) for part in found["buildings"]] == [(["b1"], 9), (["b2", "b3"], 8)]


def test_with_too_few_in_all_the_buildings_are_one_line() -> None:
    asked = households(b1=(4, 1), b2=(4, 2))
    found = evaluate(SHAPES, asked, scored(asked, 5, 1, 4), 5)
    assert [(part["codes"], part["answered"]) for part in found["buildings"]] == [(["b1", "b2"], 3)]


def test_against_the_last_survey_by_the_keys_of_the_questions() -> None:
    asked = households(b1=(10, 6))
    last = evaluate(SHAPES, asked, scored(asked, 5, 4, 3, 3, 2, 1), 5)
    found = evaluate([*SHAPES, Shape("new", "score")], asked, scored(asked, 5, 5, 5, 4, 3, 1), 5, last)
    assert found["last"] == {"asked": 10, "answered": 6, "rate": "0.6000", "satisfaction": "0.3333", "points": "+33.3"}
    assert found["questions"][0]["last"] == {"satisfaction": "0.3333", "points": "+33.3"}
    assert "last" not in found["questions"][-1]
    assert "last" not in evaluate(SHAPES, asked, scored(asked, 5, 5, 5, 4, 3, 1), 5)


def test_changes_are_points_and_nothing_where_one_side_is_missing() -> None:
    assert change_points("0.7500", "0.8000") == "-5.0"
    assert change_points("0.8000", "0.8000") == "+0.0"
    assert change_points(None, "0.5") is None
    assert change_points("0.5", None) is None


def test_a_survey_that_nobody_answered_has_no_satisfaction_not_one_of_zero() -> None:
    found = evaluate(SHAPES, households(b1=(3, 0)), [], 5)
    assert (found["answered"], found["rate"], found["satisfaction"]["rate"]) == (0, "0.0000", None)


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.sampled_from(["asked", "answered", "declined"]), st.integers(1, 5)),
        max_size=60,
    ),
    st.integers(1, 8),
)
def test_the_parts_add_up_and_nobody_stands_alone(rows, smallest: int) -> None:
    asked = [Asked(number, building, state) for number, (building, state, _score) in enumerate(rows)]
    given_ = [Given(number, "all", score) for number, (_b, state, score) in enumerate(rows) if state == "answered"]
    found = evaluate(SHAPES, asked, given_, smallest)
    parts = found["buildings"]
    assert sum(part["asked"] for part in parts) == found["asked"] == len(rows)
    assert sum(part["answered"] for part in parts) == found["answered"]
    assert sum(part["satisfaction"]["satisfied"] for part in parts) == found["satisfaction"]["satisfied"]
    assert sum(found["questions"][0]["counts"]) == found["answered"]
    assert len(parts) == 1 or all(part["answered"] >= smallest for part in parts)
    assert sorted(code for part in parts for code in part["codes"]) == sorted({building for building, *_ in rows})
    assert json.loads(json.dumps(found)) == found, "it can be frozen as it is"
