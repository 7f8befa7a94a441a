#!/usr/bin/env python3
"""Synthetic event logs of Windows (.evtx): one template, and as many records as are added. Nothing is of a real machine.

    evtx.py FOLDER      writes some

The file: a head of 4096 bytes, chunks of 65536; a chunk has records of binary XML, and what names and templates they
share (libyal/libevtx, documentation/Windows XML Event Log (EVTX).asciidoc). Records of classic drivers (Tcpip) have their
number in <EventID Qualifiers="32768">, strings in <Data>, and the full code at byte 12 of <Binary>.
"""

import os
import struct
import sys
import zlib

CHUNK, HEAD, CHUNK_HEAD = 65536, 4096, 512
UNIX_EPOCH = 116_444_736_000_000_000

STRING, UINT8, UINT16, UINT64, FILETIME, BINARY = 0x01, 0x04, 0x06, 0x0A, 0x11, 0x0E
MOST_STRINGS = 3

# What a record fills in, in the order of the template: (name, type).
(PROVIDER, EVENT, QUALIFIERS, LEVEL, TIME, RECORD, CHANNEL, COMPUTER, BYTES, FIRST_STRING) = range(10)
TYPES = {PROVIDER: STRING, EVENT: UINT16, QUALIFIERS: UINT16, LEVEL: UINT8, TIME: FILETIME,
         RECORD: UINT64, CHANNEL: STRING, COMPUTER: STRING, BYTES: BINARY}


def utf16(text):
    return text.encode("utf-16-le")


def name_hash(name):
    value = 0
    for unit in struct.unpack(f"<{len(name)}H", utf16(name)):
        value = (value * 65599 + unit) & 0xFFFFFFFF
    return value & 0xFFFF


class Binary:
    """Binary XML that lies at a place of its chunk: names say where they stand."""

    def __init__(self, at):
        self.at, self.out = at, bytearray()

    def name(self, text):
        here = self.at + len(self.out) + 4
        self.out += struct.pack("<IIHH", here, 0, name_hash(text), len(text)) + utf16(text) + b"\0\0"

    def slot(self, number, optional=False):
        self.out += struct.pack("<BHB", 0x0E if optional else 0x0D, number,
                                TYPES.get(number, STRING))

    def text(self, text):
        self.out += struct.pack("<BBH", 0x05, STRING, len(text)) + utf16(text)

    def value(self, value):
        if isinstance(value, int):
            self.slot(value, optional=True)
        else:
            self.text(value)

    def sized(self, write):
        """What write() puts here, behind its size."""
        at = len(self.out)
        self.out += bytes(4)
        write()
        struct.pack_into("<I", self.out, at, len(self.out) - at - 4)

    def element(self, name, attributes=(), inner=()):
        """`inner`: a slot's number, or elements as (name, attributes, inner)."""
        def body():
            self.name(name)
            if attributes:
                self.sized(lambda: self.attributes(attributes))
            if inner == ():
                self.out += b"\x03"
                return
            self.out += b"\x02"
            if isinstance(inner, int):
                self.value(inner)
            else:
                for each in inner:
                    self.element(*each)
            self.out += b"\x04"

        self.out += struct.pack("<BH", 0x41 if attributes else 0x01, 0xFFFF)
        self.sized(body)

    def attributes(self, attributes):
        for place, (name, value) in enumerate(attributes):
            self.out += b"\x46" if place + 1 < len(attributes) else b"\x06"
            self.name(name)
            self.value(value)


def template(at, strings):
    """<Event>, as Windows writes it."""
    binary = Binary(at)
    binary.out += b"\x0f\x01\x01\x00"
    binary.element("Event", [("xmlns", "http://schemas.microsoft.com/win/2004/08/events/event")], [
        ("System", (), [
            ("Provider", [("Name", PROVIDER)]),
            ("EventID", [("Qualifiers", QUALIFIERS)], EVENT),
            ("Level", (), LEVEL),
            ("TimeCreated", [("SystemTime", TIME)]),
            ("EventRecordID", (), RECORD),
            ("Channel", (), CHANNEL),
            ("Computer", (), COMPUTER),
        ]),
        ("EventData", (), [*(("Data", (), FIRST_STRING + number) for number in range(strings)),
                           ("Binary", (), BYTES)]),
    ])
    return bytes(binary.out) + b"\0"


def packed(kind, value):
    if kind == STRING:
        return utf16(value)
    if kind == BINARY:
        return value
    return struct.pack({UINT8: "<B", UINT16: "<H", UINT64: "<Q", FILETIME: "<Q"}[kind], value)


class Chunk:
    """Each has its own template, which the first record brings."""

    def __init__(self, first):
        self.first, self.last = first, first - 1
        self.data, self.template_at = bytearray(CHUNK_HEAD), None
        self.last_at = 0

    def record(self, number, filetime, values, strings):
        at = len(self.data) + 24
        binary = bytearray(b"\x0f\x01\x01\x00\x0c\x01" + struct.pack("<I", strings))
        if self.template_at is None:
            self.template_at = at + len(binary) + 4
            body = template(self.template_at + 24, strings)
            binary += struct.pack("<II16sI", self.template_at, 0, struct.pack("<I", strings) * 4,
                                  len(body)) + body
        else:
            binary += struct.pack("<I", self.template_at)
        made = [packed(TYPES.get(slot, STRING), value) for slot, value in enumerate(values)]
        binary += struct.pack("<I", len(made))
        for slot, value in enumerate(made):
            binary += struct.pack("<HBB", len(value), TYPES.get(slot, STRING), 0)
        binary += b"".join(made) + b"\0"
        binary += bytes(-len(binary) % 8)
        size = 24 + len(binary) + 4
        return struct.pack("<IIQQ", 0x2A2A, size, number, filetime) + binary + struct.pack("<I", size)

    def add(self, number, record):
        self.last_at, self.last = len(self.data), number
        self.data += record

    def bytes(self):
        head = struct.pack("<8sQQQQIIII", b"ElfChnk\0", self.first, self.last, self.first, self.last,
                           128, self.last_at, len(self.data), zlib.crc32(self.data[CHUNK_HEAD:]))
        head = bytearray(head.ljust(CHUNK_HEAD, b"\0"))
        struct.pack_into("<I", head, 124, zlib.crc32(bytes(head[:120]) + bytes(head[128:])))
        return bytes(head + self.data[CHUNK_HEAD:]).ljust(CHUNK, b"\0")


def file_head(chunks, records, dirty=False):
    head = struct.pack("<8sQQQIHHHH", b"ElfFile\0", 0, max(chunks - 1, 0), records + 1, 128, 1, 3, HEAD,
                       chunks).ljust(120, b"\0")
    return (head + struct.pack("<II", dirty, zlib.crc32(head))).ljust(HEAD, b"\0")


class Log:
    def __init__(self, channel="System", computer="WEB01", strings=MOST_STRINGS):
        self.channel, self.computer, self.strings = channel, computer, strings
        self.chunks, self.count = [], 0

    def add(self, provider, event, time_ms, level=4, qualifiers=0, strings=(), binary=None):
        """`strings` fill <Data> behind the device's name, which is empty."""
        self.count += 1
        filetime = UNIX_EPOCH + time_ms * 10_000
        code = struct.pack("<12xI24x", qualifiers << 16 | event) if binary is None else binary
        filled = [*("", *strings), "", ""][:self.strings]
        values = [provider, event, qualifiers, level, filetime, self.count, self.channel,
                  self.computer, code, *filled]
        for fresh in (False, True):
            if fresh or not self.chunks:
                self.chunks.append(Chunk(self.count))
            chunk = self.chunks[-1]
            before = chunk.template_at
            record = chunk.record(self.count, filetime, values, self.strings)
            if len(chunk.data) + len(record) <= CHUNK:
                chunk.add(self.count, record)
                return
            chunk.template_at = before

    def bytes(self, dirty=False):
        return file_head(len(self.chunks), self.count, dirty) + b"".join(
            chunk.bytes() for chunk in self.chunks)


def exhausted(count=3):
    log = Log()
    log.add("EventLog", 6005, 1_737_500_000_000)
    for number in range(count):
        log.add("Tcpip", 4231, 1_737_551_000_000 + 60_000 * number, level=3, qualifiers=0x8000)
    return log.bytes()


def main():
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, data in (("exhausted.evtx", exhausted()), ("many.evtx", exhausted(2000))):
        with open(os.path.join(sys.argv[1], name), "wb") as file:
            file.write(data)


if __name__ == "__main__":
    main()
