# SPDX-License-Identifier: GPL-2.0-or-later
"""For the tests: a process that was taken over. Takes DESCRIPTOR of process PID, as only root can,
and sends a record there: a message of this TYPE with a body of SIZE bytes (-1: a record of none); with "descriptor", our
standard input along with it.
Of type 0 there is none: the channel ends instead.
usage: forge.py PID DESCRIPTOR TYPE SIZE [descriptor]"""
import array
import ctypes
import os
import socket
import struct
import sys

PIDFD_OPEN, PIDFD_GETFD = 434, 438
pid, descriptor, kind, size = (int(argument) for argument in sys.argv[1:5])
libc = ctypes.CDLL(None, use_errno=True)
pidfd = libc.syscall(PIDFD_OPEN, pid, 0)
taken = libc.syscall(PIDFD_GETFD, pidfd, descriptor, 0) if pidfd >= 0 else -1
if taken < 0:
    sys.exit("cannot take descriptor %d: %s" % (descriptor, os.strerror(ctypes.get_errno())))
channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, taken)
record = struct.pack("=II", kind, 0) + bytes(size) if size >= 0 else b""
if kind == 0:
    channel.shutdown(socket.SHUT_RDWR)
    sys.exit()
along = []
if len(sys.argv) > 5:
    along = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]).tobytes())]
channel.sendmsg([record], along)
