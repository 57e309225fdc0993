#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Write Documentation/rfc-coverage.rst: which section of which RFC is obeyed
where, and which tests are about it.

	gen-rfc.py [--check]

Two sources: the code, which names the section at the place that obeys it
("RFC 9293 3.10.7.4"), tests likewise; and Documentation/rfc-notes.txt, where
people have written what a section is about and what is not there. --check
writes nothing and fails when the file is not up to date.
"""

import collections
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
OUT = TOP / "Documentation" / "rfc-coverage.rst"
NOTES = TOP / "Documentation" / "rfc-notes.txt"
HEAD = """.. SPDX-License-Identifier: GPL-2.0-only
.. Written by Documentation/gen-rfc.py from the citations in the sources and
   from Documentation/rfc-notes.txt: edit those.

RFC coverage
============

What AF_TOY does of each RFC, where, and which tests are about it. "Where" lists
the files below ``module/`` that cite the section, and places that obey it
without saying so. "Tests" lists tests that cite it, and others that are known
to look at it: KUnit tests by the file beside the code (``skb/ipv4_test.c``),
those in ``selftests/`` by their name there. A section without a test is marked
so; what is missing is said in the row of its section and once more in the last
part of this page.
"""

# ---- Citations ---------------------------------------------------------------

RFC = re.compile(r"\bRFCs?[ -]?(\d{3,4})\b")
# What may follow: a section, or another RFC of which only the number is said.
SECTION = re.compile(
    r'\d{1,2}(?:\.\d{1,2})*(?![\d.]*\d)(?! (?:bytes|octets|bits|ms|seconds))'
    r'|"[A-Z][^"]*"|[Aa]ppendix [A-Z](?:\.\d+)*')
LINK = re.compile(r"(?:,? (and|to|or) |, | )(?:sections? )?")
ASIDE = re.compile(r" ?\([^()]{1,40}\)")


def joined(text):
    """Comments as one line each, so that a citation may go over two."""
    return re.sub(r"[ \t]*\\?\n[ \t]*(?:[*#](?!/))?[ \t]*", " ", text)


def number_of(text):
    """The RFC that stands at the start of "1122 3.2.1", or None."""
    found = re.match(r"(\d{3,4})\b(?!\.\d| (?:bytes|octets|ms|us))", text)
    return found and found.group(1)


def span(first, last):
    """5.4 to 5.7 is four sections."""
    a, b = first.rpartition("."), last.rpartition(".")
    if a[0] != b[0] or not (a[2].isdigit() and b[2].isdigit()):
        return [last]
    return [a[0] + a[1] + str(n)
            for n in range(int(a[2]) + 1, int(b[2]) + 1)]


def citations_in(text):
    """{(rfc, section)}; the section is "" where none is named."""
    found = set()
    for start in RFC.finditer(text):
        rfc, at, sections, link = start.group(1), start.end(), [], " "
        while True:
            step = LINK.match(text, at)
            # "RFC 6928, 10 segments" has no section 10.
            if not step or (not sections and step.group(0).startswith(",")
                            and not number_of(text[step.end():])):
                break
            link = step.group(1)
            rest = text[step.end():]
            other = number_of(rest)
            section = SECTION.match(rest)
            if other and (link or step.group(0) != " "):
                found |= {(rfc, s) for s in sections or [""]}
                rfc, sections = other, []
                at = step.end() + len(other)
            elif section and not (sections and section.group(0).isdigit()
                                  and link != "to"):
                name = section.group(0)
                sections += span(sections[-1], name) \
                    if link == "to" and sections else [name]
                at = step.end() + section.end()
            else:
                break
            aside = ASIDE.match(text, at)
            at = aside.end() if aside else at
        found |= {(rfc, s) for s in sections or [""]}
    return found


def sources():
    """[(what it is called in the tables, path, is it a test)]"""
    for path in sorted(TOP.glob("module/**/*")):
        if path.suffix in (".c", ".h") and path.is_file():
            yield (str(path.relative_to(TOP / "module")), path,
                   path.stem.endswith("_test"))
    for path in sorted(TOP.glob("selftests/**/*")):
        if path.suffix in (".c", ".h", ".sh", ".pkt", ".py"):
            yield str(path.relative_to(TOP / "selftests")), path, True


def collect():
    """({(rfc, section): [file]}, the same for tests)"""
    code, tests = (collections.defaultdict(list) for _ in range(2))
    for name, path, is_test in sources():
        for key in citations_in(joined(path.read_text(errors="replace"))):
            (tests if is_test else code)[key].append(name)
    return code, tests


# ---- Notes -------------------------------------------------------------------

class Row:
    """A line of a table: sections, what they are about, where, tests."""

    def __init__(self, label, what="", if_cited=False):
        self.label, self.what, self.if_cited = label, what, if_cited
        self.where, self.tests = [], []

    def sections(self):
        """The single sections that the label stands for."""
        names = []
        for part in re.split(r", ", self.label):
            first, _, last = part.partition(" to ")
            names += [first] + (span(first, last) if last else [])
        return ["" if n == "-" else n for n in names]

    def order(self):
        """Numbers by value, words behind them, the whole RFC first."""
        first = self.sections()[0]
        return [(0, int(p), "") if p.isdigit() else (1, 0, p)
                for p in re.findall(r"\d+|\D+", first.replace(".", ""))] \
            if not re.match(r"\d", first) else \
            [(0, int(p), "") for p in re.findall(r"\d+", first)]


class Rfc:
    def __init__(self, number, title):
        self.number, self.title, self.rows = number, title, []


def read_notes(text):
    """[(group title, [Rfc], [bullet])], see the head of rfc-notes.txt"""
    groups = []
    row = None
    for n, line in enumerate(text.splitlines(), 1):
        body = line.strip()
        if not body or body.startswith("#"):
            continue
        if line[0].isspace():
            if body.startswith("@ "):
                row.where += body[2:].split("; ")
            elif body.startswith("? "):
                row.tests += body[2:].split(", ")
            elif isinstance(row, Row):
                row.what += " " + body
            else:
                groups[-1][2][-1] += " " + body
        elif body.startswith("= "):
            groups.append((body[2:], [], []))
        elif body.startswith("* "):
            groups[-1][2].append(body[2:])
            row = None
        elif re.match(r"RFC \d+ ", body):
            _, number, title = body.split(None, 2)
            groups[-1][1].append(Rfc(number, title))
        elif ": " in body:
            label, what = body.split(": ", 1)
            cited = label.startswith("~")
            row = Row(label.lstrip("~ "), what, cited)
            groups[-1][1][-1].rows.append(row)
        else:
            sys.exit(f"{NOTES.name}:{n}: cannot read {body!r}")
    return groups


def check_places(groups):
    """What people wrote about files and functions must still be true."""
    text = {name: path.read_text(errors="replace")
            for name, path, _ in sources()}
    everything = "\n".join(text.values())
    for _, rfcs, _ in groups:
        for rfc in rfcs:
            for row in rfc.rows:
                for place in row.where + row.tests:
                    name = place.partition(":")[0]
                    if not name.endswith("()") and name not in text:
                        sys.exit(f"{NOTES.name}: RFC {rfc.number} "
                                 f"{row.label}: there is no {name}")
                    for function in re.findall(r"(\w+)(?:\(\)|\[\])", place):
                        if function not in everything:
                            sys.exit(f"{NOTES.name}: RFC {rfc.number} "
                                     f"{row.label}: there is no {function}")


# ---- The page ----------------------------------------------------------------

def unknown_rfcs(groups, keys):
    known = {r.number for _, rfcs, _ in groups for r in rfcs}
    return sorted({rfc for rfc, _ in keys} - known, key=int)


def rows_of(rfc, code, tests):
    """The rows of one RFC, in order, with what the sources say."""
    rows = {s: row for row in rfc.rows for s in row.sections()}
    for number, section in sorted(set(code) | set(tests)):
        if number != rfc.number:
            continue
        row = rows.setdefault(section, Row(section or "-"))
        for places, found in ((row.where, code), (row.tests, tests)):
            for name in found.get((number, section), []):
                if not any(p == name or p.startswith(name + ":")
                           for p in places):
                    places.append(name)
        row.if_cited = False
    unique = {id(r): r for r in rows.values() if not r.if_cited}
    return sorted(unique.values(), key=Row.order)


def literal(places):
    """``file``: ``function()``, ..."""
    def one(place):
        return ": ".join(f"``{p}``" for p in place.split(": "))
    return ", ".join(one(p) for p in sorted(places))


def label_of(row):
    return "as a whole" if row.label == "-" else row.label


def table(rows):
    out = [".. list-table::", "   :header-rows: 1",
           "   :widths: 14 38 28 20", "", "   * - Section", "     - What",
           "     - Where", "     - Tests"]
    for row in rows:
        tests = literal(row.tests)
        if row.where and not row.tests:
            tests = "none cites it"
        for i, cell in enumerate((label_of(row), row.what.strip(),
                                  literal(row.where), tests)):
            lead = "   * -" if i == 0 else "     -"
            out.append(f"{lead} {cell}".rstrip())
    return out


def overview(groups, code, tests):
    """One line an RFC: sections with code, and with a test."""
    out = ["At a glance", "-----------", "", ".. list-table::",
           "   :header-rows: 1", "   :widths: 12 58 15 15", "",
           "   * - RFC", "     - Title", "     - Sections with code",
           "     - of these with a test"]
    for _, rfcs, _ in groups:
        for rfc in rfcs:
            rows = [r for r in rows_of(rfc, code, tests) if r.where]
            if rows:
                tested = sum(bool(r.tests) for r in rows)
                out += [f"   * - `RFC {rfc.number}`_", f"     - {rfc.title}",
                        f"     - {len(rows)}", f"     - {tested}"]
    return out


def render():
    code, tests = collect()
    groups = read_notes(NOTES.read_text())
    check_places(groups)
    strangers = unknown_rfcs(groups, set(code) | set(tests))
    if strangers:
        last = groups.pop()
        groups += [("Others", [Rfc(n, "") for n in strangers], []), last]
    out = HEAD.splitlines() + [""] + overview(groups, code, tests)
    for title, rfcs, bullets in groups:
        body = []
        for rfc in rfcs:
            rows = rows_of(rfc, code, tests)
            if not rows:
                continue
            name = f"RFC {rfc.number}"
            body += ["", name, "~" * len(name), ""]
            body += [rfc.title + ".", ""] if rfc.title else []
            body += table(rows)
        body += [""] * bool(bullets) + [f"* {b}" for b in bullets]
        if body:
            out += ["", title, "-" * len(title)] + body
    return "\n".join(out) + "\n"


def main():
    new = render()
    if sys.argv[1:] == ["--check"]:
        if not OUT.exists() or OUT.read_text() != new:
            sys.exit("Documentation/rfc-coverage.rst is out of date: "
                     "run Documentation/gen-rfc.py")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        OUT.write_text(new)


if __name__ == "__main__":
    main()
