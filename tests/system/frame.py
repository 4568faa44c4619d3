#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames as no socket would send them, into a namespace of the test.

frame.py send INTERFACE MAC [tag=N…] PACKET…     over Ethernet, to that MAC
frame.py tun NAME PACKET…                        makes the interface; each packet comes in by it
frame.py record INTERFACE PATH PORT              the next UDP datagram to that port, into such a file
frame.py file PATH LINK [time=SECONDS] [tag=N…] PACKET…    as tcpdump -w would write them; LINK is a
                                                 number, or "sll", "ethernet"…; pcapng with "ng:" before

PACKET is udp/FROM/PORT/BYTES, tcp/FROM/PORT/FLAGS (hex), or hex of its own; IPv4 to 192.0.2.1, IPv6 to
2001:db8::1. The first 32 bytes of a UDP payload are letters."""
import fcntl
import ipaddress
import socket
import struct
import subprocess
import sys
import time

LINKS = {"null": 0, "ethernet": 1, "raw": 101, "loop": 108, "sll": 113, "sll2": 276, "v4": 228, "v6": 229}
PAYLOAD = b"abcdefghijklmnopqrstuvwxyz012345"


def packet(text):
    if "/" not in text:
        return bytes.fromhex(text)
    proto, source, port, rest = text.split("/")
    source = ipaddress.ip_address(source)
    if proto == "udp":
        data = (PAYLOAD * 64)[:int(rest)]
        number, body = 17, struct.pack(">HHHH", 40000, int(port), 8 + len(data), 0) + data
    else:
        number, body = 6, struct.pack(">HHIIBBHHH", 40000, int(port), 1, 0, 0x50, int(rest, 16), 1024, 0, 0)
    if source.version == 6:
        target = ipaddress.ip_address("2001:db8::1")
        return struct.pack(">IHBB", 6 << 28, len(body), number, 64) + source.packed + target.packed + body
    target = ipaddress.ip_address("192.0.2.1")
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, number, 0) + source.packed + target.packed
    total = sum(struct.unpack(">10H", head))
    total = (total & 0xffff) + (total >> 16)
    return head[:10] + struct.pack(">H", ~(total + (total >> 16)) & 0xffff) + head[12:] + body


def typed(data, tags):
    """From the Ethernet type on."""
    data = struct.pack(">H", 0x86dd if data[0] >> 4 == 6 else 0x0800) + data
    for i, tag in enumerate(reversed(tags)):
        outer = i == len(tags) - 1 and len(tags) > 1
        data = struct.pack(">HH", 0x88a8 if outer else 0x8100, tag) + data
    return data


def framed(link, data, tags):
    inner = typed(data, tags)
    if link == 1:
        return bytes(range(12)) + inner
    if link == 113:
        return struct.pack(">HHH8s", 0, 1, 6, b"") + inner
    if link == 276:
        return inner[:2] + struct.pack(">HIHBB8s", 0, 1, 1, 0, 6, b"") + inner[2:]
    if link in (0, 108):
        return struct.pack("<I" if link == 0 else ">I", 10 if data[0] >> 4 == 6 else 2) + data
    return data


def block(kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def write(path, link, when, frames):
    new = link.startswith("ng:")
    link = link[3:] if new else link
    link = LINKS[link] if link in LINKS else int(link)
    with open(path, "wb") as out:
        if new:
            out.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
            out.write(block(1, struct.pack("<HHI", link, 0, 0)))
        else:
            out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, link))
        for data, tags in frames:
            data = framed(link, data, tags)
            micro = int(when * 1000000)
            if new:
                out.write(block(6, struct.pack("<IIIII", 0, micro >> 32, micro & 0xffffffff, len(data),
                                               len(data)) + data))
            else:
                out.write(struct.pack("<IIII", micro // 1000000, micro % 1000000, len(data), len(data)) + data)
            when += 0.25


def send(interface, mac, frames):
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sender.bind((interface, 0))
    head = bytes.fromhex(mac.replace(":", "")) + bytes.fromhex("020000000001")
    for data, tags in frames:
        sender.send(head + typed(data, tags))


def tun(name, frames):
    device = open("/dev/net/tun", "r+b", buffering=0)
    fcntl.ioctl(device, 0x400454ca, struct.pack("16sH22s", name.encode(), 0x1001, b""))
    subprocess.run(["ip", "link", "set", name, "up"], check=True)
    time.sleep(0.5)
    for data, _ in frames:
        device.write(data)
    time.sleep(0.5)


def record(interface, path, port):
    receiver = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    receiver.bind((interface, 0x0800))
    print("recording", flush=True)
    data = b""
    while data[9:10] != bytes([17]) or data[22:24] != struct.pack(">H", port):
        data = receiver.recv(65536)
    write(path, "raw", time.time(), [(data, [])])


def main(arguments):
    verb, first, *rest = arguments
    if verb == "record":
        return record(first, rest[0], int(rest[1]))
    options = [text.split("=") for text in rest if "=" in text]
    tags = [int(value) for name, value in options if name == "tag"]
    when = float(dict(options).get("time", "0"))
    plain = [text for text in rest if "=" not in text]
    frames = [(packet(text), tags) for text in (plain if verb == "tun" else plain[1:])]
    if verb == "send":
        send(first, plain[0], frames)
    elif verb == "tun":
        tun(first, frames)
    else:
        write(first, plain[0], when, frames)


main(sys.argv[1:])
