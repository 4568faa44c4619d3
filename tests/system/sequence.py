#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines of `postern open --dry-run --via sequence` on standard input: are their ports a codeword,
each position once, and not in order? Prints the knock in hex, a line each."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["srcdir"], "tests"))
import knock  # pylint: disable=wrong-import-position

FIRST, COUNT = 20480, 48

for line in sys.stdin:
    field = dict(pair.split("=", 1) for pair in line.split())
    protocol, numbers = field["port"].split("/")
    numbers = [int(number) - FIRST for number in numbers.split(",")]
    values = {number // 256: number % 256 for number in numbers}
    assert protocol == sys.argv[1], protocol
    assert sorted(values) == list(range(COUNT)) and len(numbers) == COUNT, numbers
    assert numbers != sorted(numbers), "in order"
    word = [values[position] for position in range(COUNT)]
    assert list(knock.symbols(bytes(word[:32]), COUNT)) == word, "no codeword"
    print(bytes(word[:32]).hex())
