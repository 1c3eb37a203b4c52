"""What OpenAPI says of a method: put behind the first line of its docstring, where Flask-AppBuilder looks for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

Schema = Mapping[str, Any]
Method = TypeVar("Method", bound=Callable[..., Any])

_OWN = "#/components/schemas/{{self.__class__.__name__}}"
_REFUSALS = {400: "400", 401: "401", 403: "403", 404: "404", 409: "422"}

ROW: Schema = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "result": {"$ref": f"{_OWN}.get"}},
}
"""One row as GET shows it."""

ROWS: Schema = {
    "type": "object",
    "properties": {
        "count": {"type": "integer"},
        "ids": {"type": "array", "items": {"type": "integer"}},
        "result": {"type": "array", "items": {"$ref": f"{_OWN}.get_list"}},
    },
}
POSTED: Schema = {"$ref": f"{_OWN}.post"}
FILE: Schema = {"type": "string", "format": "binary"}
KEY: Schema = {"in": "path", "name": "pk", "required": True, "schema": {"type": "integer"}}


def content(schema: Schema, media_type: str = "application/json") -> dict[str, Any]:
    """A body of one media type."""
    return {media_type: {"schema": schema}}


def described(
    verb: str,
    words: str,
    shown: Mapping[str, Any],
    *,
    status: int = 200,
    parameters: Sequence[Schema] = (),
    body: Mapping[str, Any] | None = None,
    refusals: Sequence[int] = (401, 404),
    further: Mapping[int, str] | None = None,
) -> Callable[[Method], Method]:
    """Describe a method: what it answers (`words`, `shown`), takes (`parameters`, `body`) and how it refuses. Innermost decorator:
    those around it copy the docstring. `further` are refusals with words of their own."""

    def describe(method: Method) -> Method:
        responses: dict[str, Any] = {str(status): {"description": words, "content": shown}}
        responses |= {str(code): {"$ref": f"#/components/responses/{_REFUSALS[code]}"} for code in refusals}
        if body is not None:
            responses["413"] = {"description": "The body is larger than is taken at once; the message says how much is"}
        responses |= {str(code): {"description": text} for code, text in (further or {}).items()}
        operation: dict[str, Any] = {"responses": responses}
        if parameters:
            operation["parameters"] = list(parameters)
        if body is not None:
            operation["requestBody"] = body
        method.__doc__ = f"{(method.__doc__ or '').strip()}\n---\n{json.dumps({verb: operation}, ensure_ascii=False)}"
        return method

    return describe
