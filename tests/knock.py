#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The knock, a second time: written from doc/protocol.md alone, in plain Python, so that a mistake in
lib/ is not repeated by the tests of it. AES is FIPS 197, CMAC RFC 4493, SIV RFC 5297, HKDF RFC 5869.
It is slow and leaks timing: for tests only.

knock.py make  -t TOKENFILE [what]           prints the knock in hex
knock.py send  -t TOKENFILE --to ADDR [what] [how]
knock.py again --hex HEX --to ADDR [how]     sends these bytes
knock.py read  -t TOKENFILE --hex HEX [--from ADDR]    prints the fields, or what is wrong
knock.py code  -t TOKENFILE [--time MS]      prints the ports of the rolling code
knock.py test  VECTORS                       checks itself against the test vectors (TAP)

what: --from ADDR|none  bound to this address (default: the one that the socket uses)
      --time MS|+MS|-MS   --action open|close|trigger   --door tcp/22|all   --number N   --for SECONDS
how:  --via spa|udp|tcp|code   single packet, or sequence of UDP or TCP packets, or rolling code
      --port N   --bind ADDR   --trailer BYTES   --save FILE (the hex)
      of a sequence:  --drop N (are not sent)   --wrong N (are replaced)   --twice (each packet)
      --pace MS (between them)
"""
import argparse
import base64
import hashlib
import hmac
import ipaddress
import json
import os
import random
import socket
import struct
import sys
import time
import urllib.parse

# AES-256, FIPS 197


def gf_times(a, b, polynomial):
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 0x100:
            a ^= polynomial
        b >>= 1
    return product


def make_sbox():
    box = bytearray(256)
    for x in range(256):
        inverse = next((y for y in range(256) if gf_times(x, y, 0x11b) == 1), 0)
        value = 0x63
        for shift in range(5):
            value ^= (inverse << shift | inverse >> (8 - shift)) & 0xff
        box[x] = value
    return bytes(box)


def make_sbox_fast():
    """The same box by walking the powers of 3 and of its inverse: a search takes 0.1 s."""
    box = bytearray(256)
    box[0] = 0x63
    power, inverse = 1, 1
    for _ in range(255):
        power = gf_times(power, 3, 0x11b)
        inverse = gf_times(inverse, 0xf6, 0x11b)
        value = 0x63
        for shift in range(5):
            value ^= (inverse << shift | inverse >> (8 - shift)) & 0xff
        box[power] = value
    return bytes(box)


SBOX = make_sbox_fast()
DOUBLE = bytes(gf_times(x, 2, 0x11b) for x in range(256))


class Aes256:
    def __init__(self, key):
        assert len(key) == 32
        words = [key[i:i + 4] for i in range(0, 32, 4)]
        constant = 1
        for i in range(8, 60):
            word = words[i - 1]
            if i % 8 == 0:
                word = bytes(SBOX[b] for b in word[1:] + word[:1])
                word = bytes((word[0] ^ constant,)) + word[1:]
                constant = gf_times(constant, 2, 0x11b)
            elif i % 8 == 4:
                word = bytes(SBOX[b] for b in word)
            words.append(xor(words[i - 8], word))
        self.rounds = [b"".join(words[i:i + 4]) for i in range(0, 60, 4)]

    def encrypt(self, block):
        state = xor(block, self.rounds[0])
        for number, key in enumerate(self.rounds[1:], 1):
            # SubBytes and ShiftRows: byte r of column c comes from column c + r
            state = bytes(SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16))
            if number < 14:
                state = b"".join(mix_column(state[i:i + 4]) for i in range(0, 16, 4))
            state = xor(state, key)
        return state


def mix_column(column):
    every = column[0] ^ column[1] ^ column[2] ^ column[3]
    return bytes(column[i] ^ every ^ DOUBLE[column[i] ^ column[(i + 1) % 4]] for i in range(4))


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


# CMAC (RFC 4493) and SIV (RFC 5297)


def dbl(block):
    number = int.from_bytes(block, "big") << 1
    if number >> 128:
        number ^= (1 << 128) | 0x87
    return number.to_bytes(16, "big")


def pad(data):
    return data + b"\x80" + bytes(15 - len(data))


def cmac(aes, data):
    key = dbl(aes.encrypt(bytes(16)))
    start = max(0, (len(data) - 1) // 16 * 16)
    last = data[start:]
    last = xor(last, key) if len(last) == 16 else xor(pad(last), dbl(key))
    mac = bytes(16)
    for i in range(0, start, 16):
        mac = aes.encrypt(xor(mac, data[i:i + 16]))
    return aes.encrypt(xor(mac, last))


def s2v(key, associated, plain):
    aes = Aes256(key)
    state = cmac(aes, bytes(16))
    for string in associated:
        state = xor(dbl(state), cmac(aes, string))
    if len(plain) >= 16:
        return cmac(aes, plain[:-16] + xor(plain[-16:], state))
    return cmac(aes, xor(dbl(state), pad(plain)))


def siv_counter(key, tag, data):
    aes = Aes256(key)
    counter = int.from_bytes(tag, "big") & ~(1 << 63 | 1 << 31)
    stream = b"".join(aes.encrypt((counter + i).to_bytes(16, "big"))
                      for i in range((len(data) + 15) // 16))
    return xor(data, stream[:len(data)])


def siv_seal(key, associated, plain):
    """(tag, sealed)"""
    tag = s2v(key[:32], associated, plain)
    return tag, siv_counter(key[32:], tag, plain)


def siv_open(key, associated, tag, sealed):
    """The plain text, or None."""
    plain = siv_counter(key[32:], tag, sealed)
    return plain if hmac.compare_digest(s2v(key[:32], associated, plain), tag) else None


def hkdf(secret, salt, info, size):
    key = hmac.digest(salt or bytes(32), secret, "sha256")
    out, block, count = b"", b"", 0
    while len(out) < size:
        count += 1
        block = hmac.digest(key, block + info + bytes((count,)), "sha256")
        out += block
    return out[:size]


# The knock

ACTIONS = {"open": 0, "close": 1, "trigger": 2}
PROTOCOLS = {"tcp": 6, "udp": 17, "sctp": 132}


class Enrolment:
    def __init__(self, key, server, ident, **more):
        self.key, self.server, self.id = key, server, ident
        self.name, self.host = more.get("name"), more.get("host")
        self.spa = more.get("spa", ())
        self.sequence = more.get("seq", ())
        self.code = more.get("code", ())
        self.codelen = more.get("codelen", 8)
        self.nat = more.get("nat", False)
        self.siv_key = hkdf(key, server, b"postern-v1 siv", 64)
        self.mask_key = hkdf(server, b"", b"postern-v1 mask", 32)
        self.code_key = hkdf(key, server, b"postern-v1 code", 32)

    @classmethod
    def of_token(cls, line):
        """postern://NAME@HOST/?id=…&key=…&server=…; an unknown field is ignored"""
        url = urllib.parse.urlsplit(line.strip())
        if url.scheme != "postern" or not url.username:
            raise ValueError("not a token")
        fields = dict(pair.split("=", 1) for pair in url.query.split("&"))
        more = {name: ports(fields[name]) for name in ("spa", "seq", "code") if name in fields}
        return cls(secret(fields["key"]), secret(fields["server"]), bytes.fromhex(fields["id"]),
                   name=url.username, host=url.hostname, nat=fields.get("nat") == "1",
                   codelen=int(fields.get("codelen", 8)), **more)


def secret(text):
    data = base64.urlsafe_b64decode(text + "=")
    if len(data) != 32 or base64.urlsafe_b64encode(data).rstrip(b"=") != text.encode():
        raise ValueError("a secret is 43 characters of base64url")
    return data


def ports(text):
    """A set of ports, "a, a-b", in ascending order."""
    found = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return sorted(found)


def source_bytes(address):
    """16 bytes: IPv6, IPv4 mapped into it, or none."""
    if address in (None, "none"):
        return bytes(16)
    packed = ipaddress.ip_address(address).packed
    return packed if len(packed) == 16 else bytes(10) + b"\xff\xff" + packed


def request(time_ms, action=0, proto=6, port=22, seconds=0):
    return time_ms.to_bytes(6, "big") + struct.pack(">BBHH", action, proto, port, seconds)


def seal(enrolment, plain, source):
    tag, sealed = siv_seal(enrolment.siv_key, [enrolment.id + source_bytes(source)], plain)
    return tag + xor(enrolment.id, mask(enrolment, tag)) + sealed


def mask(enrolment, tag):
    return Aes256(enrolment.mask_key).encrypt(tag)[:4]


def read(enrolment, knock, source):
    """The request's fields; or a word that says what is wrong."""
    tag, ident, sealed = knock[:16], knock[16:20], knock[20:32]
    if xor(ident, mask(enrolment, tag)) != enrolment.id:
        return "somebody else's"
    for bound in (source, None):
        plain = siv_open(enrolment.siv_key, [enrolment.id + source_bytes(bound)], tag, sealed)
        if plain:
            action, proto, port, seconds = struct.unpack(">BBHH", plain[6:])
            return {"time": int.from_bytes(plain[:6], "big"), "action": action, "proto": proto,
                    "port": port, "seconds": seconds, "bound": bool(bound and bound != "none")}
    return "forged, or bound to another address"


# Carrier 2: the Reed-Solomon code is the polynomial through the 32 bytes, by Lagrange


def gf_inverse(a):
    return next(b for b in range(256) if gf_times(a, b, 0x11d) == 1)


INVERSE = [0] + [gf_inverse(a) for a in range(1, 256)]


def through(points, at):
    """The value at that place of the one polynomial through these (x, y)."""
    total = 0
    for x, y in points:
        term = y
        for other, _ in points:
            if other != x:
                term = gf_times(term, at ^ other, 0x11d)
                term = gf_times(term, INVERSE[x ^ other], 0x11d)
        total ^= term
    return total


def symbols(knock, count):
    points = list(enumerate(knock))
    return knock + bytes(through(points, x) for x in range(32, count))


def sequence_ports(knock, allowed):
    count = min(len(allowed) // 256, 64)
    if count < 32:
        raise ValueError("too few ports for a sequence")
    return [allowed[256 * i + value] for i, value in enumerate(symbols(knock, count))]


# Carrier 3


def code_ports(enrolment, allowed, step, length=8):
    rest, chosen, words, block = list(allowed), [], [], 0
    while len(chosen) < length:
        if not words:
            digest = hmac.digest(enrolment.code_key, step.to_bytes(8, "big") + bytes((block,)), "sha256")
            words = list(struct.unpack(">8I", digest))
            block += 1
        chosen.append(rest.pop(words.pop(0) * len(rest) >> 32))
    return chosen


# Sending


def send_datagram(data, to, port, bind):
    with open_socket(to, socket.SOCK_DGRAM, bind) as sock:
        sock.sendto(data, (to, port))


def send_touch(to, port, bind, kind):
    """One packet without payload to that port."""
    if kind == "udp":
        return send_datagram(b"", to, port, bind)
    with open_socket(to, socket.SOCK_STREAM, bind) as sock:
        sock.setblocking(False)
        sock.connect_ex((to, port))


def open_socket(to, kind, bind):
    family = socket.AF_INET6 if ":" in to else socket.AF_INET
    sock = socket.socket(family, kind)
    if bind:
        sock.bind((bind, 0))
    return sock


def own_address(to, bind):
    """What the server will see, where no NAT is between."""
    if bind:
        return bind
    with open_socket(to, socket.SOCK_DGRAM, None) as sock:
        sock.connect((to, 9))
        return sock.getsockname()[0]


def send_knock(knock, options):
    via, to, bind = options.via, options.to, options.bind
    if via == "spa":
        return send_datagram(knock + os.urandom(options.trailer), to, options.port, bind)
    for port in disturbed(sequence_ports(knock, options.sequence), options):
        send_touch(to, port, bind, via)
        time.sleep(options.pace / 1000)


def disturbed(chosen, options):
    """In random order, without some, some others wrong, each packet twice."""
    places = random.sample(list(enumerate(chosen)), len(chosen))[options.drop:]
    for number, (position, port) in enumerate(places[:options.wrong]):
        value = options.sequence.index(port) % 256 + random.randrange(1, 256)
        places[number] = (position, options.sequence[256 * position + value % 256])
    sent = [port for _, port in places] * (2 if options.twice else 1)
    random.shuffle(sent)
    return sent


def time_of(text):
    now = time.time_ns() // 1000000
    if not text:
        return now
    return now + int(text) if text[0] in "+-" else int(text)


def knock_of(enrolment, options):
    action = ACTIONS[options.action]
    proto, port = 0, 0
    if options.action == "trigger":
        port = options.number
    elif options.door != "all":
        name, _, number = options.door.partition("/")
        proto, port = PROTOCOLS[name], int(number)
    source = options.source or own_address(options.to, options.bind)
    plain = request(time_of(options.time), action, proto, port, options.seconds)
    return seal(enrolment, plain, source)


# Checking itself


def checks(vector):
    """(name, is it so) of one test vector"""
    me = Enrolment(bytes.fromhex(vector["key"]), bytes.fromhex(vector["server"]),
                   bytes.fromhex(vector["id"]))
    plain = request(vector["time_ms"], vector["action"], vector["proto"], vector["port"],
                    vector["seconds"])
    knock = seal(me, plain, vector["source"])
    fields = read(me, knock, vector["source"])
    yield "siv key", me.siv_key.hex() == vector["siv_key"]
    yield "mask key", me.mask_key.hex() == vector["mask_key"]
    yield "request", plain.hex() == vector["request"]
    yield "knock", knock.hex() == vector["knock"]
    yield "read again", (fields["time"], fields["action"], fields["proto"], fields["port"],
                         fields["seconds"], fields["bound"]) == (
                             vector["time_ms"], vector["action"], vector["proto"],
                             vector["port"], vector["seconds"], vector["source"] is not None)
    yield "any bit changed is noticed", all(
        isinstance(read(me, flip(knock, bit), vector["source"]), str) for bit in range(0, 256, 7))
    if vector["source"]:
        yield "another address is noticed", isinstance(read(me, knock, "203.0.113.1"), str)
    for count in (48, 64):
        yield f"{count} symbols", symbols(knock, count).hex() == vector[f"symbols_{count}"]
    some = sorted(random.sample(list(enumerate(symbols(knock, 48))), 32))
    yield "any 32 symbols give it back", bytes(through(some, x) for x in range(32)) == knock
    yield "ports", sequence_ports(knock, ports("20480-32767")) == vector["ports_20480_32767"]
    yield "code", code_ports(me, ports("1000-1255"),
                             vector["code_step"]) == vector["code_ports_1000_1255"]


def flip(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def standards():
    """Published examples, so that the vectors are not the only witness."""
    yield "AES-256: FIPS 197, C.3", Aes256(bytes(range(32))).encrypt(
        bytes.fromhex("00112233445566778899aabbccddeeff")).hex() == "8ea2b7ca516745bfeafc49904b496089"
    yield "the S-box is the inverse in GF(256)", SBOX == make_sbox()
    yield "HKDF: RFC 5869, A.1", hkdf(
        b"\x0b" * 22, bytes(range(13)), bytes(range(0xf0, 0xfa)), 42).hex() == (
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
    key = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
    yield "CMAC with AES-256: SP 800-38B, D.3, 40 bytes", cmac(Aes256(key), bytes.fromhex(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411")
        ).hex() == "aaf3d8f1de5640c232f5b169b9c911e6"


def test(path):
    with open(path, encoding="ascii") as file:
        vectors = json.load(file)["vectors"]
    results = [(f"standard: {name}", so) for name, so in standards()]
    for vector in vectors:
        results += [(f"{vector['name']}: {name}", so) for name, so in checks(vector)]
    print(f"1..{len(results)}")
    for number, (name, so) in enumerate(results, 1):
        print(f"{'' if so else 'not '}ok {number} - {name}")
    return 0 if all(so for _, so in results) else 1


# The command line


def parse(arguments):
    parser = argparse.ArgumentParser(usage=__doc__, add_help=False)
    parser.add_argument("verb", choices=("make", "send", "again", "read", "code"))
    parser.add_argument("-t", dest="token")
    parser.add_argument("--to")
    parser.add_argument("--hex")
    parser.add_argument("--from", dest="source")
    parser.add_argument("--time")
    parser.add_argument("--action", choices=ACTIONS, default="open")
    parser.add_argument("--door", default="tcp/22")
    parser.add_argument("--number", type=int, default=1)
    parser.add_argument("--for", dest="seconds", type=int, default=0)
    parser.add_argument("--via", choices=("spa", "udp", "tcp", "code"), default="spa")
    parser.add_argument("--port", type=int, default=20480)
    parser.add_argument("--bind")
    parser.add_argument("--trailer", type=int, default=0)
    parser.add_argument("--drop", type=int, default=0)
    parser.add_argument("--wrong", type=int, default=0)
    parser.add_argument("--twice", action="store_true")
    parser.add_argument("--pace", type=int, default=0)
    parser.add_argument("--save")
    return parser.parse_args(arguments)


def main(arguments):
    if arguments[:1] == ["test"] and len(arguments) == 2:
        return test(arguments[1])
    options = parse(arguments)
    enrolment = None
    options.sequence = ports("20480-32767")
    if options.token:
        with open(options.token, encoding="ascii") as file:
            enrolment = Enrolment.of_token(file.read())
        options.sequence = enrolment.sequence or options.sequence
    elif options.verb != "again":
        sys.exit("knock.py: whose knock? -t TOKENFILE")
    if options.verb == "read":
        fields = read(enrolment, bytes.fromhex(options.hex), options.source)
        print(fields if isinstance(fields, str) else json.dumps(fields))
        return int(isinstance(fields, str))
    if options.verb == "code" or options.via == "code":
        chosen = code_ports(enrolment, enrolment.code, time_of(options.time) // 30000,
                            enrolment.codelen)
        print(*chosen)
        for port in chosen if options.verb == "send" else ():
            send_touch(options.to, port, options.bind, "udp")
        return 0
    knock = bytes.fromhex(options.hex) if options.verb == "again" else knock_of(enrolment, options)
    if options.save:
        with open(options.save, "w", encoding="ascii") as file:
            file.write(knock.hex() + "\n")
    if options.verb == "make":
        print(knock.hex())
    else:
        send_knock(knock, options)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
