#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sequences that the network disturbs, one after the other:
    disturbed.py ADDRESS COUNT LOST WRONG SEED TOKENFILE...
LOST of 48 packets do not come, WRONG come with another value, each comes twice, in any order. The keys
take turns, twenty knocks a second at most, each from an address of its own: one of 2001:db8:1::/64, which must be routed to lo."""
import argparse
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.environ["srcdir"], "tests"))
import knock  # pylint: disable=wrong-import-position

POSITIONS = 48


def read(path):
    with open(path, encoding="ascii") as file:
        return knock.Enrolment.of_token(file.read())


class Code:
    """knock.symbols, with what is the same each time computed once: the code is linear."""

    def __init__(self):
        units = [knock.symbols(bytes(int(i == j) for i in range(32)), POSITIONS) for j in range(32)]
        self.rows = [[knock.gf_times(unit[i], 1, 0x11d) for unit in units] for i in range(32, POSITIONS)]

    def symbols(self, word):
        more = bytearray()
        for row in self.rows:
            value = 0
            for byte, factor in zip(word, row):
                value ^= knock.gf_times(byte, factor, 0x11d)
            more.append(value)
        return word + bytes(more)


def main(address, count, lost, wrong, seed, paths):
    random.seed(seed)
    code, enrolments = Code(), [read(path) for path in paths]
    assert knock.symbols(bytes(range(32)), POSITIONS) == code.symbols(bytes(range(32)))
    options = argparse.Namespace(drop=lost, wrong=wrong, twice=True)
    for number in range(count):
        which = number % len(enrolments)
        enrolment, source = enrolments[which], f"2001:db8:1::{which + 1:x}"
        plain = knock.request(time.time_ns() // 1000000, port=80, seconds=60)
        options.sequence = enrolment.sequence
        word = code.symbols(knock.seal(enrolment, plain, source))
        chosen = [enrolment.sequence[256 * i + value] for i, value in enumerate(word)]
        for port in knock.disturbed(chosen, options):
            knock.send_datagram(b"", address, port, source)
        time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:6]), sys.argv[6:])
