#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""As ssh does with ProxyUseFdpass: runs COMMAND with a unix socket as its standard output, takes the
descriptor that comes through it, and prints what is read from that once COMMAND has ended.
usage: fdpass.py COMMAND..."""
import os
import socket
import subprocess
import sys

ours, theirs = socket.socketpair()
with subprocess.Popen(sys.argv[1:], stdout=theirs) as command:
    theirs.close()
    _, descriptors, _, _ = socket.recv_fds(ours, 1, 4)
    code = command.wait()
assert code == 0, code
assert len(descriptors) == 1, descriptors
assert os.get_blocking(descriptors[0]), "it does not block"
with socket.socket(fileno=descriptors[0]) as connection:
    assert connection.type == socket.SOCK_STREAM
    with connection.makefile() as lines:
        print(lines.read(), end="")
