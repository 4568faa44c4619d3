# SPDX-License-Identifier: GPL-2.0-or-later
"""A picture of posternctl --qr on standard input, as a PGM image on standard output: what a camera
would see of the screen."""
import re
import sys

SCALE = 4
DRAWN = {"\u2588": (1, 1), "\u2580": (1, 0), "\u2584": (0, 1), " ": (0, 0)}

rows = []
for line in sys.stdin:
    cells = [DRAWN[c] for c in re.sub("\x1b\\[[0-9;]*m", "", line.rstrip("\n"))]
    for half in (0, 1):
        row = b"".join((b"\xff" if cell[half] else b"\0") * SCALE for cell in cells)
        rows += [row] * SCALE
assert len({len(row) for row in rows}) == 1, "no rectangle"
sys.stdout.buffer.write(b"P5 %d %d 255\n" % (len(rows[0]), len(rows)) + b"".join(rows))
