#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that fail, one at a time: calls.py WHICH LOG SOCKET PROGRAMS POSTERND...

Runs this posternd, in the namespace "server", on the keys of kills.py, from a client's namespace. Its
processes are those in the folder PROGRAMS, linked with faulty.c. For each line of the table WHICH, a
call of one of them fails while somebody knocks. Then either the door opens and the log says so, or it stays shut and the log names what failed: which
of the two, the line says. Afterwards all works again, and the knock is not accepted once more. Prints
"good NAME" or "bad NAME: why" for each.
"""
import collections
import errno
import mmap
import os
import random
import re
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.environ["srcdir"], "tests", "system"))
import kills  # pylint: disable=wrong-import-position
from kills import knock  # pylint: disable=wrong-import-position
from net import reach  # pylint: disable=wrong-import-position

SERVER, CLIENT, PORT = "192.0.2.1", "192.0.2.2", 80
PATIENCE = 20
STEP = int(os.environ.get("STEP", "19"))
OPENS = r"event=opened key={key} "

# Which process, its call, how that fails; and for each of these calls, from the knock on: the line that
# names it, or OPENS where it is to be ridden out.
Fault = collections.namedtuple("Fault", "part call error lines")

RECORD = r"the record in \S+ cannot be written, and so nothing opens: "
TABLE = r"cannot write the chain POSTERN in the table mangle of iptables: "
SETS = (r"postern-firewall: (cannot (receive from auth|read the set|write to the set).*No buffer space"
        r"|cannot write to the set postern4: Error in line 1: Internal protocol error"
        r"|grant \d+ is not opened: whose the address is could not be found out)")
UNKNOWN = r"grant \d+ is not opened: whose the address is could not be found out"


# In places libnftables takes want of memory for something else.
MEMORY = "memory|allocat|cannot make the set postern-trial"


def says(part, words, times=1):
    return [f"postern-{part}: {words}"] * times


def or_opens(lines):
    """Where one of two calls may be the one: the one that makes ready for an order, or the order's own; the
    knock's own, or SQLite's for what came before, which does without."""
    return [f"{OPENS}|{line}" for line in lines]


WAY = [
    Fault("capture", "poll", "ENOMEM", says("capture", "cannot wait for packets: Cannot allocate")),
    Fault("capture", "recvmsg", "ENOBUFS", [OPENS, OPENS]),
    Fault("capture", "recvmsg", "ENOMEM", says("capture", "nflog: NFLOG: Cannot allocate", 2)),
    Fault("capture", "sendmsg", "ENOBUFS", [OPENS]),
    Fault("capture", "sendmsg", "EBADF", says("capture", "cannot send to auth: Bad file")),
    Fault("auth", "poll", "ENOMEM", says("auth", "poll: Cannot allocate", 3)),
    Fault("auth", "recvmsg", "ENOBUFS", says("auth", "cannot receive from capture: No buffer", 2)),
    Fault("auth", "sendmsg", "ENOBUFS", [OPENS, OPENS]),
    Fault("auth", "sendmsg", "EBADF", [OPENS] + says("auth", "cannot send to the firewall process: Bad file")),
    Fault("auth", "timerfd_settime", "EINVAL", says("auth", "no timer: Invalid", 3)),
    Fault("auth", "pwrite64", "ENOSPC", says("auth", RECORD + "database or disk is full", 3)),
    Fault("auth", "pwrite64", "EIO", says("auth", RECORD + "disk I/O error", 2)),
    Fault("auth", "fdatasync", "EIO", says("auth", RECORD + "disk I/O error", 2)),
    Fault("auth", "eventfd_write", "EBADF", says("auth", "cannot tell that the record is written: Bad file")),
    Fault("auth", "accept4", "EMFILE", says("auth", "no connection to the control socket .*: Too many open")),
    Fault("auth", "memory", "ENOMEM", or_opens([r"key=key\d+ .*reason=memory"] * 2)),
    Fault("firewall", "poll", "ENOMEM", or_opens(says("firewall", "cannot wait for orders: Cannot allocate", 2))),
    Fault("firewall", "recvmsg", "ENOMEM", says("firewall", "cannot receive from auth: Cannot allocate", 3)),
    Fault("firewall", "sendmsg", "ENOBUFS", [OPENS]),
    Fault("firewall", "sendmsg", "EBADF", says("firewall", "cannot answer postern-auth: Bad file")),
    Fault("firewall", "sendto", "ENOBUFS", says("firewall", UNKNOWN)),
    Fault("firewall", "recvfrom", "ENOMEM", says("firewall", UNKNOWN)),
]
TABLES = {
    "iptc": WAY + [
        Fault("firewall", "flock", "EIO", or_opens(says("firewall", "cannot take the xtables lock: Input/output", 2))),
        Fault("firewall", "socket", "EMFILE", or_opens(says("firewall", TABLE + "Too many open"))),
        Fault("firewall", "getsockopt", "ENOMEM", or_opens(says("firewall", TABLE + "Memory allocation", 2))),
        Fault("firewall", "setsockopt", "EAGAIN", [OPENS, OPENS]),
        Fault("firewall", "setsockopt", "ENOMEM", says("firewall", TABLE + "Memory allocation", 2)),
        Fault("firewall", "memory", "ENOMEM", or_opens(says("firewall", TABLE + "Memory allocation", 4))),
    ],
    "ipset": [
        Fault("firewall", "recvmsg", "ENOBUFS", or_opens([SETS] * 6)),
        Fault("firewall", "sendto", "ENOBUFS", or_opens([SETS] * 4)),
    ],
    "nft": [
        Fault("firewall", "recvmsg", "ENOBUFS", or_opens([SETS] * 6)),
        Fault("firewall", "sendto", "ENOBUFS", or_opens([SETS] * 2)),
        Fault("firewall", "sendmsg", "ENOBUFS", or_opens([SETS])),
    ],
}


class Daemon(kills.Daemon):
    """posternd on the server, and how to make calls of its processes fail."""

    def __init__(self, log, control, programs, command):
        super().__init__(log, ["nsenter", "--net=/run/netns/server", "--", *command])
        self.control = control
        self.pages = {part: Page(f"{programs}/postern-{part}") for part in kills.PARTS}

    def size(self):
        return os.path.getsize(self.log)

    def since(self, size):
        return self.lines()[size:]

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)

    def ask(self, question):
        """The whole answer; empty where there is none."""
        answer = b""
        try:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(PATIENCE)
                sock.connect(self.control)
                sock.sendall(question.encode() + b"\n")
                while data := sock.recv(65536):
                    answer += data
        except OSError:
            pass
        return answer.decode()


def wait_for(condition, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def sealed(number):
    name = f"key{number}"
    enrolment = knock.Enrolment(kills.secret(name), kills.secret("server"), (number + 1).to_bytes(4, "big"))
    return knock.seal(enrolment, knock.request(time.time_ns() // 1000000, port=PORT, seconds=600), CLIENT)


def send(data):
    knock.send_datagram(data, SERVER, 20480, None)


class Page:
    """What we share with a process of which a call is to fail: struct faulty, in faulty.h."""
    FORM = struct.Struct("@24sqQQQQ")

    def __init__(self, program):
        with open(program + ".faulty", "w+b") as file:
            file.write(bytes(self.FORM.size))
            file.flush()
            self.page = mmap.mmap(file.fileno(), self.FORM.size)

    def fail(self, call, error, first):
        self.FORM.pack_into(self.page, 0, call.encode(), getattr(errno, error), 0, first, 1, 0)

    def first(self):
        """What it was in the end: see faulty.c."""
        return self.FORM.unpack_from(self.page)[3]

    def failed(self):
        return self.FORM.unpack_from(self.page)[5] > 0

    def end(self):
        self.page[:] = bytes(self.FORM.size)


class Case:
    def __init__(self, daemon, fault, first, line, number):
        self.daemon, self.fault, self.first = daemon, fault, first
        self.key, self.other = 2 * number, 2 * number + 1
        self.begin = daemon.size()
        self.line = line.format(key=f"key{self.key}")

    def said(self, pattern):
        return re.search(pattern, self.daemon.since(self.begin))

    def times_opened(self):
        return len(re.findall(OPENS.format(key=f"key{self.key}"), self.daemon.since(self.begin)))

    def opened(self, key):
        return self.said(OPENS.format(key=f"key{key}"))

    def opens(self, key):
        """A new knock does, within a second."""
        send(sealed(key))
        return wait_for(lambda: self.opened(key), 1)

    def run(self):
        """What is wrong, or an empty string."""
        before = self.daemon.children()
        page = self.daemon.pages[self.fault.part]
        used = sealed(self.key)
        page.fail(self.fault.call, self.fault.error, self.first)
        send(used)
        if self.fault.call == "accept4" and not self.daemon.ask("status"):
            return "nobody answers"
        named = wait_for(lambda: self.said(self.line))
        hit = wait_for(page.failed)
        page.end()
        wrong = self.shut_or_told()
        if not named:
            wrong = f"no line has {self.line}"
        if not hit:
            wrong = "the call was not made"
        return self.recovers(before, used) or wrong

    def shut_or_told(self):
        """What is open has been told."""
        if self.opened(self.key):
            return "" if wait_for(lambda: reach(SERVER, PORT) == "open") else "told, but not open"
        return "" if wait_for(lambda: reach(SERVER, PORT) == "silent") else "open, but not told"

    def recovers(self, before, used):
        wait_for(lambda: len(self.daemon.children()) == 3 and self.daemon.ask("close all"))
        opened, claimed = self.times_opened(), self.said(rf"key=key{self.key} .*reason=firewall")
        send(used)
        if not wait_for(lambda: self.opens(self.other)):
            return "afterwards no knock opens"
        if self.times_opened() > opened and (opened or claimed):
            return "the knock was accepted again"
        self.daemon.ask("close all")
        # Who has seen a death waits the longer after the next, and of many errors some are not told.
        if self.daemon.children() != before or self.fault.part == "firewall":
            self.daemon.stop()
            self.daemon.start()
        return ""


class Start:
    """A part dies, and is started again: an allocation of that start fails."""

    def __init__(self, daemon, part, first):
        self.daemon, self.part, self.first = daemon, part, first
        self.page, self.begin = daemon.pages[part], daemon.size()

    def run(self):
        """Whether one failed; and what is wrong, or an empty string."""
        starts = self.daemon.starts()
        self.page.fail("memory", "ENOMEM", self.first)
        self.daemon.kill(self.daemon.children()[self.part])
        again = wait_for(lambda: self.daemon.starts() > starts)
        failed, self.first = self.page.failed(), self.page.first()
        self.page.end()
        said = self.daemon.since(self.begin)
        self.daemon.stop()
        self.daemon.start()
        if not again:
            return failed, f"it does not start again; {said!r}"
        if "before it worked" in said and not re.search(rf"postern-{self.part}: .*({MEMORY})", said):
            return failed, f"no line names it; {said!r}"
        return failed, ""


def starts(daemon):
    """Some of the allocations of each part's start."""
    for part in ("capture", "firewall"):
        failed, first = True, random.randrange(1, STEP + 1)
        while failed:
            case = Start(daemon, part, first)
            failed, wrong = case.run()
            if failed or wrong:
                yield f"{part}: allocation number {case.first} of its start fails", wrong
            first = case.first + STEP


def main(which, log, control, programs, command):
    daemon = Daemon(log, control, programs, command)
    cases = [(fault, first, line) for fault in TABLES[which] for first, line in enumerate(fault.lines, 1)]
    seed = os.environ.get("SEED", str(int(time.time())))
    print(f"seed {seed}")
    random.seed(seed)
    daemon.start()
    try:
        for number, (fault, first, line) in enumerate(cases):
            case = Case(daemon, fault, first, line, number)
            wrong = case.run()
            name = f"{fault.part}: {fault.call} number {first} fails with {fault.error}"
            print(f"bad {name}: {wrong}; {case.said('(?s).*')[0]!r}" if wrong else f"good {name}", flush=True)
        for name, wrong in starts(daemon):
            print(f"bad {name}: {wrong}" if wrong else f"good {name}", flush=True)
    finally:
        daemon.stop()


if __name__ == "__main__":
    main(*sys.argv[1:5], sys.argv[5:])
