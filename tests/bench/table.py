#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""table.py DISK: what `run` measured, from standard input, as a table. A line is NAME VALUE; many
lines of one name are samples; "lost" is a door that did not open in time."""
import sys

figures, lost = {}, {}


def read(lines):
    for line in lines:
        name, value = line.split()
        if value == "lost":
            lost[name] = lost.get(name, 0) + 1
        else:
            figures.setdefault(name, []).append(float(value))


def quantile(name, share):
    samples = sorted(figures[name])
    return samples[min(len(samples) - 1, int(len(samples) * share))]


def row(*cells):
    print(f"{cells[0]:44}" + "".join(f"{cell:>12}" for cell in cells[1:]))


def ratio(name, other, share=.5):
    if other not in figures:
        return ""
    return f"{quantile(name, share) / quantile(other, share):.2f}"


def doors(rows, done="opened", high=.9):
    """(name, what it is, name of what it is compared with)"""
    rows = [each for each in rows if each[0] in figures]
    if not rows:
        return
    share_compared = .5 if high == .9 else high
    row("", done, "p10 us", "median us", f"p{high * 100:.0f} us", "ratio", "to")
    for name, what, other in rows:
        count = len(figures[name])
        row(what, f"{count}/{count + lost.get(name, 0)}", *(
            f"{quantile(name, share):.0f}" for share in (.1, .5, high)), ratio(name, other, share_compared), other)
    print()


def junk(rows):
    rows = [each for each in rows if each[0] in figures]
    if not rows:
        return
    row("", "packets", "us a packet", "ratio", "to")
    for name, what, other, packets in rows:
        count = f"{sum(figures[packets]):.0f}" if packets in figures else ""
        row(what, count, f"{quantile(name, .5):.2f}", ratio(name, other), other)
    print()


def growth():
    """Of each flood: its rate, and what memory was used after its first second and at its end."""
    if "rate-sent-both" not in figures:
        return
    row("Its rate, and the memory it takes", "threshold 1", "64", "the manual")
    for name, what in (("rate-sent", "packets a second, sent"), ("rate-read", "packets a second, read")):
        row(what, *(f"{quantile(f'{name}-{rule}', .5):.0f}" for rule in ("1", "64", "both")))
    for name in ("capture", "auth", "firewall"):
        row(f"memory of {name}, first second/end, kB", *(
            "/".join(f"{figures[f'rss-{name}-{rule}-{when}'][-1]:.0f}" for when in ("first", "last"))
            for rule in ("1", "64", "both")))
    print()


def plain(rows):
    for name, what, unit in rows:
        if name in figures:
            row(what, f"{figures[name][-1]:.0f}" if unit != "us" else f"{quantile(name, .5):.1f}", unit)


def main():
    read(sys.stdin)
    print(f"record on {sys.argv[1]}; load of the machine at the beginning and at the end: " +
          ", ".join(f"{load:.2f}" for load in figures.get("load", [])) + "\n")
    print("From the (last) packet to the open door")
    doors([("bare", "bare: NFLOG, fsync, one rule", "bare"),
           ("postern", "Postern, 500 keys", "bare"),
           ("sequence", "Postern, port sequence (32nd of 48 packets)", "postern"),
           ("rules", "Postern, 10,000 unrelated rules in filter", "postern"),
           ("one", "Postern, 1 key", "postern"),
           ("many", "Postern, 100,000 keys", "one")])
    doors([("with-peers", "Postern", "with-peers"),
           ("knockd", "knockd", "with-peers"),
           ("fwknop", "fwknopd", "with-peers")])
    print("What PAM is told, without a firewall to edit")
    doors([("ask_one", "1 key, 1 grant", "ask_one"),
           ("ask_many", "100,000 keys, 10,000 grants", "ask_one"),
           ("busy_ask_many", "the same while knocks come", "ask_one")], "answered", .99)
    print("During a flood, doors")
    doors([("flood-1", "Postern, threshold 1", ""),
           ("flood-64", "Postern, threshold 64", ""),
           ("flood-both", "Postern, the rules of the manual", "")])
    print("Processor time a junk packet (64 random bytes, to the ports that are watched)")
    junk([("least-1", "nflog-min, threshold 1", "", "least-packets-1"),
          ("junk-1", "capture and auth, threshold 1", "least-1", "junk-packets-1"),
          ("least-64", "nflog-min, threshold 64", "", "least-packets-64"),
          ("junk-64", "capture and auth, threshold 64", "least-64", "junk-packets-64"),
          ("junk-sent-knockd", "knockd (a packet sent)", "", ""),
          ("junk-sent-fwknop", "fwknopd (a packet sent)", "", "")])
    growth()
    plain([("log-lines", "log lines in all floods, opened and closed apart", "lines"),
           ("log-minutes", "  which took", "minutes"),
           ("start-1-keys", "start with 1 key", "ms"),
           ("start-100000-keys", "start with 100,000 keys", "ms"),
           ("decode-32", "decoding a sequence, 32 packets", "us"),
           ("decode-48", "decoding a sequence, 48 packets", "us"),
           ("decode-48-8-wrong", "decoding a sequence, 48 packets, 8 of them false", "us")])


main()
