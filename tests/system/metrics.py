# SPDX-License-Identifier: GPL-2.0-or-later
"""For the tests: is standard input in Prometheus' text format, as node_exporter takes it from a file?
Prints "NAME{LABELS} VALUE" of each sample; exits 1, and says why, at what is none."""
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABELS = r'\{[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"\}'
types, helps, samples = {}, set(), set()
text = sys.stdin.read()
if not text.endswith("\n"):
    sys.exit("the last line has no end")
for line in text.splitlines():
    comment = re.fullmatch(r"# (HELP|TYPE) (%s) (.+)" % NAME, line)
    sample = re.fullmatch(r"(%s)(%s)? ([0-9]+(?:\.[0-9]+)?)" % (NAME, LABELS), line)
    if comment and comment[1] == "HELP":
        if comment[2] in helps:
            sys.exit("a second HELP: " + line)
        helps.add(comment[2])
    elif comment:
        if comment[2] in types or comment[3] not in ("counter", "gauge"):
            sys.exit("a second TYPE, or none that there is: " + line)
        types[comment[2]] = comment[3]
    elif sample:
        if sample[1] not in types or sample[1] not in helps:
            sys.exit("no HELP or TYPE before: " + line)
        if (types[sample[1]] == "counter") != sample[1].endswith("_total"):
            sys.exit("counters, and they alone, end in _total: " + line)
        if (sample[1], sample[2]) in samples:
            sys.exit("twice: " + line)
        samples.add((sample[1], sample[2]))
        print(line)
    else:
        sys.exit("no sample and no comment: " + line)
if {name for name, _ in samples} != set(types) | helps:
    sys.exit("a heading without a sample")
