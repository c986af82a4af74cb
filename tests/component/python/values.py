"""Values of the contract as JSON, as `tests/notation/src/typed/json.rs` writes them: numbers as
`n1`, bytes as `x616263`, names as `=name`, tuples as `{"tuple": [...]}`, nothing as null."""

from wasmtime.component import Record, Variant

# Cases that wasmtime wants named. Where the values of a variant's cases tell them apart, it wants
# the value alone.
NAMED = {"after", "latest", "last-entry", "unbounded", "inclusive", "exclusive", "idle", "at"}


def value(json):
    """JSON as the value that wasmtime wants."""
    if isinstance(json, str):
        return scalar(json[0], json[1:])
    if isinstance(json, list):
        return [value(it) for it in json]
    if not isinstance(json, dict):
        return json
    if "tuple" in json:
        return tuple(value(it) for it in json["tuple"])
    if "tag" in json:
        tag, payload = value(json["tag"]), value(json["val"])
        return Variant(tag, payload) if tag in NAMED else payload
    made = Record()
    for name, it in json.items():
        setattr(made, name, value(it))
    return made


def scalar(kind, rest):
    if kind == "n":
        return int(rest)
    return bytes.fromhex(rest) if kind == "x" else rest


def json(value):
    """A value of wasmtime's as JSON."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return f"n{value}"
    if isinstance(value, bytes):
        return f"x{value.hex()}"
    if isinstance(value, str):
        return f"={value}"
    if isinstance(value, (list, tuple)):
        return [json(it) for it in value]
    if isinstance(value, Variant):
        return {"tag": json(value.tag), "val": json(value.payload)}
    return {name: json(it) for name, it in vars(value).items()}
