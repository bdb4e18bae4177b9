"""Schwab's own OpenAPI documents, asked what they think of a request and its answer."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from attrs import frozen
from jsonschema import Draft7Validator

from tests.trading.builders import SHARED


FOLDER: Final = SHARED / "schwab" / "openapi"
FILES: Final = {
    "/trader/v1": FOLDER / "trader_api.openapi.json",
    "/marketdata/v1": FOLDER / "market_data.openapi.json",
}
BAD: Final = 400
SYMBOLS: Final = frozenset({"AAPL", "MSFT", "SPY"})
Json = dict[str, Any]


@frozen(kw_only=True)
class Exchange:
    """One request and its answer."""

    method: str
    path: str
    query: Mapping[str, str]
    sent: Any
    status: int
    received: Any


def objections(exchange: Exchange) -> Iterator[tuple[str, str]]:
    """What the documents do not have: the route, and where what is otherwise."""
    base = next(base for base in FILES if exchange.path.startswith(base))
    document = _document(base)
    found = _operation(document, exchange.path.removeprefix(base), exchange.method)
    if found is None:
        yield f"{exchange.method} {exchange.path}", "no such route"
        return
    route, operation = found
    yield from ((route, what) for what in _of_operation(document, operation, exchange))


def _of_operation(document: Json, operation: Json, exchange: Exchange) -> Iterator[str]:
    # What is asked wrongly on purpose is the answer's business.
    if exchange.status < BAD:
        for what in _query(document, operation, exchange.query):
            yield f"query {what}"
        for what in _body(document, operation.get("requestBody", {}), exchange.sent):
            yield f"request {what}"
    response = operation["responses"].get(str(exchange.status))
    if response is None:
        yield f"status {exchange.status}"
        return
    kind = "answer" if exchange.status < BAD else str(exchange.status)
    for what in _body(document, _resolved(document, response), exchange.received):
        yield f"{kind} {what}"


def _operation(document: Json, path: str, method: str) -> tuple[str, Json] | None:
    for template, methods in sorted(document["paths"].items(), key=lambda each: "{" in each[0]):
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method.lower() in methods:
            return f"{method} {template}", methods[method.lower()]
    return None


def _query(document: Json, operation: Json, query: Mapping[str, str]) -> Iterator[str]:
    known = [_resolved(document, each) for each in operation.get("parameters", ())]
    named = {each["name"]: each for each in known if each["in"] == "query"}
    for name in query.keys() - named.keys():
        yield f"{name}: unknown"
    for name, parameter in named.items():
        if name not in query:
            if parameter.get("required"):
                yield f"{name}: missing"
            continue
        value: Any = query[name]
        if parameter["schema"].get("type") in ("integer", "boolean"):
            value = json.loads(value)
        if parameter["schema"].get("type") == "array":
            value = value.split(",")
        for what in _faults(document, parameter["schema"], value):
            yield f"{name}{what}"


def _body(document: Json, described: Json, body: Any) -> Iterator[str]:
    content = described.get("content", {}).get("application/json")
    if content is None or "schema" not in content:
        if body is not None:
            yield "$: there is none"
        return
    yield from (f"${what}" for what in _faults(document, content["schema"], body))


def _faults(document: Json, schema: Json, value: Any) -> Iterator[str]:
    whole = {"allOf": [_strict(document, schema)], "components": document["components"]}
    for error in Draft7Validator(whole).iter_errors(value):
        named = [part for part in error.absolute_path if isinstance(part, str)]
        where = "".join(f".{'SYMBOL' if part in SYMBOLS else part}" for part in named)
        if error.validator == "additionalProperties":
            for name in sorted(error.instance.keys() - error.schema["properties"].keys()):
                yield f"{where}.{name}: unknown"
        else:
            yield f"{where}: {error.validator}"


# --- documents made strict ----------------------------------------------------------------------


@cache
def _document(base: str) -> Json:
    """A document whose objects allow no properties but their own."""
    document: Json = json.loads(FILES[base].read_text(encoding="utf-8"))
    schemas = document["components"]["schemas"]
    strict = {name: _strict(document, schema) for name, schema in schemas.items()}
    document["components"]["schemas"] = strict
    return document


def _strict(document: Json, schema: Any) -> Any:
    if not isinstance(schema, dict) or "$ref" in schema:
        return schema
    if "discriminator" in schema and "oneOf" in schema:
        return _by_discriminator(schema["discriminator"])
    if "oneOf" in schema:
        # Of all that can be quoted there are shares only, and what is wrong with the others.
        share, unknown = (
            f"#/components/schemas/{name}" for name in ("EquityResponse", "QuoteError")
        )
        is_share = {"required": ["assetMainType"]}
        return {"if": is_share, "then": {"$ref": share}, "else": {"$ref": unknown}}
    made = {key: value for key, value in schema.items() if key not in ("allOf", "discriminator")}
    properties = dict(schema.get("properties", {}))
    for base in schema.get("allOf", ()):
        properties = _properties(document, base) | properties
    if properties:
        made["properties"] = {name: _strict(document, each) for name, each in properties.items()}
        made.setdefault("additionalProperties", False)
    if isinstance(made.get("additionalProperties"), dict):
        made["additionalProperties"] = _strict(document, made["additionalProperties"])
    if "items" in made:
        made["items"] = _strict(document, made["items"])
    if made.pop("nullable", False):
        made["type"] = [made["type"], "null"]
    return made


def _properties(document: Json, schema: Json) -> Json:
    """The properties that an object has from those it is made of."""
    found = _resolved(document, schema)
    properties: Json = {}
    for base in found.get("allOf", ()):
        properties |= _properties(document, base)
    own: Json = found.get("properties", {})
    return properties | own


def _by_discriminator(discriminator: Json) -> Json:
    name = discriminator["propertyName"]
    return {
        "required": [name],
        "properties": {name: {"enum": list(discriminator["mapping"])}},
        "allOf": [
            {"if": {"properties": {name: {"const": value}}}, "then": {"$ref": where}}
            for value, where in discriminator["mapping"].items()
        ],
    }


def _resolved(document: Json, schema: Json) -> Json:
    found: Any = schema
    while (where := found.get("$ref")) is not None:
        found = document
        for part in where.removeprefix("#/").split("/"):
            found = found[part]
    resolved: Json = found
    return resolved
