#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A server for tests, on every address of both families. What it does depends on the port:
usage: echo.py PORT=hello|echo|early...

hello  greets, and closes
echo   sends back what it gets, and ends when the other side has
early  says bye, ends its own way, then prints how many bytes still came
"""
import socket
import sys
import threading


def hello(peer):
    peer.sendall(b"hello\n")


def echo(peer):
    while True:
        data = peer.recv(65536)
        if not data:
            return
        peer.sendall(data)


def early(peer):
    peer.sendall(b"bye\n")
    peer.shutdown(socket.SHUT_WR)
    count = 0
    while data := peer.recv(65536):
        count += len(data)
    print("early", count, flush=True)


def serve(listener, deed):
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=work, args=(peer, deed), daemon=True).start()


def work(peer, deed):
    with peer:
        try:
            deed(peer)
        except OSError:
            pass


threads = []
for argument in sys.argv[1:]:
    port, name = argument.split("=")
    s = socket.create_server(("", int(port)), family=socket.AF_INET6, backlog=64,
                             dualstack_ipv6=True)
    threads.append(threading.Thread(target=serve, args=(s, globals()[name])))
for thread in threads:
    thread.start()
print("listening", flush=True)
