# SPDX-License-Identifier: GPL-2.0-or-later
"""For the tests: whoever asks the control socket, and is up to no good.
usage: hostile.py SOCKET WHAT [UID GID]
Does WHAT, says "ready" once it is well under way, and goes on until it is ended, at most a minute.
       hostile.py SOCKET ask COUNT QUESTION [UID GID]
Asks the question so many times, one after the other, as sshd would, with patience; prints how many
answers of each kind came, and on standard error the longest time that one took."""
import collections
import os
import random
import resource
import select
import socket
import struct
import sys
import time

path, what = sys.argv[1], sys.argv[2]
END = time.monotonic() + 60
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)


def connect(patience=20):
    """Waits in connect where the queue is full, as lib/ask does; a timeout of Python's would not."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", patience, 0))
    connection.connect(path)
    connection.settimeout(patience)
    return connection


def send(connection, data):
    """Whether it still goes out; being hung up on is what a hostile client must reckon with."""
    try:
        connection.sendall(data)
        return True
    except OSError:
        return False


def ready():
    print("ready", flush=True)


def hold(number, data):
    """So many connections at a time, each of which sends this and then nothing, and reads nothing.
    One that is hung up on comes again."""
    held = []
    for _ in range(number):
        held.append(connect())
        send(held[-1], data)
    ready()
    while time.monotonic() < END:
        poll = select.poll()
        for connection in held:
            poll.register(connection, select.POLLRDHUP)
        gone = {fd for fd, event in poll.poll(100)}
        for place, connection in enumerate(held):
            if connection.fileno() in gone:
                connection.close()
                held[place] = connect()
                send(held[place], data)


def flood(lines):
    """One after the other, as fast as it goes; the answer is left unread."""
    count = 0
    while time.monotonic() < END:
        connection = connect()
        send(connection, random.choice(lines))
        connection.close()
        count += 1
        if count == 200:
            ready()


def drip():
    """Half lines, a byte at a time, over many connections."""
    held, line = [], b"check 203.0.113.77 user=alice door=tcp/22 max-age=1h"
    for _ in range(100):
        held.append(connect())
    for at in range(10 ** 9):
        for place, connection in enumerate(held):
            if not send(connection, line[at % len(line):][:1]):
                connection.close()
                held[place] = connect()
        if at == 20:
            ready()
        if time.monotonic() > END:
            return
        time.sleep(0.01)


def junk():
    """Whatever comes to mind: random bytes, lines that are too long, questions with odd words."""
    rng = random.Random(7)
    words = [b"check", b"watch", b"history", b"open", b"close", b"all", b"since=", b"for=", b"by=pam",
             b"192.0.2.7", b"tcp/22", b"%00", b"%zz", b"\0", b" ", b"=", b"\r", b"\xff" * 9]
    if os.getuid() == 0:  # whoever is root may say that
        words = [word for word in words if word not in (b"open", b"close", b"all")]
    lines = [rng.randbytes(rng.randrange(3000)) for _ in range(200)]
    lines += [b" ".join(rng.choices(words, k=rng.randrange(9))) + b"\n" for _ in range(400)]
    lines += [b"check " + b"a" * n + b"\n" for n in (1000, 1016, 1017, 1018, 1024, 5000)]
    flood(lines)


def ask(count, question):
    answers, longest = collections.Counter(), 0.0
    for _ in range(count):
        begin = time.monotonic()
        try:
            connection = connect()
            connection.sendall(question.encode() + b"\n")
            line = connection.makefile().readline().rstrip("\n") or "hung up"
            connection.close()
        except OSError as error:
            line = type(error).__name__
        answers[line.split(" age=")[0]] += 1
        longest = max(longest, time.monotonic() - begin)
    for answer, number in sorted(answers.items()):
        print(number, answer)
    print("longest: %.0f ms" % (longest * 1000), file=sys.stderr)


more = sys.argv[3 if what != "ask" else 5:]
if more:
    os.setgroups([])
    os.setgid(int(more[1]))
    os.setuid(int(more[0]))
if what == "ask":
    ask(int(sys.argv[3]), sys.argv[4])
    sys.exit()
if what == "thousand":
    hold(1000, b"")
elif what == "half":
    hold(300, b"check 203.0.113.77 us")
elif what == "greedy":
    hold(300, b"grants\n")
elif what == "watchers":
    hold(40, b"watch\n")
elif what == "flood":
    flood([b"grants\n", b"status\n", b"history\n", b"watch\n", b"check 203.0.113.9\n",
           b"close all\n" if os.getuid() != 0 else b"close nobody\n"])
elif what == "drip":
    drip()
elif what == "junk":
    junk()
else:
    sys.exit("hostile.py: what?")
