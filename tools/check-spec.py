#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""check-spec.py SPEC HEADER [SCHEMA]: is the YNL spec what the header says?

Compares names, numbers and attribute types both ways. With SCHEMA, one of
Documentation/netlink/genetlink*.yaml in a kernel tree, the spec has to obey
it, too. Prints one line of TAP, with the differences as comments.
"""

import re
import sys

import yaml

# Attribute types as the header's comments call them.
TYPES = {"u8", "u16", "u32", "u64", "s32", "string", "binary", "flag", "nest"}


def read_header(path):
    """-> {name: number}, {name: type said in the comment}, {macro: text}"""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    types = dict(re.findall(r"\b(TOY_\w+_A_\w+),\s*/\* (\w+)", text))
    types = {n: t for n, t in types.items() if t in TYPES}
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)

    numbers = {}
    for body in re.findall(r"\benum\b[^{;]*{(.*?)}", text, flags=re.S):
        number = -1
        for entry in filter(None, map(str.strip, body.split(","))):
            name, _, value = map(str.strip, entry.partition("="))
            if value and not re.fullmatch(r"\w+", value):
                continue            # TOY_X_MAX = __TOY_X_MAX - 1
            number = int(value, 0) if value else number + 1
            numbers[name] = number
    for name, bit in re.findall(r"#define\s+(\w+)\s+\(1U << (\d+)\)", text):
        numbers[name] = 1 << int(bit)
    macros = dict(re.findall(r"#define\s+(\w+)\s+(\S+)", text))
    return numbers, types, macros


def c_name(prefix, name):
    return (prefix + name).upper().replace("-", "_")


def read_spec(spec):
    """-> {name: number}, {attribute: type}"""
    numbers, types = {}, {}
    for d in spec["definitions"]:
        if "header" in d:
            continue                # somebody else's numbers
        prefix = d.get("name-prefix", f"{spec['name']}-{d['name']}-")
        number = d.get("value-start", 0) - 1
        for entry in d["entries"]:
            entry = entry if isinstance(entry, dict) else {"name": entry}
            number = entry.get("value", number + 1)
            value = 1 << number if d["type"] == "flags" else number
            numbers[c_name(prefix, entry["name"])] = value
    for s in spec["attribute-sets"]:
        number = 0
        for attr in s["attributes"]:
            number = attr.get("value", number + 1)
            name = c_name(s["name-prefix"], attr["name"])
            numbers[name] = number
            types[name] = attr["type"]
    prefix = spec["operations"]["name-prefix"]
    for op in spec["operations"]["list"]:
        if "do" in op or "dump" in op:
            numbers[c_name(prefix, op["name"])] = op["value"]
    return numbers, types


def compare(spec, header):
    numbers, types, macros = header
    mine, my_types = read_spec(spec)

    for name, number in mine.items():
        if name not in numbers:
            yield f"{name} is not in the header"
        elif numbers[name] != number:
            yield f"{name} is {number}, {numbers[name]} in the header"
    # The other way round, for every family of names that the spec covers.
    families = {name.rsplit("_", 1)[0] + "_" for name in mine}
    families |= {"TOY_CMD_", "TOYPROTO_"}
    for name in numbers:
        if name.endswith(("_UNSPEC", "_MAX")) or name in mine:
            continue
        if name.startswith(tuple(families)):
            yield f"{name} is not in the spec"
    for name, kind in my_types.items():
        if kind != types.get(name, "pad"):
            yield f"{name} is {kind}, {types.get(name)} in the header"

    groups = [group["name"] for group in spec["mcast-groups"]["list"]]
    for macro, value in (("TOY_GENL_NAME", f'"{spec["name"]}"'),
                         ("TOY_GENL_VERSION", str(spec["version"])),
                         ("TOY_GENL_MCGRP", f'"{groups[0]}"'),
                         ("TOY_GENL_MCGRP_SOCKETS", f'"{groups[1]}"')):
        if macros.get(macro) != value:
            yield f"{macro} is {value}, {macros.get(macro)} in the header"


def references(spec):
    """What the schema cannot see: names that stand for nothing."""
    sets = {s["name"]: {a["name"] for a in s["attributes"]}
            for s in spec["attribute-sets"]}
    enums = {d["name"] for d in spec["definitions"]}
    ops = {op["name"]: op for op in spec["operations"]["list"]}
    for s in spec["attribute-sets"]:
        for attr in s["attributes"]:
            if attr.get("enum") and attr["enum"] not in enums:
                yield f"{attr['name']}: no enum {attr['enum']}"
    for op in ops.values():
        if "notify" in op:
            if op["notify"] not in ops:
                yield f"{op['name']}: no operation {op['notify']}"
            elif ops[op["notify"]]["value"] != op["value"]:
                yield f"{op['name']}: number differs from {op['notify']}"
            continue
        lists = [op.get("event")]
        for mode in ("do", "dump"):
            for side in ("request", "reply"):
                lists.append(op.get(mode, {}).get(side))
        for names in filter(None, lists):
            for name in set(names["attributes"]) - sets[op["attribute-set"]]:
                yield f"{op['name']}: no attribute {name}"


def schema_errors(spec, path):
    import jsonschema

    with open(path, encoding="utf-8") as file:
        schema = yaml.safe_load(file)
    for error in jsonschema.Draft7Validator(schema).iter_errors(spec):
        where = "/".join(map(str, error.absolute_path))
        yield f"schema: {where}: {error.message}"


def main(argv):
    if len(argv) not in (3, 4):
        sys.exit(__doc__)
    with open(argv[1], encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    wrong = list(schema_errors(spec, argv[3])) if len(argv) > 3 else []
    if not wrong:
        wrong = [*references(spec), *compare(spec, read_header(argv[2]))]
    for text in wrong:
        print(f"# {text}")
    print(f"{'not ok' if wrong else 'ok'} - netlink spec matches the header"
          f"{'' if len(argv) > 3 else ' (schema not checked)'}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
