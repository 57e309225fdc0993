#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""gen-drops.py: write drops.rst from the rows of module/drop.h.

    Documentation/gen-drops.py            writes Documentation/drops.rst
    Documentation/gen-drops.py --check    fails when that file is out of date

Each row of TOY_DROP_LIST becomes a row of a table; the comments between the
rows become headings. "Where" is found in the sources: the files that return
or report the name, tests left out.
"""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
OUT = TOP / "Documentation" / "drops.rst"

HEAD = """\
.. SPDX-License-Identifier: GPL-2.0-only
.. Made by Documentation/gen-drops.py from module/drop.h: do not edit.

Why packets are dropped
=======================

Every packet that ends in AF_TOY without having been delivered or sent has a
reason with a name. The names are rows of one list, ``TOY_DROP_LIST`` in
``module/drop.h``. From these rows come

* ``enum toy_drop``, which every input function returns;
* a counter for each network namespace, shown by ``toy stat`` and in
  ``/proc/net/toy/stat`` under the name in the first column (``toy stat -v``
  prints the explanation, too);
* the reason in the tracepoint ``toy:toy_drop``, under the name in the second
  column;
* the kernel's own drop reason (third column, without ``SKB_DROP_REASON_``),
  which ``dropwatch`` and ``perf trace -e skb:kfree_skb`` show.

One function counts, traces and frees: ``toy_drop_skb()`` in
``module/ctl/stat.c``. It also counts the standard SNMP counter of which the
reason is a part: a table there, ``toy_drop_also[]``, says which.

To watch drops as they happen::

    # echo 1 >/sys/kernel/tracing/events/toy/toy_drop/enable
    # cat /sys/kernel/tracing/trace_pipe

To see which ones there have been::

    # toy stat -v 'Drop*'

``DropUnknown``, the counter before these, stands for a drop without a valid
reason; it should stay zero.
"""

COMMENT = re.compile(r"^\t/\* (?P<text>.*?) \*/\s*\\$")
ROW = re.compile(
    r'X\((?P<name>\w+), (?P<counter>\w+), (?P<core>\w+),\s*'
    r'"(?P<help>[^"]*)"\)')


def parse(text):
    """The list as [(heading, [row, ...]), ...]."""
    start = text.index("#define TOY_DROP_LIST(X)")
    end = text.index("#define TOY_DROP_ENUM", start)
    groups = []
    pending = ""
    for line in text[start:end].splitlines()[1:]:
        comment = COMMENT.match(line)
        if comment:
            groups.append((comment.group("text"), []))
            continue
        pending += " " + line.rstrip("\\").strip()
        row = ROW.search(pending)
        if row:
            groups[-1][1].append(row.groupdict())
            pending = ""
    if pending.strip():
        sys.exit(f"gen-drops.py: cannot read {pending.strip()!r}")
    return groups


def places():
    """Which files use each name: {name: [file, ...]}."""
    found = {}
    for path in sorted(TOP.glob("module/**/*.c")):
        if path.name.endswith("_test.c") or path.name == "stat.c":
            continue
        code = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        for name in set(re.findall(r"\bTOY_DROP_([A-Z0-9_]+)\b", code)):
            where = str(path.relative_to(TOP / "module"))
            found.setdefault(name, []).append(where)
    return found


def table(rows, where):
    """A list-table of the rows of one group."""
    out = [".. list-table::", "   :header-rows: 1",
           "   :widths: 20 16 20 30 24", "",
           "   * - Counter", "     - TOY_DROP\\_", "     - Core reason",
           "     - What happened", "     - Where"]
    for row in rows:
        files = where.get(row["name"])
        files = ", ".join(f"``{f}``" for f in files) if files else \
            "reserved: nothing reports it yet"
        out += [f"   * - ``{row['counter']}``", f"     - {row['name']}",
                f"     - {row['core']}", f"     - {row['help']}",
                f"     - {files}"]
    return out


def render():
    text = (TOP / "module" / "drop.h").read_text()
    where = places()
    out = HEAD.splitlines()
    for heading, rows in parse(text):
        heading = heading[0].upper() + heading[1:]
        out += ["", heading, "-" * len(heading), ""] + table(rows, where)
    return "\n".join(out) + "\n"


def main():
    new = render()
    if sys.argv[1:] == ["--check"]:
        if OUT.read_text() != new:
            sys.exit("Documentation/drops.rst is out of date: "
                     "run Documentation/gen-drops.py")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        OUT.write_text(new)


main()
