#!/usr/bin/env python3
"""Listings of netstat that make_netstat.py made, in every form and encoding, and series of them.

    test_netstat.py PORTROOM --schema-dir DIR
"""
import collections
import datetime
import json
import os
import random
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "live"))

import make_netstat as netstat
from live import Tap, run

try:
    import jsonschema
except ImportError:
    jsonschema = None

PORTROOM = sys.argv[1]
SCHEMA = os.path.join(sys.argv[3], "check-1.json")
ENCODINGS = {"en": ("ascii", "utf-8", "utf-16le-mark", "utf-16le", "utf-16be-mark", "cp437"),
             "de": ("cp850", "cp1252", "utf-8", "utf-8-mark", "utf-16le-mark"),
             "es": ("cp850", "cp1252", "utf-8", "utf-16le-mark"),
             "zh": ("cp936", "utf-8", "utf-16le-mark"),
             "xx": ("ascii", "utf-16le")}
OPTIONS = ("an", "ano", "anob", "anoq", "anobq")


class Bench:
    def __init__(self, tap, folder):
        self.tap, self.folder = tap, folder
        with open(SCHEMA, encoding="utf-8") as file:
            self.schema = json.load(file)

    def read(self, data, name="netstat.txt"):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(data)
        done = run([PORTROOM, "read", "--json", "--limit", "all", path])
        return json.loads(done.out) if done.out else None

    def valid(self, data):
        """The same, held against the schema: that takes longer than all else."""
        answer = self.read(data)
        if jsonschema:
            jsonschema.validate(answer, self.schema)
        return answer


def ports_by_owner(answer):
    """Of each pid, its ports by state; a port that serves clients counts for each of its states."""
    return {process["pid"]: process["states"] for process in answer["processes"]}


def ports_wanted(rows, options, language):
    """The same of rows that were made, as far as the language tells states."""
    known = language != "xx"
    listed = {row[:3] for row in rows}
    assert len(listed) == len(rows), "a port twice would be counted once"
    held = collections.defaultdict(set)
    for protocol, local, port, _, remote_port, state, pid in rows:
        if not pid or (state == "BOUND" and "q" not in options):
            continue
        name = {"LISTENING": "listen", "": "established" if remote_port else "unconnected",
                "BOUND": "bound", "CLOSE_WAIT": "close_wait" if known else "established"}.get(
                    state, "established")
        held[pid, name].add((protocol, local, port))
    wanted = collections.defaultdict(dict)
    for (pid, name), ports in held.items():
        wanted[pid][name] = len(ports)
    return dict(wanted)


def test_forms(bench):
    """Language, options and encoding; lines ended as Windows does, or as whoever copied them has it."""
    machine = netstat.Machine()
    rows = machine.rows(30, 5, "BOUND")
    for language, encodings in ENCODINGS.items():
        differing = []
        for encoding in encodings:
            for options in OPTIONS:
                for end in ("\r\n", "\n"):
                    lines = netstat.listing(machine, rows, options, language)
                    answer = bench.read(netstat.encode(lines, encoding, end))
                    got = ports_by_owner(answer) if answer else None
                    wanted = ports_wanted(rows, options, language) if "o" in options else {}
                    if got != wanted:
                        differing.append(f"{encoding} -{options}: {got}, not {wanted}")
        bench.tap.ok(not differing, f"{language}: every port has its owner and state, in "
                     f"{len(encodings)} encodings", "\n".join(differing[:3]))


def test_families(bench):
    """A socket of both families that is connected over IPv4 has its port once; whoever is bound beside it is not hidden."""
    machine = netstat.Machine()
    rows = list(machine.services())
    for port, bound, local, owner in ((50000, "[::]", "10.0.0.1", 5000), (50001, "[::]", "10.0.0.1", 5001),
                                      (50002, "0.0.0.0", "[2001:db8::5]", 5000), (50003, "[::1]", "127.0.0.1", 5000)):
        rows.append(("TCP", bound, port, "0.0.0.0" if bound == "0.0.0.0" else "[::]", 0, "BOUND", 5000))
        rows.append(("TCP", local, port, "10.0.9.1" if port != 50002 else "[2001:db8::9]", 443, "ESTABLISHED", owner))
    for language in ("en", "xx"):
        answer = bench.read(netstat.encode(netstat.listing(machine, rows, "anoq", language), "utf-8"))
        states = ports_by_owner(answer)
        bench.tap.ok(states.get(5000) == {"bound": 3, "established": 3} and states.get(5001) == {"established": 1},
                     f"{language}: bound to [::] and connected over IPv4, by one process, is held once, and nothing else is",
                     states)


def loop(machine, count, **named):
    return [line for part in netstat.loop(machine, count, 30, **named) for line in part]


def test_stamps(bench):
    """Over midnight, so that the order of day and month can be told."""
    for form in netstat.STAMPS:
        machine = netstat.Machine()
        start = datetime.datetime(2025, 2, 3, 23, 57, 9, 120000)
        answer = bench.valid(netstat.encode(loop(machine, 6, form=form, start=start), "utf-8"))
        times = [point["time"] for point in answer["series"]["points"]]
        wanted = [(start + datetime.timedelta(minutes=i)).isoformat(timespec="milliseconds")
                  for i in range(6)]
        bench.tap.ok(times == wanted, f"dates of {form} are read", f"{times}, not {wanted}")


def test_leader(bench):
    """The same as by sort | uniq -c, whatever grows."""
    for leak in (0, 3):
        machine = netstat.Machine(seed=leak + 7)
        lines = loop(machine, 25, options="ano", leak=leak)
        rows = collections.Counter(line.split()[-1] for line in lines
                                   if line.split() and line.split()[0] in ("TCP", "UDP"))
        del rows["0"]
        pid, count = rows.most_common(1)[0]
        series = bench.read(netstat.encode(lines, "ascii"))["series"]
        bench.tap.ok((series["leader"]["pid"], series["leader"]["rows"]) == (int(pid), count),
                     f"the leader is that of sort | uniq -c: pid {pid}, {count} rows",
                     str(series["leader"]))


RANGE = ["", "Protocol tcp Dynamic Port Range", "---------------------------------",
         "Start Port      : 64536", "Number of Ports : 1000", ""]


def sawtooth(machine, listings, every, step):
    """A program that takes `step` ports a minute, is restarted every so many, and has used all up before."""
    time = datetime.datetime(2025, 1, 22, 8, 0, 9, 120000)
    yield from RANGE
    for i in range(listings):
        restarts, age = divmod(i, every)
        machine.leaker = 4000 + restarts
        machine.programs[machine.leaker] = "orders.exe"
        rows = list(machine.services())
        rows += machine.leaked(min(998, step * age + 10), first=65535)
        rows += machine.datagrams()
        yield netstat.stamp("en-US", time + datetime.timedelta(minutes=i))
        yield from netstat.listing(machine, rows, "anob")


def test_trend(bench):
    machine = netstat.Machine()
    series = bench.read(netstat.encode(loop(machine, 30, options="anob", leak=50), "ascii"))["series"]
    process = next(one for one in series["processes"] if one["pid"] == machine.leaker)
    bench.tap.ok(process["grows"] and abs(process["per_hour"] - 3000) < 30,
                 "what grows by 50 a minute grows by 3,000 an hour", str(process))
    used = series["pools"][0]["last"]
    bench.tap.ok(abs(series["full_in_s"] - (16384 - used) / 50 * 60) < 400,
                 "and is full when it has all", f"{series['full_in_s']} s")
    answer = bench.valid(netstat.encode(list(sawtooth(machine, 100, 45, 25)), "ascii"))
    series = answer["series"]
    ran_out = [moment["listing"] for moment in series["pools"][0]["ran_out"]]
    bench.tap.ok(ran_out == [41, 86], "it ran out at the 41st and 86th listing", str(ran_out))
    restarts = [moment["listing"] for moment in series["processes"][0]["restarts"]]
    bench.tap.ok(restarts == [46, 91], "it was new at the 46th and 91st", str(restarts))
    bench.tap.ok(any(finding["rule"] == "filling_in_series" for finding in answer["findings"]),
                 "a finding says so", "")


def test_cut(bench):
    """Wherever the file ends, what is before is read: never more ports than there were."""
    machine = netstat.Machine()
    data = netstat.encode(loop(machine, 4, options="anob"), "utf-16le-mark")
    whole = bench.read(data)["series"]
    wrong = []
    for at in range(3000, len(data), 1777):
        answer = bench.read(data[:at])
        series = answer["series"] if answer else None
        for point in series["points"] if series else []:
            if point["rows"] != whole["points"][0]["rows"]:
                wrong.append(f"at {at}: {point['rows']} rows in listing {point['listing']}")
    bench.tap.ok(not wrong, "a listing that was cut is no point of the series", "\n".join(wrong[:3]))


def test_noise(bench):
    source, bad = random.Random(5), []
    for size in (0, 1, 2, 3, 100, 70000):
        path = os.path.join(bench.folder, "noise")
        with open(path, "wb") as file:
            file.write(b"  TCP    " + source.randbytes(size))
        done = run([PORTROOM, "read", path])
        if done.status < 0 or done.status > 3:
            bad.append(f"{size} bytes: status {done.status}")
    bench.tap.ok(not bad, "bytes that are no text do no harm", "\n".join(bad))


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(tap, folder)
        for test in (test_forms, test_families, test_stamps, test_leader, test_trend, test_cut, test_noise):
            test(bench)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
