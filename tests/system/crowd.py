#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Many connections to a socket, held until we are killed: crowd.py PATH COUNT. A third of them says
nothing, a third half a line, a third asks and never reads. One that is dropped comes again."""
import socket
import sys
import time

WORDS = (b"", b"stat", b"status\n")


def connect(path, number):
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    one.setblocking(False)
    try:
        one.connect(path)
        one.send(WORDS[number % 3])
    except OSError:
        pass  # the queue is full, too
    return one


crowd = [connect(sys.argv[1], number) for number in range(int(sys.argv[2]))]
print("there", flush=True)
turn = 0
while True:
    turn = (turn + 1) % len(crowd)
    crowd[turn].close()
    crowd[turn] = connect(sys.argv[1], turn)
    time.sleep(0.01)
