"""`flask hotline call`: a telephone in the terminal (I1), for people and for scripts (a pipe is a telephone too).

It uses the same simulated company as the page /phone, hence the same signed webhooks. One line of input is one thing done,
and is taken only when the line waits for something, so that a script needs no timing.
"""

from __future__ import annotations

import queue
import re
import sys
import threading
import time
from collections.abc import Callable

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import force_locale, gettext

from app.adapters.carrier.base import CarrierError
from app.adapters.carrier.simulator import SimulatorCarrier, simulator_of
from app.adapters.carrier.simulator.picture import photo
from app.adapters.carrier.simulator.store import Event, Leg
from app.errors import N_

TICK_SECONDS = 0.1
SETTLE_SECONDS = 0.4
PATIENCE_SECONDS = 30.0
LISTENING = ("gather", "record", "bridged", "dial")
_DIGITS = re.compile(r"(?:d\s+)?([0-9*#]{1,30})")

HELP = N_(
    "keys: 1 or d 1 · words: type them (s 1 says a one) · Enter: stay silent · h: hang up · "
    "a: answer a ringing staff telephone, v: its voicemail does, n: decline · k 1: its key 1, t words: say there, x: hang it up · "
    "w 5: wait 5 seconds · m words: text message to the hotline, p words: with a photo"
)


@click.group("hotline")
def hotline_cli() -> None:
    """The hotline: a telephone in the terminal."""


@hotline_cli.command("call")
@click.option(
    "--from", "from_number", default="+8613800138001", show_default=True, help="who calls; `withheld` hides it"
)
@click.option("--to", "to_number", default=None, help="the number called (default: HOTLINE_NUMBER)")
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), default=None, help="language of the call and of this telephone"
)
@with_appcontext
def call_command(from_number: str, to_number: str | None, lang: str | None) -> None:
    """Call the hotline. Reads what you say and key from standard input; the product must be running (`make run`)."""
    settings = current_app.extensions["settings"]
    if settings.carrier != "simulator":
        raise click.ClickException("the terminal telephone needs CARRIER=simulator")
    caller = "+266696687" if from_number == "withheld" else from_number
    if not re.fullmatch(r"\+?[0-9A-Za-z]{2,20}", caller):
        raise click.ClickException(f"{from_number!r} is no telephone number")
    language = lang or settings.default_locale
    with force_locale(language):
        telephone = Telephone(simulator_of(settings), caller, to_number or settings.hotline_number)
        telephone.first_key = "8" if language != settings.default_locale else ""
        sys.exit(telephone.run(_lines()))


class Telephone:
    """One call, and everything that rings or arrives beside it."""

    def __init__(self, company: SimulatorCarrier, caller: str, called: str) -> None:
        self.company, self.caller, self.called = company, caller, called
        self.first_key = ""
        self.sid = ""
        self.seen: dict[str, int] = {}
        self.messages: set[str] = set()
        self.staff: dict[str, int] = {}
        self.wait_until = 0.0
        self.eof = False
        self.unreached = False

    def run(self, lines: queue.Queue[str | None]) -> int:
        """Dial, and go on until the call is over and nothing more is to be said. The exit code."""
        self.messages = {sms.sid for sms in self.company.store.sms(500)}
        old = {leg.sid for leg in self.company.store.live_legs()}
        _print("☎", gettext("calling %(number)s from %(caller)s", number=self.called, caller=self.caller))
        if sys.stdin.isatty():
            _print(" ", gettext(HELP))
        self.sid = self.company.dial(self.caller, self.called)
        calm_since = started = time.monotonic()
        while True:
            if self._show(old):
                calm_since = time.monotonic()
            if self.unreached:
                _print(
                    "!",
                    gettext(
                        "The hotline does not answer at %(url)s: is the product running?", url=self.company.base_url
                    ),
                )
                return 1
            ready = time.monotonic() - calm_since >= SETTLE_SECONDS and time.monotonic() >= self.wait_until
            if ready and self._next(lines):
                calm_since = started = time.monotonic()
            elif ready and self._over(started):
                return 0
            time.sleep(TICK_SECONDS)

    def _next(self, lines: queue.Queue[str | None]) -> bool:
        """Do what the next line says, if the line is ready to hear it."""
        leg = self.company.store.leg(self.sid)
        if leg is None or (leg.ended_at is None and leg.waiting not in LISTENING and not leg.queue):
            return False
        if self.first_key and leg.waiting == "gather":
            self.first_key, key = "", self.first_key
            self.company.keys(self.sid, key)
            return True
        try:
            line = lines.get_nowait()
        except queue.Empty:
            return False
        if line is None:
            self.eof = True
            if leg.ended_at is None:
                self.company.put_down(self.sid)
            return True
        try:
            self._do(line.strip(), leg.ended_at is not None)
        except CarrierError as error:
            _print("!", str(error))
        return True

    def _over(self, since: float) -> bool:
        """Whether there is nothing left: the call has ended, and no more input comes."""
        leg = self.company.store.leg(self.sid)
        ended = leg is None or leg.ended_at is not None
        if ended and (self.eof or sys.stdin.isatty()):
            return time.monotonic() - since > 2.0
        return not ended and self.eof and time.monotonic() - since > PATIENCE_SECONDS

    def _do(self, line: str, ended: bool) -> None:
        word, _, rest = line.partition(" ")
        act = self._acts(ended).get(word if rest or len(word) == 1 else "")
        if act is not None:
            act(rest.strip())
        elif ended:
            _print("!", gettext("The call is over."))
        elif not line:
            self.company.silence(self.sid)
        elif found := _DIGITS.fullmatch(line):
            self.company.keys(self.sid, found[1])
        else:
            self.company.words(self.sid, line.removeprefix("s "))

    def _acts(self, ended: bool) -> dict[str, Callable[[str], None]]:
        return {
            "h": lambda _: None if ended else self.company.put_down(self.sid),
            "a": lambda _: self.company.answer(self._staff("ringing", "queued")),
            "v": lambda _: self.company.answer(self._staff("ringing", "queued"), machine=True),
            "n": lambda _: self.company.decline(self._staff("ringing", "queued")),
            "k": lambda rest: self.company.keys(self._staff("in-progress"), rest),
            "t": lambda rest: self.company.words(self._staff("in-progress"), rest),
            "x": lambda _: self.company.put_down(self._staff("in-progress")),
            "w": self._wait,
            "m": lambda rest: self._text(rest),
            "p": lambda rest: self._text(rest, photo()),
            "?": lambda _: _print(" ", gettext(HELP)),
        }

    def _wait(self, rest: str) -> None:
        seconds = float(rest) if re.fullmatch(r"\d{1,4}(\.\d+)?", rest) else 1.0
        self.wait_until = time.monotonic() + seconds

    def _text(self, body: str, *pictures: bytes) -> None:
        if not self.company.text(self.caller, self.called, body, pictures):
            _print("!", gettext("The text message was not taken."))

    def _staff(self, *states: str) -> str:
        """The staff telephone a command means: the one that began to ring last. It may be about to: waited for a while."""
        end = time.monotonic() + 5
        while time.monotonic() < end:
            legs = [leg for leg in self.company.store.live_legs() if leg.status in states and leg.sid in self.staff]
            if legs:
                # A telephone that rings for this call comes before one that rings for another.
                return max(legs, key=lambda leg: (leg.parent == self.sid, leg.created_at)).sid
            self._show(set(self.seen) - set(self.staff))
            time.sleep(TICK_SECONDS)
        raise CarrierError(gettext("No staff telephone is ringing or talking."))

    def _show(self, old: set[str]) -> bool:
        """Print what is new: on this line, at the staff's telephones, in the message box."""
        new = self._show_leg(self.sid, "")
        for leg in self.company.store.live_legs():
            if leg.direction != "inbound" and leg.sid not in old and leg.sid not in self.staff:
                self.staff[leg.sid] = len(self.staff) + 1
                _print("🔔", gettext("%(number)s is ringing (a: answer, n: decline)", number=leg.to_number))
                new = True
        for sid in self.staff:
            leg_or_none = self.company.store.leg(sid)
            new |= self._show_leg(sid, _name(leg_or_none))
        for sms in reversed(self.company.store.sms(40)):
            if sms.sid not in self.messages and sms.status in ("delivered", "received", "failed"):
                self.messages.add(sms.sid)
                _print("✉", f"{sms.from_number} → {sms.to_number}: {sms.body}")
                new = True
        return new

    def _show_leg(self, sid: str, who: str) -> bool:
        events = self.company.store.events(sid, self.seen.get(sid, 0))
        for event in events:
            self.seen[sid] = event.id
            self._show_event(event, who)
        return bool(events)

    def _show_event(self, event: Event, who: str) -> None:
        mark = f"[{who}] " if who else ""
        shown = _EVENTS.get(event.kind)
        if event.kind == "say":
            _print("🔊" if not who else "  ", mark + event.text)
        elif event.kind == "heard":
            _print("👂", mark + event.text)
        elif event.kind == "error":
            self.unreached = self.unreached or ("HTTP 0" in event.text and not who)
            _print("!", mark + event.text)
        elif event.kind == "recording":
            paused = event.text == "paused"
            _print(
                "⏸" if paused else "⏺", mark + (gettext("recording paused") if paused else gettext("recording goes on"))
            )
        elif event.kind == "end":
            _print("☎", mark + gettext("the call is over (%(status)s)", status=event.text))
        elif shown is not None:
            _print("·", mark + gettext(shown) + (f" {event.text}" if event.kind in ("keys", "words") else ""))


_EVENTS = {
    "keys": N_("keyed:"),
    "words": N_("said:"),
    "silence": N_("stayed silent"),
    "beep": N_("beep: recording"),
    "queue": N_("waiting in the queue"),
    "connect": N_("connected"),
    "answer": N_("answered"),
    "deaf": N_("only keys are taken here"),
    "hang_up": N_("hung up"),
}


def _name(leg: Leg | None) -> str:
    return leg.to_number if leg else ""


def _print(sign: str, text: str) -> None:
    click.echo(f"{sign} {text}")
    sys.stdout.flush()


def _lines() -> queue.Queue[str | None]:
    """Standard input, read beside: a person types while the line speaks."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line.rstrip("\n"))
        lines.put(None)

    threading.Thread(target=read, daemon=True, name="terminal").start()
    return lines
