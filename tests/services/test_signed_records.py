"""Records to sign, whatever their kind: reviewed, signed by somebody else, frozen, corrected by a new version (issue 5)."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask_appbuilder.security.sqla.models import User
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DatabaseError

from app.errors import Forbidden, Invalid, Refused
from app.models import SignedRecord
from app.rules.codes import RecordKind
from app.services import signed_records
from app.services.signed_records import draft, fingerprint, is_whole, review, sign, versions
from tests.support.databases import Databases
from tests.support.special import HOUR
from tests.support.tickets import SmallEstate, unsaved_estate

KIND = RecordKind.SPECIAL_EVENT


@pytest.fixture
def estate(session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


def drafted(session, estate, now, content=None, reason=None) -> SignedRecord:
    said = {"a": 1} if content is None else content
    return draft(session, estate.actor("assistant"), KIND, estate.community.id, "7", said, now, reason)


def signed(session, estate, now, content=None, reason=None) -> SignedRecord:
    record = drafted(session, estate, now, content, reason)
    review(session, estate.actor("supervisor"), record, now)
    sign(session, estate.actor("manager"), record, now)
    return record


def test_the_way_of_a_record_says_who_when_and_exactly_what(session, estate, now):
    record = drafted(session, estate, now)
    assert (record.state, record.version, record.drafted_by) == ("draft", 1, "assistant员")
    review(session, estate.actor("supervisor"), record, now + HOUR, record.sha256)
    assert (record.state, record.reviewed_by, record.reviewed_at) == ("reviewed", "supervisor员", now + HOUR)
    sign(session, estate.actor("manager"), record, now + 2 * HOUR, record.sha256)
    assert (record.state, record.signed_by, record.signed_at) == ("signed", "manager员", now + 2 * HOUR)
    assert record.sha256 == fingerprint(KIND, "7", 1, {"a": 1})
    assert is_whole(record)


def test_the_hash_is_the_one_written_down_here():
    """Anybody can make it again: SHA-256 of this JSON in UTF-8."""
    plain = '{"content":{"a":"电梯","b":[1,null]},"kind":"special_event","subject":"7","version":2}'
    said = {"b": [1, None], "a": "电梯"}
    assert fingerprint("special_event", "7", 2, said) == hashlib.sha256(plain.encode()).hexdigest()


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.characters(exclude_categories=("Cs",)), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc电", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abc电", max_size=3), PLAIN, max_size=4), st.randoms())
def test_the_order_of_keys_changes_no_hash_and_any_other_word_does(content, random):
    names = list(content)
    random.shuffle(names)
    assert fingerprint("k", "s", 1, {name: content[name] for name in names}) == fingerprint("k", "s", 1, content)
    assert fingerprint("k", "s", 1, {**content, "zz": "更"}) != fingerprint("k", "s", 1, content)
    assert len({fingerprint(kind, subject, v, content) for kind in "kl" for subject in "st" for v in (1, 2)}) == 8


def test_it_is_signed_after_the_review_and_by_somebody_else(session, estate, now):
    record = drafted(session, estate, now)
    with pytest.raises(Refused, match="after the supervisor"):
        sign(session, estate.actor("manager"), record, now)
    review(session, estate.actor("supervisor"), record, now)
    with pytest.raises(Refused, match="Only a draft"):
        review(session, estate.actor("supervisor"), record, now)
    sign(session, estate.actor("manager"), record, now)
    with pytest.raises(Refused, match="does not change any more"):
        sign(session, estate.actor("manager"), record, now)


def test_one_person_with_both_roles_does_not_do_both(session, estate, now):
    user = User(username="both", first_name="x", last_name="", email="both@example.org", active=True)
    session.add(user)
    session.flush()
    both = replace(estate.actor("manager"), roles=frozenset({"manager", "supervisor"}), user_id=user.id)
    record = drafted(session, estate, now)
    review(session, both, record, now)
    with pytest.raises(Refused, match="does not sign it, too"):
        sign(session, both, record, now)


@pytest.mark.parametrize("who", ["assistant", "steward", "tech_a", "quality"])
def test_nobody_else_reviews_or_signs(session, estate, now, who):
    record = drafted(session, estate, now)
    for step in (review, sign):
        with pytest.raises(Forbidden):
            step(session, estate.actor(who), record, now)


def test_supervisor_and_manager_of_another_community_do_neither(session, estate, now):
    record = drafted(session, estate, now)
    for step, who in ((review, "supervisor"), (sign, "manager")):
        with pytest.raises(Forbidden):
            step(session, replace(estate.actor(who), community_ids=frozenset({0})), record, now)


def test_what_the_reader_has_not_seen_is_not_reviewed_or_signed(session, estate, now):
    record = drafted(session, estate, now)
    seen = record.sha256
    drafted(session, estate, now, {"a": 2})
    with pytest.raises(Refused, match="has changed since you opened it"):
        review(session, estate.actor("supervisor"), record, now, seen)
    review(session, estate.actor("supervisor"), record, now, record.sha256)
    with pytest.raises(Refused, match="has changed since you opened it"):
        sign(session, estate.actor("manager"), record, now, seen)


def test_a_change_takes_the_review_back_and_the_same_words_do_not(session, estate, now):
    record = drafted(session, estate, now)
    review(session, estate.actor("supervisor"), record, now)
    assert drafted(session, estate, now + HOUR).state == "reviewed"
    assert drafted(session, estate, now + HOUR, {"a": 2}).state == "draft"
    assert (record.reviewed_by, record.reviewed_at, record.drafted_at) == (None, None, now + HOUR)


def test_a_correction_is_a_new_version_that_says_why(session, estate, now):
    first = signed(session, estate, now)
    for reason in (None, "", "  "):
        with pytest.raises(Invalid, match="what the new version corrects"):
            drafted(session, estate, now, {"a": 2}, reason)
    second = signed(session, estate, now + HOUR, {"a": 2}, "数字写错")
    assert [(one.version, one.reason, one.state) for one in versions(session, KIND, estate.community.id, "7")] == [
        (2, "数字写错", "signed"),
        (1, "", "signed"),
    ]
    assert (first.content, second.content) == ({"a": 1}, {"a": 2})
    assert first.sha256 != second.sha256


@pytest.mark.parametrize("name", ["content", "signed_by", "sha256", "reviewed_at"])
def test_a_signed_version_never_changes(session, estate, now, name):
    record = signed(session, estate, now)
    setattr(record, name, {"content": {"a": 2}, "reviewed_at": now + HOUR}.get(name, "x" * 64))
    with pytest.raises(DatabaseError, match="append-only"), session.begin_nested():
        session.flush()


def test_a_version_that_was_changed_behind_our_back_is_seen(session, estate, now):
    record = drafted(session, estate, now)
    assert is_whole(record)
    record.content = {"a": 2}
    assert not is_whole(record)
    assert signed_records.REVIEWS == ("supervisor",)
    assert signed_records.SIGNS == ("manager",)
