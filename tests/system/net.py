#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The other end of a connection, for system tests.

listen PORT                     takes TCP connections on every address, both families, and says hello
reach ADDR PORT [FROM [WAIT]]   says what is found there: open, refused or silent (WAIT seconds, 0.3)
at ADDR PORT TIME...             the same at each of these times (seconds since 1970), a word each; late
                                where it could not look in time
stay ADDR PORT SECONDS          connects, says hello after that time: alive (it came back) or dead
answer PORT                     sends back what comes by UDP, both families
ask ADDR PORT                   by UDP; fails where nothing comes back within 0.4 seconds
echo PORT                       for stay: takes connections, and sends back what comes
last_open ADDR PORT             waits until the port is shut; prints when a try that found it open began,
                                in ms since the machine's start
opened ADDR PORT COMMAND...     runs the command, which knocks by UDP at ADDR (IPv4), tries the port all
                                the time, and prints how many ms after the knock the port was open,
                                the packet's size and its payload in hex
"""
import selectors
import socket
import struct
import subprocess
import sys
import threading
import time

SO_TIMESTAMPNS = 35  # its number for most architectures, Linux's generic one


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


def answer(port):
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        sock.bind(("", port))
        while True:
            sock.sendto(b"!", sock.recvfrom(9)[1])


def ask(address, port):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET,
                       socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.4)
        sock.sendto(b"?", (address, port))
        sock.recv(9)


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
        in_time = time.time() < float(moment) + 0.4
        yield reach(address, port, wait="0.4") if in_time else "late"


def reach(address, port, source="", wait="0.3"):
    try:
        with socket.create_connection((address, port), float(wait),
                                      (source, 0) if source else None):
            return "open"
    except TimeoutError:
        return "silent"
    except ConnectionRefusedError:
        return "refused"


def last_open(address, port):
    last, misses = None, 0
    while misses < 5:
        begun = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000000
        if reach(address, port, wait="0.1") == "open":
            last, misses = begun, 0
        else:
            misses += 1
    return last if last else sys.exit("it was not open at all")


def opened(address, port, command):
    """The wire is read; so it does not matter how long the command takes to start and to end."""
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
    wire.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    wire.bind(("eth0", 0))
    wire.setblocking(False)
    tries, asked, knocked, payload = [], {}, None, b""
    end = time.monotonic() + 5
    with subprocess.Popen(command, stdout=sys.stderr) as child:
        while time.monotonic() < end:
            tries.append(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            tries[-1].setblocking(False)
            tries[-1].connect_ex((address, port))
            time.sleep(0.0002)
            for moment, packet in packets(wire):
                kind, ports, rest = packet
                if kind == socket.IPPROTO_UDP and knocked is None:
                    knocked, payload = moment, rest[4:]
                elif kind == socket.IPPROTO_TCP and rest[9] & 0x12 == 0x02:
                    asked[ports[0]] = moment
                elif kind == socket.IPPROTO_TCP and rest[9] & 0x12 == 0x12 and ports[1] in asked:
                    if knocked is None:
                        sys.exit("the port was open before the knock")
                    return f"{(asked[ports[1]] - knocked) * 1000:.2f} {len(payload)} {payload.hex()}"
        child.kill()
    sys.exit("the port did not open" if knocked else "no knock was seen")


def packets(wire):
    """(time, (protocol, ports, what follows the ports)) of each IPv4 packet that is waiting"""
    while True:
        try:
            data, more, _, _ = wire.recvmsg(65536, 64)
        except BlockingIOError:
            return
        if data[0] >> 4 != 4 or data[9] not in (socket.IPPROTO_UDP, socket.IPPROTO_TCP):
            continue
        seconds, ns = struct.unpack("@ll", more[0][2])
        header = (data[0] & 15) * 4
        yield (seconds + ns / 1e9, (data[9], struct.unpack(">HH", data[header:header + 4]),
                                    data[header + 4:]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["listen"] and len(sys.argv) == 3:
        listen(int(sys.argv[2]), say_hello)
    elif sys.argv[1:2] == ["echo"] and len(sys.argv) == 3:
        listen(int(sys.argv[2]), send_back)
    elif sys.argv[1:2] == ["answer"] and len(sys.argv) == 3:
        answer(int(sys.argv[2]))
    elif sys.argv[1:2] == ["ask"] and len(sys.argv) == 4:
        ask(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1:2] == ["stay"] and len(sys.argv) == 5:
        print(stay(sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
    elif sys.argv[1:2] == ["at"] and len(sys.argv) >= 5:
        print(*at(sys.argv[2], int(sys.argv[3]), sys.argv[4:]))
    elif sys.argv[1:2] == ["reach"] and 4 <= len(sys.argv) <= 6:
        print(reach(sys.argv[2], int(sys.argv[3]), *sys.argv[4:]))
    elif sys.argv[1:2] == ["last_open"] and len(sys.argv) == 4:
        print(last_open(sys.argv[2], int(sys.argv[3])))
    elif sys.argv[1:2] == ["opened"] and len(sys.argv) > 4:
        print(opened(sys.argv[2], int(sys.argv[3]), sys.argv[4:]))
    else:
        sys.exit(__doc__)
