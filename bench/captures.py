"""Writes large files such as another machine leaves, with a known number of records.

All of it is invented: the machine, its processes, its addresses (RFC 5737). What a generator of the tests
makes is repeated: making 300 MiB event by event takes Python minutes.
"""

import datetime
import os
import random
import struct
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "evidence"))
import etl
import evtx

MIB = 1 << 20

HEADING = "\r\nActive Connections\r\n\r\n  Proto  Local Address          Foreign Address        State           PID\r\n"
BODIES = 8  # listings that differ; a long file repeats them
ESTABLISHED, TIME_WAIT, LISTENING, UDP, LEAK = 8_000, 8_000, 400, 1_500, 250


def tcp(local, port, remote, state, pid):
    return f"  TCP    {f'{local}:{port}':<22} {remote:<22} {state:<15} {pid}\r\n"


def listing(chance, leaked):
    """The rows of one `netstat -ano`: a web server's, and a program that leaks connections."""
    rows = [tcp("0.0.0.0", port, "0.0.0.0:0", "LISTENING", chance.randrange(4, 9000, 4))
            for port in range(1, LISTENING + 1)]
    ports = chance.sample(range(1024, 65536), ESTABLISHED + TIME_WAIT + leaked)
    for index, port in enumerate(ports):
        remote = f"198.51.100.{chance.randrange(1, 40)}:{chance.choice((443, 1433, 8080))}"
        if index < ESTABLISHED:
            rows.append(tcp("192.0.2.10", port, remote, "ESTABLISHED",
                            chance.randrange(1000, 9000, 4)))
        elif index < ESTABLISHED + TIME_WAIT:
            rows.append(tcp("192.0.2.10", port, remote, "TIME_WAIT", 0))
        else:
            rows.append(tcp("192.0.2.10", port, "203.0.113.7:5672", "CLOSE_WAIT", 4712))
    rows += [f"  UDP    {f'192.0.2.10:{port}':<22} {'*:*':<38} {chance.randrange(1000, 9000, 4)}\r\n"
             for port in chance.sample(range(1024, 65536), UDP)]
    return "".join(rows).encode("ascii"), len(rows)


def write_netstat(path, size):
    """A loop's file: `%date% %time%` and `netstat -ano`, again and again. Returns how many rows there are."""
    chance = random.Random(1)
    bodies = [listing(chance, LEAK * index) for index in range(BODIES)]
    time, written, rows = datetime.datetime(2025, 1, 22), 0, 0
    with open(path, "wb") as file:
        while written < size:
            body, count = bodies[rows // bodies[0][1] % BODIES]
            stamp = time.strftime("%a %m/%d/%Y %H:%M:%S.00")
            written += file.write(f"{stamp} \r\n{HEADING}".encode("ascii")) + file.write(body)
            time += datetime.timedelta(minutes=1)
            rows += count
    return rows


# ---- traces ----

BUFFER = 65536
TEMPLATE_EVENTS = 12_000  # 1.5 MiB of them, of four processors
FAILS_EVERY = 500  # of so many connections one finds no port
PROCESS, ENDPOINT, PID = 0xFFFFFA8001234060, 0xFFFFFA8002000000, 812


def template(compressed):
    """A service that binds and connects: a trace as the tests make them."""
    scenario = etl.Scenario(buffer_size=BUFFER, compressed=compressed)
    make = scenario.make
    for number in range(TEMPLATE_EVENTS // 6):
        cpu, at, socket = number % 4, 3 * number, ENDPOINT + number * 0x400
        status = etl.TOO_MANY if number % FAILS_EVERY == 0 else etl.SUCCESS
        for event, phase, payload in (
                (1000, etl.ENTER, make.create(etl.ENTER, PROCESS, socket, PID)),
                (1000, etl.EXIT, make.create(etl.EXIT, PROCESS, socket, PID)),
                (1030, etl.EXIT, make.bind(etl.EXIT, PROCESS, socket, etl.SUCCESS, ("192.0.2.10", 0))),
                (1018, etl.ENTER, make.connect(etl.ENTER, PROCESS, socket, etl.SUCCESS,
                                               ("198.51.100.7", 443))),
                (1017, etl.EXIT, make.connect(etl.EXIT, PROCESS, socket, status)),
                (1001, etl.EXIT, make.bind(etl.EXIT, PROCESS, socket, etl.SUCCESS))):
            scenario.afd(cpu, at + phase, event, payload, pid=PID, thread=40 + cpu)
    return scenario.trace


def buffers_of(data):
    """The buffers behind the first: each begins with its size."""
    at, found = BUFFER, []
    while at < len(data):
        size, = struct.unpack_from("<I", data, at)
        found.append(data[at:at + size])
        at += size
    return found


def write_etl(path, size, compressed=False):
    """The buffers of a short trace again and again, so that the file goes through its time many times. Returns how
    many events there are."""
    trace = template(compressed)
    data = trace.bytes()
    body, sequence, written = buffers_of(data), 0, 0
    events = sum(trace.records.values())
    rounds = max(1, size // sum(len(buffer) for buffer in body))
    with open(path, "wb") as file:
        written = file.write(data[:BUFFER])
        for _ in range(rounds):
            for buffer in body:
                sequence += 1
                written += file.write(buffer[:0x18] + struct.pack("<Q", sequence) + buffer[0x20:])
    return rounds * events


def write_compressed_etl(path, size):
    return write_etl(path, size, compressed=True)


# ---- event logs ----

LOG_BEGIN_MS = 1_737_500_000_000
RARE = 50  # of so many records one is of a port that was not to be had


def full_chunks(count):
    """So many chunks of a log that are full."""
    log, number = evtx.Log(), 0
    while len(log.chunks) <= count:
        number += 1
        event, provider = (4231, "Tcpip") if number % RARE == 0 else (7036, "Service Control Manager")
        log.add(provider, event, LOG_BEGIN_MS + 1000 * number, strings=("a service", "running"))
    return log.chunks[:count]


def renumbered(chunk, first):
    """The chunk with other numbers of its records."""
    data = bytearray(chunk.bytes())
    used, = struct.unpack_from("<I", data, 0x30)
    at, number = evtx.CHUNK_HEAD, first
    while at < used:
        size, = struct.unpack_from("<I", data, at + 4)
        struct.pack_into("<Q", data, at + 8, number)
        at, number = at + size, number + 1
    struct.pack_into("<QQQQ", data, 8, first, number - 1, first, number - 1)
    struct.pack_into("<I", data, 0x34, zlib.crc32(data[evtx.CHUNK_HEAD:used]))
    struct.pack_into("<I", data, 124, zlib.crc32(data[:120] + data[128:evtx.CHUNK_HEAD]))
    return bytes(data), number


def write_evtx(path, size):
    """The same chunks again and again. Returns how many records there are."""
    chunks, number = full_chunks(4), 1
    count = max(1, size // evtx.CHUNK)
    with open(path, "wb") as file:
        file.write(bytes(evtx.HEAD))
        for place in range(count):
            data, number = renumbered(chunks[place % len(chunks)], number)
            file.write(data)
        file.seek(0)
        file.write(evtx.file_head(count, number - 1))
    return number - 1
