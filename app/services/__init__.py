"""Use cases: query, apply a rule, write, enqueue what must leave the house. They never commit; entry points do."""
