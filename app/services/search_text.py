"""Words in the titles of tickets, found by an index also where there are a million of them and the word has two characters.

On PostgreSQL a function of our own (`linli_grams`, made by a migration) gives every two neighbouring characters of a title, and
an inverted index keeps them: 厨房漏水 is found by 漏水 as fast as by its number. Trigrams of pg_trgm find nothing below three
characters, and their extension may not be installed everywhere; pairs need no extension. Elsewhere, and for a single
character, it is a plain LIKE.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, func, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.models import Person, Ticket

SHORTEST = 2
NUMBER_DIGITS = 8


def title_holds(session: Session, words: str) -> ColumnElement[bool]:
    """The condition that a ticket's title holds the words, whatever their case."""
    return holds(session, Ticket.title, words)


def name_holds(session: Session, words: str) -> ColumnElement[bool]:
    """The condition that a person's name holds the words."""
    return holds(session, Person.name, words)


def number_begins(digits: str) -> ColumnElement[bool]:
    """The condition that a ticket's number begins with these digits: all have eight, so it lies between two of them, which the
    index of the number answers under any collation."""
    return Ticket.number.between(digits.ljust(NUMBER_DIGITS, "0"), digits.ljust(NUMBER_DIGITS, "9"))


def ends_with(session: Session, number: InstrumentedAttribute[Any], digits: str) -> ColumnElement[bool]:
    """The condition that a telephone number ends with these digits: on PostgreSQL by an index over the number turned around."""
    if not _on_postgres(session):
        return number.endswith(digits, autoescape=True)
    return func.reverse(number, type_=Text).like(f"{digits[::-1]}%")


def _on_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def holds(session: Session, column: InstrumentedAttribute[Any], words: str) -> ColumnElement[bool]:
    """The condition that a column with an index of pairs holds the words, whatever their case. Two characters are answered by
    the index; for longer words the index leaves few rows, and the column itself decides."""
    has_case = words.lower() != words.upper()
    plain = column.icontains(words, autoescape=True) if has_case else column.contains(words, autoescape=True)
    if len(words) < SHORTEST or not _on_postgres(session):
        return plain
    pairs = func.linli_grams(column, type_=ARRAY(Text)).contains(_pairs(words))
    # Where rows are read in their order until a page is full, the pairs of each would be made: what does not hold the words at
    # all is thrown out before, by a condition that the planner takes for true of nearly every row.
    return and_(case((plain, 1)).is_not(None), pairs) if len(words) == SHORTEST else and_(pairs, plain)


def _pairs(words: str) -> ColumnElement[list[str]]:
    # Known when the statement is planned, so that the planner sees how rare the pairs are.
    return func.linli_grams(literal(words, Text), type_=ARRAY(Text))
