#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Kills at random moments under load.

keys COUNT                     prints a key file: each key is for one knock
load SEED COUNT LAST           sends the knocks of these keys, one by one, some twice and more, until
                               the file LAST.stop is there; the name of each as it goes, to LAST
kill SEED COUNT LOG POSTERND.. runs this posternd, and kills it and its processes so many times;
                               prints what was wrong, and then a line of figures
"""
import base64
import hashlib
import ipaddress
import os
import random
import re
import signal
import subprocess
import sys
import time
from datetime import datetime, timezone

sys.path.insert(0, os.path.join(os.environ["srcdir"], "tests"))
import knock  # pylint: disable=wrong-import-position

SECONDS = 3  # that a knock asks for
PAUSE = 0.03  # between two knocks
AGAIN = 0.4  # the part of them that come again
EARLY = 0.3  # the part of posternd's lives before which one ends in its first moments
PARTS = ("capture", "auth", "firewall")
PATIENCE = 30
RULE = re.compile(r"-s (\S+)/.*--datestop (\S+).*grant=(\d+) key=(\w+)")
OPENED = re.compile(r"event=opened key=(\w+) .* grant=(\d+) ")


def secret(name):
    return hashlib.sha256(name.encode()).digest()


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def source_of(number):
    return str(ipaddress.ip_address("2001:db8:1::1") + number)


def keys(count):
    # Younger than the record that comes after them, so that they may knock at once.
    since = time.strftime("since=%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
    print(f"server={text(secret('server'))} {since}")
    for number in range(count):
        name = f"key{number}"
        print(f"{name} id={number + 1:08x} key={text(secret(name))} {since} host=2001:db8::1 open=tcp/80")


def load(seed, count, last):
    random.seed(seed)
    sent = []
    for number in range(count):
        if os.path.exists(last + ".stop"):
            break
        name, source = f"key{number}", source_of(number)
        enrolment = knock.Enrolment(secret(name), secret("server"), (number + 1).to_bytes(4, "big"))
        plain = knock.request(time.time_ns() // 1000000, port=80, seconds=SECONDS)
        sent.append((knock.seal(enrolment, plain, source), source))
        once = [sent[-1]]
        if random.random() < AGAIN:
            once += random.choices(sent[-100:], k=random.randrange(1, 4))
        for data, address in once:
            knock.send_datagram(data, "2001:db8::1", 20480, address)
        with open(last, "w", encoding="ascii") as file:
            file.write(name)
        time.sleep(PAUSE)


class Daemon:
    """posternd, its processes, and what it has done."""

    def __init__(self, log, command):
        self.log, self.command, self.process = log, command, None
        self.grants = {}  # of a key: all that it ever got
        self.wrong, self.most_open = [], 0

    def lines(self):
        with open(self.log, encoding="utf-8") as file:
            return file.read()

    def starts(self):
        return self.lines().count("event=started")

    def start(self):
        """At once, as init does: what is left of a posternd that was killed must not be in the way."""
        before = self.starts()
        self.launch()
        self.wait_for(before + 1)

    def launch(self):
        with open(self.log, "a", encoding="utf-8") as file:
            self.process = subprocess.Popen(self.command, stdout=file, stderr=file)

    def kill_early(self):
        """While its processes are just being born."""
        self.launch()
        time.sleep(random.random() * 0.1)
        self.kill(self.process.pid)
        self.process.wait()
        self.look()

    def wait_for(self, starts):
        end = time.monotonic() + PATIENCE
        while self.starts() < starts:
            if self.process.poll() is not None:
                sys.exit(f"posternd ended with {self.process.returncode}: {self.lines().splitlines()[-1]}")
            if time.monotonic() > end:
                sys.exit("posternd did not start again")
            time.sleep(0.01)

    def children(self):
        """Its processes, by their part."""
        found = {}
        try:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
                for pid in file.read().split():
                    with open(f"/proc/{pid}/cmdline", "rb") as line:
                        found[line.read().strip(b"\0").decode().removeprefix("postern-")] = int(pid)
        except (FileNotFoundError, ProcessLookupError):
            pass  # it has gone meanwhile
        return found

    def kill(self, *pids):
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def kill_part(self):
        """One of them; posternd starts all three again."""
        starts, part = self.starts(), self.children().get(random.choice(PARTS))
        if part is not None:
            self.kill(part)
        self.look()
        if part is not None:
            self.wait_for(starts + 1)
        return part is not None

    def kill_all(self):
        """posternd, and with luck something of it first."""
        children = list(self.children().values())
        self.kill(*random.sample(children, random.randrange(len(children) + 1)), self.process.pid)
        self.process.wait()
        self.look()

    def look(self):
        """At the kernel's rules: a grant each, and none for longer than was asked."""
        rules = rules_now()
        latest = time.time() + SECONDS + 1
        for _, stop, grant, key in rules:
            self.grants.setdefault(key, set()).add(grant)
            if stop > latest:
                self.wrong.append(f"grant {grant} of {key} ends {stop - latest:.0f} s too late")
        self.most_open = max(self.most_open, len(rules))

    def count(self):
        for key, grant in OPENED.findall(self.lines()):
            self.grants.setdefault(key, set()).add(grant)
        for key, grants in self.grants.items():
            if len(grants) > 1:
                self.wrong.append(f"{key} was accepted {len(grants)} times")


def rules_now():
    """(address, end in seconds since 1970, grant, key) of each"""
    while True:
        listing = subprocess.run(["ip6tables-legacy", "-w", "-t", "mangle", "-S", "POSTERN"], check=False,
                                 capture_output=True, text=True)
        if listing.returncode == 0:
            break
    return [(address, end_of(stop), grant, key) for address, stop, grant, key in RULE.findall(listing.stdout)]


def end_of(stop):
    return datetime.fromisoformat(stop).replace(tzinfo=timezone.utc).timestamp()


def kill(seed, count, log, command):
    random.seed(seed)
    daemon, kills, lives = Daemon(log, command), 0, 0
    while kills < count:
        if random.random() < EARLY:
            daemon.kill_early()
            kills += 1
        daemon.start()
        lives += 1
        # Each death of a part makes posternd wait longer; a new one begins anew.
        for _ in range(random.randrange(4)):
            time.sleep(random.random() * 0.3)
            kills += daemon.kill_part()
        time.sleep(random.random() * 0.3)
        daemon.kill_all()
        kills += 1
    daemon.count()
    for line in daemon.wrong:
        print(f"wrong: {line}")
    accepted = sum(bool(grants) for grants in daemon.grants.values())
    print(f"{kills} kills, {lives} lives of posternd, {accepted} knocks accepted, {daemon.most_open} rules at a time")


if __name__ == "__main__":
    if sys.argv[1] == "keys":
        keys(int(sys.argv[2]))
    elif sys.argv[1] == "load":
        load(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        kill(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5:])
