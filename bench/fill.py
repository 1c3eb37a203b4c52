"""`python -m bench.fill`: the demo records of twelve months into the seeded database of the environment."""

from app.adapters.clock import now
from app.cli.demo import load_demo
from run import app

with app.app_context():
    load_demo(now(), communities=1, tickets=None)
