#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Many knocks, a single packet each, spread evenly over some time: burst.py ADDRESS SECONDS TOKENFILE...
Prints "begins" before the first. They are bound to the address that the socket uses,
and ask for tcp/80, for a minute."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.environ["srcdir"], "tests"))
import knock  # pylint: disable=wrong-import-position


def read(path):
    with open(path, encoding="ascii") as file:
        return knock.Enrolment.of_token(file.read())


def main(address, seconds, paths):
    enrolments = [read(path) for path in paths]
    source = knock.own_address(address, None)
    print("begins", flush=True)
    begun = time.monotonic()
    for number, enrolment in enumerate(enrolments):
        due = begun + float(seconds) * number / len(enrolments)
        time.sleep(max(0, due - time.monotonic()))
        plain = knock.request(time.time_ns() // 1000000, port=80, seconds=60)
        knock.send_datagram(knock.seal(enrolment, plain, source), address, 20480, None)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
