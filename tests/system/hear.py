# SPDX-License-Identifier: GPL-2.0-or-later
"""For the tests: a datagram socket at PATH (@NAME: an abstract one), as syslog and service managers
have; prints what comes, a line each, until it is ended. Writes to READY once it listens, and, at a
SIGUSR1, when all that had come is printed.
usage: hear.py PATH READY"""
import os
import select
import signal
import socket
import sys

path, ready = sys.argv[1:]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
if path.startswith("@"):
    s.bind("\0" + path[1:])
else:
    s.bind(path)
    os.chmod(path, 0o666)
asked, asks = os.pipe()
os.set_blocking(asks, False)
signal.set_wakeup_fd(asks)
signal.signal(signal.SIGUSR1, lambda *_: None)
open(ready, "w").close()
while True:
    if s in select.select([s, asked], [], [])[0]:
        print(s.recv(65536).decode("ascii", "replace").rstrip("\n").replace("\n", " "), flush=True)
    else:
        os.read(asked, 100)
        open(ready, "w").close()
