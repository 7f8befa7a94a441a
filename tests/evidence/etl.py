#!/usr/bin/env python3
"""Synthetic traces of Windows (.etl): no real one with events of Winsock-AFD was available.

What the providers write is put together from their published schemas, field by field, and packed as Windows packs
it: buffers of several processors, events out of order, plain or compressed. Each scenario knows what it has put in.

    etl.py FOLDER [SCENARIO...]      writes SCENARIO.etl and what is in it, SCENARIO.json
    etl.py --seeds FOLDER            writes what is kept in tests/fixtures/evidence/etl and fuzzing begins with
"""

import json
import os
import struct
import sys
from collections import Counter, defaultdict

AFD = bytes.fromhex("23683ce5b87bbb4490dc3f86090d48a6")
TCPIP = bytes.fromhex("eee2072fdb15f14090ef9d7ba282188a")
NETWORK = bytes.fromhex("492ad47d295332488dfd43d979153a88")
PROCESS = bytes.fromhex("d62cfb227b0e2b42a0c72fad1fd0e716")
STRANGER = bytes.fromhex("00112233445566778899aabbccddeeff")

SUCCESS = 0
TOO_MANY = 0xC0000209
EXISTS = 0xC000020A
DENIED = 0xC0000022
REFUSED = 0xC0000236

ENTER, EXIT = 0, 1
TCP, UDP = (1, 6), (2, 17)

BEGIN_MS = 1_700_000_000_000  # 2023-11-14T22:13:20Z
UNIX_EPOCH = 116_444_736_000_000_000
HEADER = 72
FILLER = b"\xff"


# ---- XPRESS: plain LZ77 of [MS-XCA] 2.3 ----

class Flags:
    """A word of 32 flags stands before what they tell of."""

    def __init__(self):
        self.out = bytearray()
        self.word_at = self.used = self.bits = 0

    def flag(self, bit):
        if not self.used:
            self.word_at = len(self.out)
            self.out += bytes(4)
            self.used = 32
            self.bits = 0
        self.used -= 1
        self.bits |= bit << self.used
        struct.pack_into("<I", self.out, self.word_at, self.bits)


def compress(data, spare_word=False):
    flags, nibble_at = Flags(), None
    out, seen, at = flags.out, {}, 0
    while at < len(data):
        found = seen.get(data[at:at + 3], -1) if at + 3 <= len(data) else -1
        length = 0
        if found >= 0 and at - found <= 8192:
            while at + length < len(data) and data[found + length] == data[at + length]:
                length += 1
        flags.flag(1 if length >= 3 else 0)
        if length < 3:
            out.append(data[at])
            length = 1
        else:
            rest = length - 3
            out += struct.pack("<H", (at - found - 1) << 3 | min(rest, 7))
            if rest >= 7:
                nibble = min(rest - 7, 15)
                if nibble_at is None:
                    nibble_at = len(out)
                    out.append(nibble)
                else:
                    out[nibble_at] |= nibble << 4
                    nibble_at = None
                if nibble == 15:
                    more = rest - 7 - 15
                    out.append(min(more, 255))
                    if more >= 255:
                        out += struct.pack("<H", rest if rest < 65536 else 0)
                        if rest >= 65536:
                            out += struct.pack("<I", rest)
        for step in range(at, at + length):
            seen[data[step:step + 3]] = step
        at += length
    return bytes(out) + (b"\xff\xff\xff\xff" if spare_word else b"")


# ---- payloads ----

def sockaddr(address, port):
    if ":" in address:
        import ipaddress
        return struct.pack("<H", 23) + struct.pack(">HI", port, 0) + \
            ipaddress.IPv6Address(address).packed + bytes(4)
    return struct.pack("<H", 2) + struct.pack(">H", port) + \
        bytes(int(part) for part in address.split(".")) + bytes(8)


def counted(address, port):
    raw = sockaddr(address, port)
    return struct.pack("<I", len(raw)) + raw


class Payloads:
    """What the providers write, with pointers of so many bytes."""

    def __init__(self, pointer):
        self.pointer = pointer

    def p(self, value):
        return struct.pack("<Q" if self.pointer == 8 else "<I",
                           value & ((1 << 8 * self.pointer) - 1))

    def request(self, phase, process, endpoint):
        return struct.pack("<II", phase, 3) + self.p(process) + self.p(endpoint)

    def create(self, phase, process, endpoint, pid, kind=TCP, status=SUCCESS):
        return self.request(phase, process, endpoint) + struct.pack("<III", 2, *kind) + \
            self.p(pid) + struct.pack("<I", status)

    def bind(self, phase, process, endpoint, status, local=None):
        return self.request(phase, process, endpoint) + struct.pack("<I", status) + \
            (counted(*local) if local else b"")

    def connect(self, phase, process, endpoint, status, remote=None):
        body = self.request(phase, process, endpoint)
        if remote:
            body += self.p(0) + struct.pack("<I", 0)
        return body + struct.pack("<I", status) + (counted(*remote) if remote else b"")

    def bind_port(self, version, local, status):
        return (self.p(0xFFFF9900) if version else b"") + counted(*local) + struct.pack("<I", status)

    def udp_bind_port(self, local, status):
        return counted(*local) + struct.pack("<I", status) + self.p(0xFFFF9900)

    def connect_port(self, version, local, remote, status, pid):
        return counted(*local) + counted(*remote) + struct.pack("<III", status, pid, 1) + \
            self.p(0xFFFF7700) + (struct.pack("<Q", 1 << 48 | pid) if version else b"")

    def listener_port(self, version, local, status, pid):
        return self.p(0xFFFF6600) + counted(*local) + struct.pack("<IIII", status, pid, 1, 2) + \
            (struct.pack("<Q", 1 << 48 | pid) if version else b"")

    def reservation(self, version, pid, status, first, ports):
        return struct.pack("<IIHH", pid, status, first, ports) + \
            (struct.pack("<Q", 1 << 48 | pid) if version else b"")

    def network(self, pid, remote, local):
        first, second = (sockaddr(*each) for each in (remote, local))
        begin, end = (8, 24) if ":" in remote[0] else (4, 8)
        return struct.pack("<II", pid, 64) + first[begin:end] + second[begin:end] + \
            struct.pack(">HH", remote[1], local[1]) + struct.pack("<II", 0, 0)

    def started(self, version, pid, image):
        return struct.pack("<IQII", pid, 0, 4, 1) + (struct.pack("<I", 0) if version else b"") + \
            image.encode("utf-16-le") + b"\0\0"


# ---- the container ----

class Trace:
    def __init__(self, pointer=8, compressed=False, clock="qpc", buffer_size=8192, circular=False,
                 lost=(0, 0), build=19041, written=None, spare_word=False):
        self.pointer, self.compressed, self.clock = pointer, compressed, clock
        self.buffer_size, self.circular, self.lost = buffer_size, circular, lost
        self.build, self.written, self.spare_word = build, written, spare_word
        self.payloads = Payloads(pointer)
        self.events = defaultdict(list)  # by processor: (ticks, record)
        self.records, self.ids, self.items = Counter(), Counter(), Counter()
        self.first = self.last = None
        self.frequency = {"qpc": 2_441_412, "system": 10_000_000, "cycles": 2_400_000_000}[clock]
        self.start_raw = 987_654_321

    def ticks(self, milliseconds):
        if self.clock == "system":
            return UNIX_EPOCH + (BEGIN_MS + milliseconds) * 10_000
        # the first tick that is not earlier
        return self.start_raw + -(-milliseconds * self.frequency // 1000)

    def put(self, cpu, milliseconds, record, kind):
        ticks = self.ticks(milliseconds)
        self.events[cpu].append((ticks, record(ticks)))
        self.records["0x%02x" % kind] += 1
        self.first = min(milliseconds, self.first if self.first is not None else milliseconds)
        self.last = max(milliseconds, self.last if self.last is not None else milliseconds)

    def add(self, cpu, milliseconds, provider, event, payload, version=0, pid=0, thread=0, items=()):
        kind = 0x13 if self.pointer == 8 else 0x12
        extended = b""
        for place, (item, data) in enumerate(items):
            size = 8 + len(data) + 7 & ~7
            extended += (struct.pack("<HHHH", size, item, place + 1 < len(items), len(data)) +
                         data).ljust(size, b"\0")
            self.items[str(item)] += 1

        def record(ticks):
            size = 80 + len(extended) + len(payload)
            return struct.pack("<HBBHHIIq", size, kind, 0xC0, 1 if items else 0, 0, thread, pid,
                               ticks) + provider + \
                struct.pack("<HBBBBHQQ", event, version, 0x10, 4, 12, 0, 1 << 63 | 4, 0) + \
                bytes(16) + extended + payload

        self.ids[provider.hex(), event] += 1
        self.put(cpu, milliseconds, record, kind)

    def add_classic(self, cpu, milliseconds, kind=0x14):
        self.put(cpu, milliseconds, lambda ticks: struct.pack(
            "<HBBBBHIIq", 48, kind, 0xC0, 10, 0, 0, 1, 2, ticks) + STRANGER + bytes(8), kind)

    def add_other(self, cpu, milliseconds, kind, size_at, size):
        """A record of another kind, or of none that is known."""
        def record(_):
            raw = bytearray(size)
            raw[2], raw[3] = kind, 0xC0
            struct.pack_into("<H", raw, size_at, size)
            raw[7] = 5 if size_at else 0  # a hook of no group of the trace itself
            return bytes(raw)

        self.put(cpu, milliseconds, record, kind)

    def log_header(self, buffers):
        name = "synthetic".encode("utf-16-le") + b"\0\0"
        less = 8 if self.pointer == 4 else 0
        body = bytearray(0x118 - less)
        ending = UNIX_EPOCH + (BEGIN_MS + (self.last or 0) + 1000) * 10_000
        mode = (2 if self.circular else 1) | (0x04000000 if self.compressed else 0)
        struct.pack_into("<IBBBBIIqIIIIIIII", body, 0, self.buffer_size, 10, 0, 5, 0, self.build, 4,
                         ending, 156250, 100, mode, self.written or buffers, 1, self.pointer,
                         self.lost[0], 2400)
        struct.pack_into("<i", body, 0x48 - less, -60)
        struct.pack_into("<qqqII", body, 0xF8 - less, UNIX_EPOCH, self.frequency,
                         UNIX_EPOCH + BEGIN_MS * 10_000,
                         {"qpc": 1, "system": 2, "cycles": 3}[self.clock], self.lost[1])
        body += name + name
        start = self.start_raw if self.clock != "system" else UNIX_EPOCH + BEGIN_MS * 10_000
        size = 32 + len(body)
        return struct.pack("<HBBHHIIqII", 2, 2 if self.pointer == 8 else 1, 0xC0, size, 0, 1, 2,
                           start, 0, 0) + bytes(body)

    def buffer(self, records, sequence, cpu, first=False, flags=0):
        used = HEADER + len(records)
        packed = records
        if self.compressed and not first:
            packed = compress(records, self.spare_word)
            flags |= 0x40
        size = HEADER + len(packed) if flags & 0x40 else self.buffer_size
        header = struct.pack("<IIIIqQQBBHI", size, 0 if first else used, used, 0, 0, sequence, 0,
                             cpu, 8, 1, 0) + struct.pack("<IHH", used, flags, 4 if first else 0) + \
            bytes(16)
        return (header + packed).ljust(size, FILLER)

    def filled(self):
        """Buffers of each processor, by when they became full: (ticks, cpu, records)."""
        room = self.buffer_size - HEADER
        for cpu, events in self.events.items():
            held, last = b"", 0
            for ticks, record in sorted(events, key=lambda event: event[0]):
                record = record.ljust(len(record) + 7 & ~7, b"\0")
                if len(held) + len(record) > room:
                    yield last, cpu, held
                    held = b""
                held, last = held + record, ticks
            if held:
                yield last, cpu, held

    def bytes(self, lossy_buffer=False, turn=0):
        """`turn`: the file is a circle, and so many of its latest buffers have overwritten its beginning."""
        buffers = sorted(self.filled())
        data = [self.buffer(records, 1 + place, cpu, flags=2 if lossy_buffer and not place else 0)
                for place, (_, cpu, records) in enumerate(buffers)]
        data = data[len(data) - turn:] + data[:len(data) - turn]
        self.buffers = 1 + len(data)
        first = self.buffer(self.log_header(self.buffers).ljust(8), 0, 0, first=True, flags=1)
        return first + b"".join(data)


# ---- what is in it ----

class Scenario:
    """A trace and the calls that fail in it."""

    def __init__(self, **how):
        self.trace = Trace(**how)
        self.make = self.trace.payloads
        self.calls = []

    def expect(self, milliseconds, call, protocol, status, pid, source=None, destination=None,
               want=None, name=None):
        self.calls.append({
            "at": milliseconds, "call": call, "protocol": protocol, "ntstatus": "0x%08X" % status,
            "pid": pid, "name": name, "source": source[0] if source else None,
            "source_port": source[1] if source else None,
            "destination": destination[0] if destination else None,
            "port": destination[1] if destination else None,
            "want_of_port": status == TOO_MANY if want is None else want})

    def afd(self, cpu, at, event, payload, pid=0, thread=0, **more):
        self.trace.add(cpu, at, AFD, event, payload, pid=pid, thread=thread, **more)

    def data(self, **how):
        return self.trace.bytes(**how)

    def facts(self):
        trace = self.trace
        events = defaultdict(dict)
        for (provider, event), count in trace.ids.items():
            events[provider][str(event)] = count
        return {"calls": sorted(self.calls, key=lambda call: call["at"]),
                "buffers": trace.buffers, "records": dict(trace.records), "events": events,
                "items": dict(trace.items), "first": trace.first, "last": trace.last,
                "begin_ms": BEGIN_MS, "events_lost": trace.lost[0], "buffers_lost": trace.lost[1]}


def story(**how):
    """A service that runs out of ports, one that asks for a port that is taken, one that is forbidden its port."""
    scenario = Scenario(**how)
    make, afd = scenario.make, scenario.afd
    web, dns, old = 0xFFFFFA8001234060, 0xFFFFFA8005550060, 0xFFFFFA8007770060
    trace = scenario.trace

    # Its name comes late, and is told of it from the beginning.
    trace.add(3, 75, PROCESS, 15, make.started(1, 1204, "\\Device\\HarddiskVolume2\\dns.exe"))

    # A socket that was made here: process and protocol are told by its creation alone.
    afd(0, 10, 1000, make.create(ENTER, web, 0xE010, 812), pid=812, thread=11)
    afd(0, 11, 1000, make.create(EXIT, web, 0xE010, 812), pid=812, thread=11)
    afd(0, 12, 1030, make.bind(ENTER, web, 0xE010, SUCCESS, ("10.0.0.5", 0)), pid=812, thread=11)
    afd(1, 13, 1030, make.bind(EXIT, web, 0xE010, TOO_MANY, ("10.0.0.5", 0)), pid=812, thread=11)
    scenario.expect(13, "bind", "tcp", TOO_MANY, 812, ("10.0.0.5", 0))

    # The same, of IPv6 and UDP; the end names no address, the beginning did, on another processor.
    afd(3, 20, 1000, make.create(EXIT, dns, 0xE020, 1204, UDP), pid=1204, thread=21)
    afd(2, 21, 1030, make.bind(ENTER, dns, 0xE020, SUCCESS, ("2001:db8::5", 0)), pid=1204, thread=21)
    afd(0, 22, 1029, make.bind(EXIT, dns, 0xE020, TOO_MANY), pid=1204, thread=21)
    scenario.expect(22, "bind", "udp", TOO_MANY, 1204, ("2001:db8::5", 0), name="dns.exe")

    # bind() succeeds and connect() finds no port: the choice was put off. It ends in no thread of the process.
    afd(1, 30, 1000, make.create(EXIT, web, 0xE030, 812), pid=812, thread=11)
    afd(1, 31, 1030, make.bind(EXIT, web, 0xE030, SUCCESS, ("10.0.0.5", 0)), pid=812, thread=11)
    afd(2, 32, 1018, make.connect(ENTER, web, 0xE030, SUCCESS, ("10.0.9.1", 5432)), pid=812, thread=11)
    afd(3, 33, 1017, make.connect(EXIT, web, 0xE030, TOO_MANY), pid=0, thread=0)
    scenario.expect(33, "connect", "tcp", TOO_MANY, 812, ("10.0.0.5", 0), ("10.0.9.1", 5432))

    # A socket older than the trace: its process is known by others of it, or by the thread that binds.
    afd(0, 40, 1021, make.connect(EXIT, web, 0xE040, TOO_MANY, ("2001:db8::9", 443)), pid=4, thread=9)
    scenario.expect(40, "connect", None, TOO_MANY, 812, None, ("2001:db8::9", 443))
    afd(1, 41, 1030, make.bind(EXIT, old, 0xE041, TOO_MANY, ("0.0.0.0", 0)), pid=3456, thread=31)
    scenario.expect(41, "bind", None, TOO_MANY, 3456, ("0.0.0.0", 0))
    # One that ends in a foreign thread for another reason is nobody's.
    afd(1, 42, 1020, make.connect(EXIT, 0xFFFFFA8008880060, 0xE042, REFUSED), pid=99, thread=5)
    scenario.expect(42, "connect", None, REFUSED, None)

    # False alarms: a port by its number that is taken, one in an excluded range.
    afd(2, 50, 1030, make.bind(EXIT, web, 0xE050, EXISTS, ("0.0.0.0", 8080)), pid=812, thread=12)
    scenario.expect(50, "bind", None, EXISTS, 812, ("0.0.0.0", 8080))
    afd(3, 51, 1030, make.bind(EXIT, dns, 0xE051, DENIED, ("127.0.0.1", 50000)), pid=1204, thread=22)
    scenario.expect(51, "bind", None, DENIED, 1204, ("127.0.0.1", 50000), name="dns.exe")

    # What is none: a beginning with a status that means nothing, what the driver does, success, a call that waits.
    afd(0, 60, 1030, make.bind(ENTER, web, 0xE060, TOO_MANY, ("10.0.0.5", 0)), pid=812, thread=11)
    afd(0, 61, 1030, make.bind(2, web, 0xE060, TOO_MANY, ("10.0.0.5", 0)), pid=812, thread=11)
    afd(0, 62, 1030, make.bind(EXIT, web, 0xE060, SUCCESS, ("10.0.0.5", 0)), pid=812, thread=11)
    afd(0, 63, 1017, make.connect(EXIT, web, 0xE060, 0x103), pid=812, thread=11)
    afd(0, 64, 1001, make.bind(EXIT, web, 0xE060, TOO_MANY), pid=812, thread=11)
    trace.add(2, 65, STRANGER, 1030, make.bind(EXIT, web, 0xE060, TOO_MANY, ("10.0.0.5", 0)))

    # The address of a process that has ended is another's.
    afd(2, 70, 1000, make.create(EXIT, old, 0xE070, 4000), pid=4000, thread=41)
    afd(2, 71, 1017, make.connect(EXIT, old, 0xE070, TOO_MANY), pid=0)
    scenario.expect(71, "connect", "tcp", TOO_MANY, 4000)
    return scenario


def with_extras(scenario):
    """Records of all kinds between the others, and items before payloads."""
    trace, make = scenario.trace, scenario.make
    for at, (kind, size_at, size) in enumerate((
            (0x02, 4, 40), (0x04, 4, 24), (0x11, 4, 16), (0x11, 4, 20), (0x0D, 0, 12), (0x15, 0, 56),
            (0x77, 0, 24))):
        trace.add_other(at % 4, 80 + at, kind, size_at, size)
    trace.add_classic(1, 90)
    trace.add_classic(2, 91, 0x0A)
    scenario.afd(0, 92, 1030, make.bind(EXIT, 0xFFFFFA8001234060, 0xE092, TOO_MANY, ("10.0.0.5", 0)),
                 pid=812, items=((1, bytes(16)), (11, b"schema"), (12, b"\x01\x02")))
    scenario.expect(92, "bind", None, TOO_MANY, 812, ("10.0.0.5", 0))
    return scenario


def transport(version):
    """What TCP/IP tells, in a trace that has it alone."""
    scenario = Scenario()
    make, trace = scenario.make, scenario.trace
    one, two, any_port = ("10.0.0.5", 0), ("10.0.9.1", 443), ("0.0.0.0", 0)

    trace.add(0, 10, TCPIP, 1006, make.bind_port(version, one, TOO_MANY), version, pid=812, thread=1)
    scenario.expect(10, "bind", "tcp", TOO_MANY, 812, one)
    trace.add(1, 11, TCPIP, 1006, make.bind_port(version, ("10.0.0.5", 80), EXISTS), version, pid=812)
    scenario.expect(11, "bind", "tcp", EXISTS, 812, ("10.0.0.5", 80), want=False)
    trace.add(2, 12, TCPIP, 1050, make.connect_port(version, one, two, EXISTS, 900), version)
    scenario.expect(12, "connect", "tcp", EXISTS, 900, one, two, want=True)
    trace.add(3, 13, TCPIP, 1122, make.listener_port(version, any_port, TOO_MANY, 901), version)
    scenario.expect(13, "listen", "tcp", TOO_MANY, 901, any_port)
    trace.add(0, 14, TCPIP, 1394, make.udp_bind_port(("::", 0), TOO_MANY), pid=902, thread=2)
    scenario.expect(14, "bind", "udp", TOO_MANY, 902, ("::", 0))
    for event in (1053, 1054):
        trace.add(1, event - 1038, TCPIP, event, make.reservation(version, 903, TOO_MANY, 0, 64), version)
        scenario.expect(event - 1038, "reserve", "tcp", TOO_MANY, 903)
    trace.add(1, 17, TCPIP, 1054, make.reservation(version, 903, SUCCESS, 50000, 64), version)
    trace.add(1, 18, TCPIP, 1006, make.bind_port(version, one, SUCCESS), version, pid=812)
    trace.add(1, 19, TCPIP, 1170, make.bind_port(version, one, TOO_MANY), version, pid=812)
    return scenario


def twice(**how):
    """AFD and TCP/IP tell of the same call: it is one, with what both know. Another at the same time stays another."""
    scenario = Scenario(**how)
    make, trace, web = scenario.make, scenario.trace, 0xFFFFFA8001234060
    one, two = ("10.0.0.5", 0), ("10.0.9.1", 443)

    trace.add(0, 10, TCPIP, 1006, make.bind_port(1, one, TOO_MANY), 1, pid=812, thread=1)
    scenario.afd(1, 11, 1029, make.bind(EXIT, web, 0xE010, TOO_MANY), pid=812, thread=1)
    scenario.expect(11, "bind", "tcp", TOO_MANY, 812, one)
    trace.add(0, 20, TCPIP, 1050, make.connect_port(1, one, two, TOO_MANY, 812), 1)
    scenario.afd(2, 21, 1017, make.connect(EXIT, web, 0xE020, TOO_MANY), pid=812, thread=3)
    scenario.expect(21, "connect", "tcp", TOO_MANY, 812, one, two)
    trace.add(0, 30, TCPIP, 1006, make.bind_port(1, one, TOO_MANY), 1, pid=812, thread=1)
    scenario.expect(30, "bind", "tcp", TOO_MANY, 812, one)
    scenario.afd(1, 31, 1029, make.bind(EXIT, web, 0xE030, TOO_MANY), pid=813, thread=2)
    scenario.expect(31, "bind", None, TOO_MANY, 813)
    return scenario


def vista(pointer):
    scenario = Scenario(pointer=pointer, build=6002)
    make, web = scenario.make, 0x84001234

    def pair(endpoint):
        return make.p(web) + make.p(endpoint)

    scenario.afd(0, 10, 1, pair(0xE1) + struct.pack("<III", 2, *TCP) + make.p(812), pid=812)
    scenario.afd(0, 11, 2, pair(0xE1) + sockaddr("10.0.0.5", 0)[4:8] + struct.pack(">H", 0) +
                 struct.pack("<I", TOO_MANY), pid=812)
    scenario.expect(11, "bind", "tcp", TOO_MANY, 812, ("10.0.0.5", 0))
    scenario.afd(1, 12, 3, pair(0xE2) + sockaddr("2001:db8::5", 0)[8:24] + struct.pack(">H", 0) +
                 struct.pack("<I", EXISTS), pid=812)
    scenario.expect(12, "bind", None, EXISTS, 812, ("2001:db8::5", 0))
    scenario.afd(2, 13, 40, pair(0xE3) + struct.pack("<I", TOO_MANY), pid=812)
    scenario.expect(13, "bind", None, TOO_MANY, 812)
    scenario.afd(3, 14, 4, pair(0xE4) + sockaddr("10.0.9.1", 443)[4:8] + struct.pack(">H", 443))
    scenario.afd(0, 15, 6, pair(0xE4) + struct.pack("<I", TOO_MANY), pid=0)
    scenario.expect(15, "connect", None, TOO_MANY, 812, None, ("10.0.9.1", 443))
    scenario.afd(0, 16, 13, pair(0xE4) + struct.pack("<I", TOO_MANY))
    return scenario


def many(count, **how):
    """Many failures of several processes, over all processors, so that the file is far from the order of time."""
    scenario = Scenario(**how)
    for number in range(count):
        process = 0xFFFFFA8000000000 + (number % 7) * 0x1000
        pid = 1000 + number % 7
        scenario.afd(number * 7 % 4, number, 1030, scenario.make.bind(
            EXIT, process, 0xE000 + number, TOO_MANY, ("10.0.0.%d" % (number % 3), 0)), pid=pid)
        scenario.expect(number, "bind", None, TOO_MANY, pid, ("10.0.0.%d" % (number % 3), 0))
    return scenario


def busy():
    """Kernel-Network alone: who connects how often, and nothing of failures."""
    scenario = Scenario()
    trace, make = scenario.trace, scenario.make
    for number in range(30):
        trace.add(number % 4, number, NETWORK, 12, make.network(
            812, ("10.0.9.1", 5432), ("10.0.0.5", 50000 + number)))
    for number in range(10):
        trace.add(number % 4, 30 + number, NETWORK, 28, make.network(
            900, ("2001:db8::9", 443), ("2001:db8::5", 51000)))
    trace.add(0, 50, NETWORK, 15, make.network(900, ("10.0.9.7", 40000), ("10.0.0.5", 80)))
    trace.add(0, 51, NETWORK, 42, make.network(53, ("10.0.9.7", 53), ("10.0.0.5", 55555)))
    trace.add(0, 52, NETWORK, 17, struct.pack("<HH", 2, 3))
    trace.add(1, 53, PROCESS, 15, make.started(1, 812, "\\Device\\HarddiskVolume2\\Billing\\billing.exe"))
    trace.add(1, 54, PROCESS, 1, make.started(0, 900, "\\Device\\HarddiskVolume2\\测试.exe"))
    return scenario


def healthy(**how):
    """Winsock-AFD traced, and nothing fails."""
    scenario = Scenario(**how)
    for number in range(20):
        scenario.afd(number % 4, number, 1030, scenario.make.bind(
            EXIT, 0xFFFFFA8001234060, 0xE000 + number, SUCCESS, ("0.0.0.0", 0)), pid=812)
    return scenario


SCENARIOS = {
    "story": (lambda: with_extras(story()), {}),
    "story-32": (lambda: with_extras(story(pointer=4)), {}),
    "story-compressed": (lambda: with_extras(story(compressed=True)), {}),
    "story-compressed-32": (lambda: story(compressed=True, pointer=4, spare_word=True), {}),
    "story-small-buffers": (lambda: with_extras(story(buffer_size=512)), {}),
    "story-system-clock": (lambda: story(clock="system"), {}),
    "story-cycles": (lambda: story(clock="cycles"), {}),
    "story-lossy": (lambda: story(lost=(7, 2)), {}),
    "transport-0": (lambda: transport(0), {}),
    "transport-1": (lambda: transport(1), {}),
    "twice": (twice, {}),
    "vista": (lambda: vista(4), {}),
    "vista-64": (lambda: vista(8), {}),
    "many": (lambda: many(2000), {}),
    "many-compressed": (lambda: many(2000, compressed=True, buffer_size=65536), {}),
    "circle": (lambda: many(400, circular=True, buffer_size=2048, written=100), {"turn": 7}),
    "busy": (busy, {}),
    "healthy": (healthy, {}),
    "healthy-lossy": (lambda: healthy(lost=(3, 0)), {}),
    "healthy-flagged": (healthy, {"lossy_buffer": True}),
}


def build(name):
    make, how = SCENARIOS[name]
    scenario = make()
    data = scenario.data(**how)
    return data, scenario.facts()


def seeds():
    """Small ones: what is spoilt hits something then."""
    plain = with_extras(story(buffer_size=512)).data()
    compressed = with_extras(twice(compressed=True, pointer=4, buffer_size=512)).data()
    text = b"".join(b"%d ports, and more ports; " % number for number in range(30)) + b"x" * 700
    return {"plain.etl": plain, "compressed.etl": compressed,
            "xpress": struct.pack("<H", len(text)) + compress(text)}


def main():
    if sys.argv[1] == "--seeds":
        os.makedirs(sys.argv[2], exist_ok=True)
        for name, data in seeds().items():
            with open(os.path.join(sys.argv[2], name), "wb") as file:
                file.write(data)
        return
    folder, names = sys.argv[1], sys.argv[2:] or list(SCENARIOS)
    os.makedirs(folder, exist_ok=True)
    for name in names:
        data, facts = build(name)
        with open(os.path.join(folder, name + ".etl"), "wb") as file:
            file.write(data)
        with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as file:
            json.dump(facts, file, indent=1)


if __name__ == "__main__":
    main()
