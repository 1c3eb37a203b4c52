"""Pure decisions of the trade: no database, no clock, no network; every function takes what it needs, `now` included."""
