#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The other end of a connection, for system tests.

listen PORT                     takes TCP connections on every address, both families, and says hello
reach ADDR PORT [FROM [WAIT]]   says what is found there: open, refused or silent (WAIT seconds, 0.3)
at ADDR PORT TIME...             the same at each of these times (seconds since 1970), a word each
stay ADDR PORT SECONDS          connects, says hello after that time: alive (it came back) or dead
echo PORT                       for stay: takes connections, and sends back what comes
until ADDR PORT COMMAND...      starts the command; milliseconds until that port is open (5 s at most)
"""
import selectors
import socket
import subprocess
import sys
import threading
import time


def listen(port, greet):
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
            threading.Thread(target=greet, args=(peer,), daemon=True).start()


def say_hello(peer):
    with peer:
        peer.sendall(b"hello\n")


def send_back(peer):
    with peer:
        while data := peer.recv(4096):
            peer.sendall(data)


def stay(address, port, seconds):
    with socket.create_connection((address, port), 2) as sock:
        print("connected", flush=True)
        time.sleep(seconds)
        sock.sendall(b"hello\n")
        try:
            return "alive" if sock.recv(100) == b"hello\n" else "dead"
        except OSError:
            return "dead"


def at(address, port, moments):
    for moment in moments:
        time.sleep(max(0, float(moment) - time.time()))
        yield reach(address, port, wait="0.4")


def reach(address, port, source="", wait="0.3"):
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
        listen(int(sys.argv[2]), say_hello)
    elif sys.argv[1:2] == ["echo"] and len(sys.argv) == 3:
        listen(int(sys.argv[2]), send_back)
    elif sys.argv[1:2] == ["stay"] and len(sys.argv) == 5:
        print(stay(sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
    elif sys.argv[1:2] == ["at"] and len(sys.argv) >= 5:
        print(*at(sys.argv[2], int(sys.argv[3]), sys.argv[4:]))
    elif sys.argv[1:2] == ["reach"] and 4 <= len(sys.argv) <= 6:
        print(reach(sys.argv[2], int(sys.argv[3]), *sys.argv[4:]))
    elif sys.argv[1:2] == ["until"] and len(sys.argv) >= 5:
        sys.exit(until(sys.argv[2], int(sys.argv[3]), sys.argv[4:]))
    else:
        sys.exit(__doc__)
