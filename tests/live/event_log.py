"""Writes event logs of Windows (.evtx) as small as they can be: one chunk, BinXML without templates.

The layout is that of libevtx's documentation, "Windows XML Event Log (EVTX)": a file header of 4,096 bytes,
a chunk of 65,536, in it records of which each is XML in tokens. What Windows writes uses templates; for a reader
of records that makes no difference, since libevtx gives both out as XML.
"""

import struct
import zlib

HEADER, CHUNK, FIRST_RECORD = 4096, 65536, 512
DIRTY, FULL = 1, 2

# Tokens of BinXML.
END, OPEN, CLOSE_START, CLOSE_EMPTY, CLOSE, VALUE, ATTRIBUTE, FRAGMENT = 0, 1, 2, 3, 4, 5, 6, 0x0F
MORE, STRING, NO_DEPENDENCY = 0x40, 1, 0xFFFF


def filetime(seconds):
    return int((seconds + 11644473600) * 10000000)


def text(words):
    return struct.pack("<BBH", VALUE, STRING, len(words)) + words.encode("utf-16-le")


def name(words, at):
    """Its place in the chunk, and there the name itself."""
    code = 0
    for letter in words:
        code = (code * 65599 + ord(letter)) & 0xFFFFFFFF
    return struct.pack("<IIHH", at + 4, 0, code & 0xFFFF, len(words)) + words.encode("utf-16-le") + b"\0\0"


def attribute(key, value, more, at):
    return bytes([ATTRIBUTE | (MORE if more else 0)]) + name(key, at + 1) + text(value)


def element(tag, attributes, children, at):
    """A piece of XML: (tag, {attribute: value}, [children or text]), at that place in the chunk."""
    head = 7
    body = name(tag, at + head)
    if attributes:
        written = b""
        begin = at + head + len(body) + 4
        for i, (key, value) in enumerate(attributes.items()):
            written += attribute(key, value, i + 1 < len(attributes), begin + len(written))
        body += struct.pack("<I", len(written)) + written
    if children:
        body += bytes([CLOSE_START])
        for child in children:
            if isinstance(child, str):
                body += text(child)
            else:
                body += element(*child, at + head + len(body))
        body += bytes([CLOSE])
    else:
        body += bytes([CLOSE_EMPTY])
    token = OPEN | (MORE if attributes else 0)
    return struct.pack("<BHI", token, NO_DEPENDENCY, len(body)) + body


def event(number, provider, identifier, time, qualifiers=None, strings=(), binary=None,
          channel="System", user_data=None):
    """The XML of one record. A driver's record has an empty Data first, and Binary behind its strings."""
    data = [("Data", {}, [words] if words else []) for words in strings]
    if binary is not None:
        data.append(("Binary", {}, [binary]))
    return ("Event", {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"}, [
        ("System", {}, [
            ("Provider", {"Name": provider}, []),
            ("EventID", {"Qualifiers": str(qualifiers)} if qualifiers is not None else {},
             [str(identifier)]),
            ("Level", {}, ["3"]),
            ("Keywords", {}, ["0x80000000000000"]),
            ("TimeCreated", {"SystemTime": time}, []),
            ("EventRecordID", {}, [str(number)]),
            ("Channel", {}, [channel]),
            ("Computer", {}, ["srv7.example"]),
        ]),
        user_data or ("EventData", {}, data),
    ])


def tcpip(number, identifier, time):
    """As a driver writes it: a code of four bytes at 12, of which the number is the lower half."""
    binary = struct.pack("<IIII24x", 0, 0x320004, 0, 0x80000000 | identifier).hex().upper()
    return event(number, "Tcpip", identifier, time, 32768, [""], binary)


def record(number, xml, seconds, at):
    fragment = bytes([FRAGMENT, 1, 1, 0])
    body = fragment + element(*xml, at + 24 + len(fragment)) + bytes([END])
    size = 24 + len(body) + 4
    return (b"**\0\0" + struct.pack("<IQQ", size, number, filetime(seconds)) + body +
            struct.pack("<I", size))


def chunk(events, first, deleted):
    """`deleted`: events behind what is in use, as one that was overwritten or cut off leaves them."""
    data = b""
    last = FIRST_RECORD
    for i, xml in enumerate(events):
        last = FIRST_RECORD + len(data)
        data += record(first + i, xml, 1700000000 + i, last)
    free = FIRST_RECORD + len(data)
    rest = b""
    for i, xml in enumerate(deleted):
        rest += record(first + len(events) + i, xml, 1700000000, free + len(rest))
    end = first + len(events) - 1
    head = bytearray(b"ElfChnk\0" + struct.pack("<QQQQIIII", first, end, first, end, 128, last, free,
                                                zlib.crc32(data)))
    head += bytes(FIRST_RECORD - len(head))
    struct.pack_into("<I", head, 124, zlib.crc32(bytes(head[:120]) + bytes(head[128:512])))
    return (bytes(head) + data + rest).ljust(CHUNK, b"\0")


def log(events, first=1, flags=0, deleted=()):
    head = bytearray(b"ElfFile\0" + struct.pack("<QQQIHHHH", 0, 0, first + len(events), 128, 1, 3,
                                                HEADER, 1))
    head += bytes(128 - len(head))
    struct.pack_into("<I", head, 120, flags)
    struct.pack_into("<I", head, 124, zlib.crc32(bytes(head[:120])))
    return bytes(head).ljust(HEADER, b"\0") + chunk(events, first, deleted)
