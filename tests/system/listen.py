# SPDX-License-Identifier: GPL-2.0-or-later
"""For the tests: prints each datagram that comes to PORT... as "SOURCE HEX PORT", until it has
COUNT of them or 10 seconds are over. Makes READY once it listens.
usage: listen.py READY COUNT PORT..."""
import select
import socket
import sys
import time

ready, count, ports = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
sockets = {}
for port in ports:
    for family, any_address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        s = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind((any_address, int(port)))
        sockets[s] = port
open(ready, "w").close()
end = time.monotonic() + 10
while count > 0 and time.monotonic() < end:
    for s in select.select(list(sockets), [], [], 0.2)[0]:
        data, source = s.recvfrom(2048)
        print(source[0], data.hex(), sockets[s], flush=True)
        count -= 1
