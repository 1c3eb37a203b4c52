"""Tests reach this machine only. Anything else is a mistake of the test or of the product, and fails at once by name."""

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

LOCAL_NAMES = {"", "localhost", "ip6-localhost", socket.gethostname()}


class OutsideNetworkError(RuntimeError):
    """A test tried to reach another machine."""


def is_local(host: object) -> bool:
    if host is None:
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in LOCAL_NAMES or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def shut() -> Callable[[], None]:
    """Shut all sockets but loopback and unix ones; the answer opens them again."""
    real_connect, real_connect_ex = socket.socket.connect, socket.socket.connect_ex
    real_sendto, real_getaddrinfo = socket.socket.sendto, socket.getaddrinfo

    def check(sock: socket.socket, address: Any) -> None:
        if sock.family in (socket.AF_INET, socket.AF_INET6) and not is_local(address[0]):
            raise OutsideNetworkError(f"tests reach this machine only, not {address[0]}:{address[1]}")

    def connect(self: socket.socket, address: Any) -> None:
        check(self, address)
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        check(self, address)
        return real_connect_ex(self, address)

    def sendto(self: socket.socket, data: Any, *rest: Any) -> int:
        check(self, rest[-1])
        return real_sendto(self, data, *rest)

    def getaddrinfo(host: Any, *rest: Any, **named: Any) -> Any:
        if not is_local(host):
            raise OutsideNetworkError(f"tests reach this machine only; the name {host!r} is not looked up")
        return real_getaddrinfo(host, *rest, **named)

    def open_again() -> None:
        socket.socket.connect, socket.socket.connect_ex = real_connect, real_connect_ex  # type: ignore[method-assign]
        socket.socket.sendto, socket.getaddrinfo = real_sendto, real_getaddrinfo  # type: ignore[method-assign]

    socket.socket.connect, socket.socket.connect_ex = connect, connect_ex  # type: ignore[method-assign,assignment]
    socket.socket.sendto, socket.getaddrinfo = sendto, getaddrinfo  # type: ignore[method-assign,assignment]
    return open_again
