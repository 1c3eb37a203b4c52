"""A price as plain data (D9), the figures written out: it travels with a call and is read aloud."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PriceTag:
    """`kind` is a PriceKind; amounts are yuan with two places, in words `unit` and `base` both languages."""

    kind: str
    amount: str = ""
    unit: str = ""
    unit_en: str = ""
    percent: str = ""
    base: str = ""
    base_en: str = ""
