#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The other end of a connection, for system tests.

listen PORT                     takes TCP connections on every address, both families, and says hello
reach ADDR PORT [FROM [WAIT]]   says what is found there: open, refused or silent (WAIT seconds, 0.5)
until ADDR PORT COMMAND...      starts the command; milliseconds until that port is open (5 s at most)
"""
import selectors
import socket
import subprocess
import sys
import time


def listen(port):
    sockets = selectors.DefaultSelector()
    for family in (socket.AF_INET, socket.AF_INET6):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(("", port))
        listener.listen(64)
        sockets.register(listener, selectors.EVENT_READ)
    print("listening", flush=True)
    while True:
        for ready, _ in sockets.select():
            peer, _ = ready.fileobj.accept()
            peer.sendall(b"hello\n")
            peer.close()


def reach(address, port, source="", wait="0.5"):
    try:
        with socket.create_connection((address, port), float(wait),
                                      (source, 0) if source else None):
            return "open"
    except TimeoutError:
        return "silent"
    except ConnectionRefusedError:
        return "refused"


def until(address, port, command):
    begun = time.monotonic()
    with subprocess.Popen(command) as process:
        # A SYN that comes too early is dropped, and the next must not wait for TCP to send it again.
        while time.monotonic() - begun < 5:
            if reach(address, port, wait="0.002") == "open":
                taken = time.monotonic() - begun
                return process.wait() or print(round(taken * 1000))
    return "not open after 5 s"


if __name__ == "__main__":
    if sys.argv[1:2] == ["listen"] and len(sys.argv) == 3:
        listen(int(sys.argv[2]))
    elif sys.argv[1:2] == ["reach"] and 4 <= len(sys.argv) <= 6:
        print(reach(sys.argv[2], int(sys.argv[3]), *sys.argv[4:]))
    elif sys.argv[1:2] == ["until"] and len(sys.argv) >= 5:
        sys.exit(until(sys.argv[2], int(sys.argv[3]), sys.argv[4:]))
    else:
        sys.exit(__doc__)
