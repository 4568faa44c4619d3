# SPDX-License-Identifier: GPL-2.0-or-later
"""For the tests: binds an NFLOG GROUP, as another reader would, until it is ended. Makes READY once
it has it.
usage: hold.py GROUP READY"""
import socket
import struct
import sys
import time

NETLINK_NETFILTER, CONFIG, REQUEST_ACK = 12, 4 << 8 | 1, 5
group, ready = int(sys.argv[1]), sys.argv[2]
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
s.bind((0, 0))
# struct nlmsghdr, struct nfgenmsg, NFULA_CFG_CMD: NFULNL_CFG_CMD_BIND
s.send(struct.pack("=IHHIIBBHHHB3x", 28, CONFIG, REQUEST_ACK, 1, 0, 0, 0, socket.htons(group), 5, 1, 1))
answer = s.recv(4096)
error = struct.unpack_from("=i", answer, 16)[0]
if error:
    sys.exit("cannot have group %d: %d" % (group, error))
open(ready, "w").close()
while True:
    time.sleep(60)
