"""Pages and REST over a small estate with a login of every role."""

from datetime import datetime

import pytest
from flask import Flask

from tests.support.estate import Estate, build_estate


@pytest.fixture
def estate(app: Flask, now: datetime) -> Estate:
    """See `tests.support.estate`."""
    from app.extensions import db

    with app.app_context():
        made = build_estate(db.session(), now)
        db.session.commit()
        db.session.remove()
    return made
