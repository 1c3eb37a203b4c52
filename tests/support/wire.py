"""A wire to a server that can be cut, mended, muted, or stopped in the moment of a commit."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress


class Wire:
    """`port` leads to the server behind it. `cut`: connections break and none comes about. `mute`: connections stay open
    and nothing comes back. `at_commit`: what to do when the server has committed and its answer is on its way."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.pairs: list[tuple[socket.socket, socket.socket]] = []
        self.cut_off = self.muted = False
        self.at_commit: Callable[[], None] | None = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if self.cut_off:
                near.close()
                continue
            far = socket.create_connection(self.target)
            self.pairs.append((near, far))
            committing = threading.Event()
            for one, other, out in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._carry, args=(one, other, out, committing), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, out: bool, committing: threading.Event) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if self.muted:
                    continue
                if out and self.at_commit and b"COMMIT" in data:
                    committing.set()
                if not out and committing.is_set() and self.at_commit:
                    then, self.at_commit = self.at_commit, None
                    then()
                    break
                sink.sendall(data)
        for end in (source, sink):
            end.close()

    def cut(self) -> None:
        self.cut_off = True
        self._break()

    def mute(self) -> None:
        self.muted = True

    def mend(self) -> None:
        if self.muted:
            self._break()
        self.cut_off = self.muted = False

    def _break(self) -> None:
        for pair in self.pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self.pairs.clear()

    def close(self) -> None:
        self.cut()
        self.listener.close()
