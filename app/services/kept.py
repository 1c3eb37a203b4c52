"""What is made once a process instead of once a request: the most recently used of its kind, found by all it depends on."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

Thing = TypeVar("Thing")


class Kept(Generic[Thing]):
    """At most so many things by their keys; the ones that nobody asked for longest go first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._things: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable | None, make: Callable[[], Thing]) -> Thing:
        """The thing under this key, made where it is missing; under None it is made every time."""
        if key is None:
            return make()
        try:
            # Popped and put back: two threads may do so at once, and none of them finds it half done.
            thing: Thing = self._things.pop(key)
        except KeyError:
            thing = make()
        self._things[key] = thing
        while len(self._things) > self.most:
            try:
                self._things.popitem(last=False)
            except KeyError:
                break
        return thing
