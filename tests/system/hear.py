# SPDX-License-Identifier: GPL-2.0-or-later
"""For the tests: a datagram socket at PATH (@NAME: an abstract one), as syslog and service managers
have; prints what comes, a line each, until it is ended. Makes READY once it listens.
usage: hear.py PATH READY"""
import os
import socket
import sys

path, ready = sys.argv[1:]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
if path.startswith("@"):
    s.bind("\0" + path[1:])
else:
    s.bind(path)
    os.chmod(path, 0o666)
open(ready, "w").close()
while True:
    print(s.recv(65536).decode("ascii", "replace").rstrip("\n").replace("\n", " "), flush=True)
