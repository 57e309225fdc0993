#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""compare.py [-v] FIRST LAST: random acknowledgments, played to both stacks

For each seed from FIRST to LAST a sender on AF_INET is shown acknowledgments at
random: cumulative, with SACK blocks, with D-SACKs, duplicates, early and late; none
of what was not sent, and never less than before. The packet trace that comes of it is
played to AF_TOY. What both have sent, and when, and what they say of themselves
(TCP_INFO) is compared; the first difference of each seed is printed.

A difference need not be a mistake: timers are coarse, RTTVAR is RFC 6298's here.
It is a question. What it was is then written down as a trace of its own.

In a kernel with virtual time, with the module loaded:

    scripts/uml --time-travel --timeout 600 -- bash -c \
        'insmod $TOY_KO; selftests/trace/compare.py 1 50'
"""
import argparse
import os
import random
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
TRACE = os.environ.get("TRACE") or os.path.join(HERE, "../../build/selftests/trace")

FIELDS = ("snd_cwnd snd_ssthresh unacked sacked lost retrans reordering ca_state "
          "total_retrans dsack_dups").split()
# A condition that is always true has its values printed.
INFO = "info a " + " ".join(f"tcpi_{f} >= 0" for f in FIELDS) + "\n"

MSS = 1000
STEPS = 12


class Stacks:
    """Plays scripts to one stack or the other."""

    def __init__(self, directory):
        self.script = os.path.join(directory, "script.pkt")
        self.directory = directory
        for name in os.listdir(HERE):
            if name.endswith(".inc"):
                os.symlink(os.path.join(HERE, name), os.path.join(directory, name))

    def play(self, family, text):
        """What was sent, and the numbers: [(time, line)]"""
        with open(self.script, "w", encoding="ascii") as f:
            f.write(text)
        out = subprocess.run([TRACE, "-v", "-V", "v4", self.script],
                             env=dict(os.environ, TOY_FAMILY=family), check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             universal_newlines=True).stdout
        seen = []
        for line in out.splitlines():
            m = re.match(r"#\s+(?:waiting: )?\+([\d.]+) (out .*|tcpi_.*)", line)
            if m:
                text = re.sub(r" win \d+| \(ignored\)", "", m.group(2))
                seen.append((float(m.group(1)), text))
        return seen


def segments_sent(seen):
    """How many full segments, from the first one on."""
    top = 1
    for _, line in seen:
        m = re.match(r"out \S+ (\d+)\+(\d+)", line)
        if m:
            top = max(top, int(m.group(1)) + int(m.group(2)))
    return (top - 1) // MSS


def blocks_of(sacked):
    """{4, 5, 8} -> [[4, 6], [8, 9]]"""
    runs = []
    for n in sorted(sacked):
        if runs and runs[-1][1] == n:
            runs[-1][1] = n + 1
        else:
            runs.append([n, n + 1])
    return runs


def next_ack(r, una, top, sacked):
    """Moves on, or not, and never to what was told to have arrived."""
    dice = r.random()
    ack = una
    if dice >= 0.8:
        ack = r.randint(una, top)
    elif dice >= 0.35:
        ack = min(top, una + r.randint(1, 3))
    while ack in sacked:
        ack += 1
    return ack


def random_blocks(r, ack, top, sacked):
    for _ in range(r.choice([0, 1, 1, 2, 3])):
        if top - ack < 2:
            break
        start = r.randint(ack + 1, top - 1)
        sacked.update(n for n in range(start, min(top, start + r.randint(1, 3))))
    runs = blocks_of(sacked)
    r.shuffle(runs)
    runs = runs[:3]
    if r.random() < 0.12 and ack > 0:
        start = r.randint(0, ack - 1)
        runs = [[start, start + 1]] + runs[:2]
    return runs


def ack_line(r, ack, runs):
    wait = r.choice(["", "", "", "+0.001 ", "+0.005 ", "+0.01 ", "+0.03 ",
                     "+0.09 ", "+0.1 ", "+0.25 "])
    line = f"{wait}in A 1 ack {ack * MSS + 1}"
    if runs:
        line += " sack " + ",".join(f"{a * MSS + 1}-{b * MSS + 1}" for a, b in runs)
    return line + f"\n+{r.choice(['0.001', '0.001', '0.01', '0.02'])} ignore\n" + INFO


def make_script(stacks, seed):
    r = random.Random(seed)
    sacked, una = set(), 0
    # CUBIC is RFC 9438's here, and of 2006 there.
    text = ("set RTT 0.1\ninclude passive-sack.inc\n"
            "setsockopt a TCP_CONGESTION reno\n"
            f"write a {r.choice([8000, 20000, 60000])}\n+0.01 ignore\n")
    for _ in range(STEPS):
        top = segments_sent(stacks.play("inet", text))
        if top <= una:
            text += f"write a {r.choice([1000, 5000, 20000])}\n+0.01 ignore\n"
            continue
        una = next_ack(r, una, top, sacked)
        sacked = {n for n in sacked if n > una}
        text += ack_line(r, una, random_blocks(r, una, top, sacked))
    return text + f"+{r.choice(['0.1', '0.5', '1.5'])} ignore\n" + INFO


def first_difference(inet, toy):
    """Its index, or None. Timers of a kernel fire an eighth late, or so."""
    last = 0
    for i, ((t1, line1), (t2, line2)) in enumerate(zip(inet, toy)):
        if line1 != line2 or abs(t1 - t2) > 0.006 + (t1 - last) / 7:
            return i
        last = t1
    return None if len(inet) == len(toy) else min(len(inet), len(toy))


def show(name, seen, at):
    print(f"  {name}:")
    for time, line in seen[max(0, at - 3):at + 4]:
        print(f"    {time:.6f} {line}")


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("-v", action="store_true")
    p.add_argument("first", type=int)
    p.add_argument("last", type=int)
    args = p.parse_args()
    different = 0
    with tempfile.TemporaryDirectory() as directory:
        stacks = Stacks(directory)
        for seed in range(args.first, args.last + 1):
            text = make_script(stacks, seed)
            inet, toy = stacks.play("inet", text), stacks.play("toy", text)
            if not inet or not toy:
                sys.exit("nothing was sent: is the module loaded?")
            at = first_difference(inet, toy)
            if at is None:
                continue
            different += 1
            print(f"seed {seed}: line {at} of {len(inet)}")
            show("AF_INET", inet, at)
            show("AF_TOY", toy, at)
            if args.v:
                print(text)
    print(f"{different} of {args.last - args.first + 1} differ")


if __name__ == "__main__":
    main()
