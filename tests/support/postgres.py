"""A PostgreSQL of our own for one run: a throw-away cluster on a free loopback port, gone when the run ends.

Unless asked to be durable it promises nothing across a power cut (fsync off), which no test needs: faults kill
processes, not the machine. The benchmarks ask.
"""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_min_messages": "error",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "1h",
}


def find_programs() -> Path | None:
    """The folder of initdb and postgres: on the path, else the newest of Debian's."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return versions[-1].parent if versions else None


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _die_with_parent() -> None:
    """Linux: the cluster gets a fast shutdown when the run is killed without a chance to tidy up."""
    ctypes.CDLL(None).prctl(1, signal.SIGINT)


DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


class Cluster:
    """`start()`, then `url(database)`; `halt()` stops the server and keeps its data for another `start()`; `stop()` removes
    everything."""

    def __init__(self, *, durable: bool = False) -> None:
        self.settings = SETTINGS | (DURABLE if durable else {})
        self.folder = Path(tempfile.mkdtemp(prefix="linli-postgres-"))
        self.port = free_port()
        # The server refuses to run as root; Debian's package brings a user for it.
        self.user: str | None = None
        if os.geteuid() == 0:
            names = {entry.pw_name for entry in pwd.getpwall()}
            self.user = "postgres" if "postgres" in names else "nobody"
            entry = pwd.getpwnam(self.user)
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://linli@127.0.0.1:{self.port}/{database}"

    def start(self) -> "Cluster":
        programs = find_programs()
        if programs is None:
            raise RuntimeError("no PostgreSQL on this machine (Debian: the package `postgresql`)")
        data, log = self.folder / "data", self.folder / "log"
        run_as = {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []} if self.user else {}
        if not data.exists():
            subprocess.run(
                [programs / "initdb", "-D", data, "-U", "linli", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
                check=True,
                capture_output=True,
                cwd=self.folder,
                **run_as,  # type: ignore[call-overload]
            )
        options = [f"-c{name}={value}" for name, value in self.settings.items()]
        with open(log, "wb") as out:
            self.process = subprocess.Popen(
                [programs / "postgres", "-D", data, "-p", str(self.port), "-k", self.folder, *options],
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=_die_with_parent,
                **run_as,  # type: ignore[call-overload]
            )
        self._wait(log)
        return self

    def _wait(self, log: Path) -> None:
        assert self.process
        for _ in range(300):
            if self.process.poll() is not None:
                break
            try:
                with psycopg.connect(self.url("postgres").replace("+psycopg", ""), connect_timeout=2):
                    return
            except psycopg.OperationalError:  # no server yet, or one that recovers from a crash
                time.sleep(0.1)
        raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-2000:]}")

    def halt(self, *, crash: bool = False) -> None:
        """Every connection breaks and none comes about. With `crash` it ends as in a crash, and recovers when it starts."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT if crash else signal.SIGINT)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(15)

    def stop(self) -> None:
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)
