"""GitHub's published OpenAPI description, as far as it takes to hold the fake to it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


@dataclass(frozen=True)
class Description:
    """The document, and its paths as patterns."""

    document: Mapping[str, Any]

    def operation(self, method: str, path: str) -> Mapping[str, Any]:
        """The operation that a request is; the template with the fewest parameters wins."""
        found = [
            (template.count("{"), operations[method.lower()])
            for template, operations in self.document["paths"].items()
            if method.lower() in operations and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path)
        ]
        assert found, f"GitHub publishes no {method} {path}"
        best: Mapping[str, Any] = min(found, key=lambda one: one[0])[1]
        return best

    def parameters(self, operation: Mapping[str, Any]) -> set[str]:
        """Names of the parameters of a query."""
        return {one["name"] for one in map(self.meant, operation.get("parameters", ())) if one["in"] == "query"}

    def asked(self, operation: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The schema of a request's body."""
        body = self.meant(operation["requestBody"]) if "requestBody" in operation else None
        return body and body["content"]["application/json"]["schema"]

    def answered(self, operation: Mapping[str, Any], status: int) -> Mapping[str, Any] | None:
        """The schema of an answer; None where it has no body. A status that is not published fails the test."""
        responses = operation["responses"]
        assert str(status) in responses, f"{operation['operationId']} never answers {status}: {sorted(responses)}"
        content = self.meant(responses[str(status)]).get("content", {})
        return content.get("application/json", {}).get("schema")

    def meant(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a `$ref` leads to."""
        while "$ref" in schema:
            place: Any = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                place = place[part.replace("~1", "/").replace("~0", "~")]
            schema = place
        return schema

    def problems(self, value: Any, schema: Mapping[str, Any], where: str = "") -> Iterator[str]:
        """Where a value is nothing that the schema knows. What is left out is no problem: a fake shows what is read."""
        schema = self.meant(schema)
        choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
        if choices:
            tried = [list(self.problems(value, choice, where)) for choice in choices]
            if all(tried):
                yield from min(tried, key=len)
            return
        for part in schema.get("allOf", ()):
            yield from self.problems(value, part, where)
        if value is None:
            if not schema.get("nullable") and "type" in schema:
                yield f"{where}: null, never"
        elif not isinstance(value, _TYPES.get(schema.get("type", ""), (object,))):
            yield f"{where}: {type(value).__name__}, not {schema['type']}"
        elif "enum" in schema and value not in schema["enum"]:
            yield f"{where}: {value!r}, not one of {schema['enum']}"
        elif isinstance(value, list):
            for number, item in enumerate(value):
                yield from self.problems(item, schema.get("items", {}), f"{where}[{number}]")
        elif isinstance(value, dict) and "properties" in schema:
            for name, item in value.items():
                if name in schema["properties"]:
                    yield from self.problems(item, schema["properties"][name], f"{where}.{name}")
                elif not schema.get("additionalProperties"):
                    yield f"{where}.{name}: unknown"


def read_description(file: Path) -> Description:
    return Description(json.loads(file.read_text(encoding="utf-8")))
