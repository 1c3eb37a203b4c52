"""The outside: carrier, mail, staff alerts, files, PDF, clock. The only package that calls out."""
