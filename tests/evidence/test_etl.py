#!/usr/bin/env python3
"""Traces of Windows that etl.py made (synthetic: no real one with Winsock-AFD was available), and spoilt ones.

    test_etl.py PORTROOM --schema-dir DIR
"""

import json
import os
import struct
import sys
import tempfile
import time
from datetime import datetime, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "live"))

import etl
from live import Tap, run

try:
    import jsonschema
except ImportError:
    jsonschema = None

PORTROOM = sys.argv[1]
SCHEMA = os.path.join(sys.argv[3], "trace-1.json")
NAMES = {etl.AFD.hex(): "Microsoft-Windows-Winsock-AFD", etl.TCPIP.hex(): "Microsoft-Windows-TCPIP",
         etl.NETWORK.hex(): "Microsoft-Windows-Kernel-Network",
         etl.PROCESS.hex(): "Microsoft-Windows-Kernel-Process",
         etl.STRANGER.hex(): "33221100-5544-7766-8899-aabbccddeeff"}
EXTREMES = (0, 1, 7, 8, 71, 72, 73, 80, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def moment(facts, at):
    stamp = (facts["begin_ms"] + at) / 1000
    return datetime.fromtimestamp(stamp, timezone.utc).isoformat(timespec="milliseconds")[:23] + "Z"


class Bench:
    def __init__(self, tap, folder):
        self.tap, self.folder = tap, folder
        with open(SCHEMA, encoding="utf-8") as file:
            self.schema = json.load(file)

    def write(self, data, name="spoilt.etl"):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def trace(self, path, *words):
        return run([PORTROOM, "trace", "--on", path, *words])

    def lines(self, path, *words):
        done = self.trace(path, "--json", *words)
        return done, [json.loads(line) for line in done.out.splitlines()]


def wanted(facts, call):
    return {"time": moment(facts, call["at"])} | {
        key: call[key] for key in ("call", "protocol", "ntstatus", "pid", "name", "source",
                                   "source_port", "destination", "port", "want_of_port")}


def check_rows(bench, name, facts, lines):
    rows = [line for line in lines if line["line"] == "failure"]
    expected = [wanted(facts, call) for call in facts["calls"]]
    got = [{key: row.get(key) for key in expected[0]} for row in rows] if expected else rows
    differing = [f"{one}\nfound  {other}" for one, other in zip(expected, got) if one != other]
    bench.tap.ok(len(got) == len(expected) and not differing,
                 "%s: each of the %d calls that fail is told, in the order of time" %
                 (name, len(expected)), f"{len(got)} rows", *differing[:5])


def check_trace(bench, name, facts, trace):
    tap = bench.tap
    events = {NAMES[provider]: ids for provider, ids in facts["events"].items()}
    records = dict(facts["records"])
    header = "0x01" if name.endswith("-32") or name == "vista" else "0x02"
    records[header] = records.get(header, 0) + 1
    others = {provider: ids for provider, ids in trace["events"].items() if provider in events}
    tap.ok(trace["buffers"] == facts["buffers"] and trace["records"] == records,
           "%s: its buffers and records are counted" % name, trace, facts["buffers"], records)
    tap.ok({provider: {event: others.get(provider, {}).get(event) for event in ids}
            for provider, ids in events.items()} == events,
           "%s: its events are counted by provider and number" % name, trace["events"], events)
    tap.ok(trace["extended_items"] == facts["items"], "%s: items before payloads are counted" % name,
           trace["extended_items"], facts["items"])
    tap.ok((trace["events_lost"], trace["buffers_lost"]) ==
           (facts["events_lost"], facts["buffers_lost"]), "%s: what was lost is told" % name, trace)
    if facts["first"] is not None and "story" not in name:
        tap.ok((trace["first"], trace["last"]) ==
               (moment(facts, facts["first"]), moment(facts, facts["last"])),
               "%s: from when to when it is" % name, trace["first"], trace["last"])


def check_scenarios(bench):
    validator = jsonschema and jsonschema.Draft202012Validator(bench.schema)
    for name in etl.SCENARIOS:
        data, facts = etl.build(name)
        path = bench.write(data, name + ".etl")
        done, lines = bench.lines(path, "--all")
        if not bench.tap.ok(done.status == 0 and lines and lines[-1]["line"] == "end",
                            "%s: it is read" % name, done):
            continue
        check_rows(bench, name, facts, lines)
        check_trace(bench, name, facts, lines[-1]["traces"][0])
        if validator:
            wrong = [error.message for line in lines for error in validator.iter_errors(line)]
            bench.tap.ok(not wrong, "%s: every line is as the schema says" % name, *wrong[:5])
    if not validator:
        bench.tap.skip("every line is as the schema says", "no python3-jsonschema")


def check_words(bench):
    tap = bench.tap
    path = bench.write(etl.build("story")[0], "story.etl")
    done, lines = bench.lines(path)
    rows = [line for line in lines if line["line"] == "failure"]
    tap.ok(rows and all(row["ntstatus"] == "0xC0000209" for row in rows),
           "without --all only calls without a port are told", done)
    end = lines[-1]
    counts = {each["status"]: each["count"] for each in end["statuses"]}
    tap.ok(counts == {"STATUS_TOO_MANY_ADDRESSES": 7, "STATUS_ADDRESS_ALREADY_EXISTS": 1,
                      "STATUS_ACCESS_DENIED": 1, "STATUS_CONNECTION_REFUSED": 1} and
           end["failures"] == 7 and end["failed"] == 10, "and the others are counted", end)
    meanings = {each["meaning"] for each in end["statuses"]}
    tap.ok(len(meanings) == 4 and None not in meanings, "each status has its own meaning", end)
    done = bench.trace(path, "--all")
    for word in ("WSAENOBUFS", "WSAEADDRINUSE", "WSAEACCES", "0.0.0.0:8080", "10.0.9.1:5432",
                 "pid 3456"):
        tap.ok(word in done.out, "the text has %s" % word, done)
    tap.ok("somebody has that port" in done.err and "7 calls failed for want of a port, of 10" in
           done.err, "the sum tells what the statuses mean", done)
    for options, count in ((("--pid", "1204"), 1), (("--dst", "10.0.9.1"), 1), (("--udp",), 1),
                           (("--port", "443"), 1), (("--all", "--port", "8080"), 1),
                           (("--count", "2"), 2), (("--src", "10.0.0.9"), 0)):
        _, lines = bench.lines(path, *options)
        rows = [line for line in lines if line["line"] == "failure"]
        # of what has no protocol it is not known that it is another
        tap.ok(len([row for row in rows if row["protocol"] or options != ("--udp",)]) == count,
               "%s lets %d through" % (" ".join(options), count), *rows)
    for options in (("--for", "1s"), ("--save", "x"), ("--cheap",), ("--user", "root"),
                    ("--unit", "a"), ("--container", "0")):
        done = bench.trace(path, *options)
        tap.ok(done.status == 2 and options[0] in done.err and len(done.err.splitlines()) == 1,
               "%s is refused in a sentence" % options[0], done)
    done = run([PORTROOM, "trace", "--all", "--for", "1s"])
    tap.ok(done.status == 2 and "--all" in done.err, "--all without a file is refused", done)


def check_names(bench):
    """Of a process that the trace does not name another file may tell the name, wherever it is given."""
    trace = bench.write(etl.build("story")[0], "a-story.etl")
    listing = bench.write(
        b"Volatility 3 Framework 2.5.0\n\nOffset\tProto\tLocalAddr\tLocalPort\tForeignAddr\tForeignPort\t"
        b"State\tPID\tOwner\tCreated\n\n0xe1\tTCPv4\t10.0.0.5\t50001\t10.0.9.1\t5432\tESTABLISHED\t812\t"
        b"billing.exe\t2024-05-14 08:31:10.000000\n", "z-netscan.txt")
    for files in ((trace, listing), (listing, trace)):
        _, lines = bench.lines(files[0], "--on", files[1])
        names = {line["name"] for line in lines if line["line"] == "failure" and line["pid"] == 812}
        bench.tap.ok(names == {"billing.exe"}, "the name of a process is taken from another file",
                     names, *lines[:2])
    _, lines = bench.lines(trace, "--on", listing, "--process", "billing.exe")
    bench.tap.ok(sum(line["line"] == "failure" for line in lines) == 4, "and --process knows it", *lines)


def check_silence(bench):
    """That no call is seen to fail proves something only where they would have been seen."""
    tap = bench.tap
    for name, doubt in (("healthy", ""), ("healthy-lossy", "not whole"),
                        ("healthy-flagged", "not whole"), ("busy", "neither confirm nor rule out")):
        path = bench.write(etl.build(name)[0], name + ".etl")
        done = bench.trace(path)
        tap.ok(done.status == 0 and "no call is seen to fail" in done.err and
               (doubt in done.err if doubt else done.err.count("\n") == 1),
               "%s: the doubt is told" % name, done)
    _, lines = bench.lines(path)
    rows = {row["pid"]: row for row in lines[-1]["traces"][0]["processes"]}
    tap.ok(rows[812]["connects"] == 30 and rows[812]["local_ports"] == 30 and
           rows[900]["connects"] == 10 and rows[900]["accepts"] == 1 and
           rows[53]["udp_events"] == 1, "busy: connects are counted by process", rows)
    path = bench.write(etl.build("circle")[0], "circle.etl")
    _, lines = bench.lines(path)
    tap.ok(lines[-1]["traces"][0]["wrapped"], "circle: its beginning is known to be overwritten")


def try_spoilt(bench, data, what):
    """None, or what is wrong with the answer."""
    path = bench.write(data)
    begun = time.monotonic()
    done = bench.trace(path, "--json", "--all")
    if done.status not in (0, 1) or time.monotonic() - begun > 10:
        return "%s: %s" % (what, done)
    try:
        for line in done.out.splitlines():
            json.loads(line)
    except ValueError:
        return "%s: %s" % (what, done)
    return None


def fields(data):
    """Where numbers stand that say how long something is: (what, offset, bytes)."""
    begin = struct.unpack_from("<I", data, 0)[0]
    for name, base in (("first buffer", 0), ("second buffer", begin)):
        for what, at, size in (("BufferSize", 0, 4), ("SavedOffset", 4, 4), ("Offset", 0x30, 4),
                               ("BufferFlag", 0x34, 2), ("BufferType", 0x36, 2)):
            yield "%s: %s" % (name, what), base + at, size
        yield "%s: first byte of a record" % name, base + 72, 2
        yield "%s: type of a record" % name, base + 74, 2
        yield "%s: size of a system record" % name, base + 76, 2
    for what, at, size in (("BufferSize", 0, 4), ("BuffersWritten", 0x24, 4), ("PointerSize", 0x2C, 4),
                           ("EventsLost", 0x30, 4), ("PerfFreq", 0x100, 4), ("its upper half", 0x104, 4),
                           ("StartTime", 0x108, 4), ("its upper half", 0x10C, 4), ("ClockType", 0x110, 4)):
        yield "log-file header: " + what, 72 + 32 + at, size
    for address in (etl.sockaddr("10.0.0.5", 0), etl.sockaddr("2001:db8::5", 0)):
        at = data.find(struct.pack("<I", len(address)) + address)
        if at >= 0:
            yield "AddressLen", at, 4
            yield "family", at + 4, 2
    at = data.find(struct.pack("<HH", 24, 1) + b"\1\0\20\0")
    if at >= 0:
        yield "size of an item", at, 2
        yield "whether an item follows", at + 4, 2
        yield "size of an item's data", at + 6, 2


def check_extremes(bench):
    for name in ("story", "story-compressed", "story-32"):
        data = etl.build(name)[0]
        wrong, tried = [], 0
        for what, at, size in fields(data):
            for value in EXTREMES:
                raw = struct.pack("<I", value)[:size]
                spoilt = data[:at] + raw + data[at + size:]
                answer = try_spoilt(bench, spoilt, "%s = %#x" % (what, value))
                tried += 1
                if answer:
                    wrong.append(answer)
        bench.tap.ok(not wrong, "%s: lengths at every extreme, %d of them, are survived" %
                     (name, tried), *wrong[:5])


def check_cuts(bench):
    for name in ("story", "story-compressed"):
        data = etl.build(name)[0]
        step = max(1, len(data) // 150)
        wrong = [answer for cut in list(range(0, 600, 37)) + list(range(600, len(data), step))
                 for answer in (try_spoilt(bench, data[:cut], "cut at %d" % cut),) if answer]
        bench.tap.ok(not wrong, "%s: cut anywhere it is read as far as it goes" % name, *wrong[:5])


def check_notes(bench):
    """What is wrong is told with its byte, and what is behind it is still read."""
    tap = bench.tap
    data, facts = etl.build("story")
    size = struct.unpack_from("<I", data, 0)[0]
    whole = [wanted(facts, call) for call in facts["calls"]]

    def told(spoilt, sentence, word, least):
        path = bench.write(spoilt)
        done, lines = bench.lines(path, "--all")
        rows = [line for line in lines if line["line"] == "failure"]
        check = run([PORTROOM, "check", "--on", path, "--json"])
        partial = check.json().get("evidence", {}).get("artefacts", [{}])[0].get("partial")
        tap.ok(done.status == 0 and least <= len(rows) < len(whole) + 1 and
               lines[-1]["traces"][0]["incomplete"], sentence, done)
        if partial is not None:
            tap.ok(word in partial, sentence + ", and where", partial, word)

    told(data[:-100], "a buffer that the file ends in", "byte %d" % (len(data) - size), len(whole) - 4)
    told(data[:size] + b"\0" * 777 + data[size:], "bytes that are no buffer", "byte %d" % size,
         len(whole))
    spoilt = bytearray(data)
    spoilt[2 * size + 72:2 * size + 80] = b"\0" * 8
    told(bytes(spoilt), "a record that is none", "byte %d" % (2 * size), 3)
    packed = bytearray(etl.build("story-compressed")[0])
    at = struct.unpack_from("<I", packed, 0)[0]
    packed[at + 72:at + 76] = b"\xff\xff\xff\xff"
    told(bytes(packed), "a buffer that cannot be unpacked", "byte %d" % at, 3)


def check_refusals(bench):
    tap = bench.tap
    data = etl.build("story")[0]
    odd = bytearray(data)
    struct.pack_into("<I", odd, 72 + 32 + 0x2C, 5)
    for spoilt, words in ((data[:90], ()), (data[:200], ("header", "cut")),
                          (bytes(odd), ("pointers have 5 bytes",)), (b"", ("empty",)),
                          (b"192.168.0.1\n" * 5, ())):
        done = bench.trace(bench.write(spoilt))
        tap.ok(done.status == 1 and not done.out and all(word in done.err for word in words),
               "a file that is no trace is refused: %s" % (words or "as such",), done)
    # eighty bytes that say they are 16 MiB, again and again
    header = data[:struct.unpack_from("<I", data, 0)[0]]
    bomb = struct.pack("<IIIIqQQBBHI", 72 + 16, 0, 0, 0, 0, 0, 0, 0, 8, 1, 0) + \
        struct.pack("<IHH", 16 << 20, 0x40, 0) + bytes(16) + \
        struct.pack("<I", 0x7FFFFFFF) + b"A" + struct.pack("<HBBHI", 7, 15, 255, 0, 0x7FFFFFFF)
    answer = try_spoilt(bench, header + bomb.ljust(88, b"\0") * 20000, "bombs")
    tap.ok(not answer, "buffers that say they were huge take neither time nor memory", answer)


def check_seeds(bench):
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "fixtures",
                          "evidence", "etl")
    for name, data in etl.seeds().items():
        with open(os.path.join(folder, name), "rb") as file:
            bench.tap.ok(file.read() == data, "%s is what etl.py --seeds writes" % name)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(tap, folder)
        for check in (check_scenarios, check_words, check_names, check_silence, check_notes, check_refusals,
                      check_cuts, check_extremes, check_seeds):
            try:
                check(bench)
            except Exception as error:  # the others are still of interest
                tap.ok(False, "%s ends without an error" % check.__name__, repr(error))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
