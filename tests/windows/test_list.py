#!/usr/bin/env python3
"""`portroom list` under Wine against what a Windows program made, and against /proc/net.

    test_list.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]

Wine tells the process of a socket only after input or output on it in that process, and never that of one that was
accepted, nor that of any TCP socket of IPv6 (8.0, dlls/nsiproxy.sys/tcp.c): of others portroom must say that it cannot see whose they are, or find out
otherwise, but never name somebody else.
"""

import sys
import time
from collections import Counter

from wine import Tap, enter, guard
from test_sockets import entries, ports

ADDRESSES = (("127.0.0.1", "tcp", "udp"), ("::1", "tcp6", "udp6"))
TRIES = 5


def counted():
    """{(protocol, state): so many}, by the tables of the namespace."""
    count = Counter()
    for table in ("tcp", "tcp6"):
        count.update(("tcp", state) for state, _ in entries(table))
    for table in ("udp", "udp6"):
        count.update(("udp", "unconnected") for _ in entries(table))
    return count


def settled():
    """What is counted once no end waits for the other's acknowledgement."""
    for _ in range(100):
        count = counted()
        if not count["tcp", "fin_wait1"]:
            return count
        time.sleep(0.05)
    return count


def grouped(wine, *words):
    """Rows of list --by, whole."""
    return wine.portroom("list", "--json", *words).json()["rows"]


def listed(rows):
    count = Counter()
    for row in rows:
        count[row["protocol"], row["state"]] += row["count"]
    return count


def try_states(tap, wine, program, made):
    for command in ("listen 3", "pair 20", "half 6", "time_wait 5", "udp 8"):
        for address, _, _ in ADDRESSES:
            made.setdefault(command.split()[0], []).extend(program.do("%s %s" % (command, address)))
    made["bound"] = program.do("bound 7") + program.do("bound 4 ::1")
    for _ in range(TRIES):
        before = settled()
        document = wine.portroom("list", "--json", "--by", "protocol,state").json()
        if before == counted():  # else they changed while they were listed
            break
    shown = Counter(listed(document["rows"]))
    bound = shown.pop(("tcp", "bound"), 0)
    tap.ok(shown == before, "every state has the count that /proc/net has, in both families and protocols",
           "listed  %s" % dict(shown), "counted %s" % dict(before))
    tap.ok(before["tcp", "established"] == 80 and before["tcp", "close_wait"] == 12 and
           before["tcp", "time_wait"] == 10 and before["udp", "unconnected"] == 16, "which is what was made",
           dict(before))
    try_bound(tap, wine, bound, [gap["what"] for gap in document["gaps"]], made)


def places(made, kind):
    return {(entry["address"], entry["port"]) for entry in made if entry.get("kind") == kind}


def try_bound(tap, wine, bound, gaps, made):
    """Wine does not say of a socket whether it is TCP: one whose address and port a UDP socket has, too, is taken for that.
    A handle that does not answer in time is a gap."""
    wanted = places(made["bound"], "bound") - places(made["udp"], "udp")
    rows = wine.portroom("list", "--json", "--state", "bound").json()["rows"]
    missing = wanted - {(row["local"], row["local_port"]) for row in rows}
    untold = any(gap.startswith("ports that are bound") for gap in gaps)
    late = any(gap.endswith(("handle", "handles")) for gap in gaps)
    tap.ok(bound == (0 if untold else len(wanted)) or late and bound < len(wanted),
           "ports that are only bound are all found, or it is told that they cannot be seen", bound, gaps, missing)


def try_rows(tap, wine, made):
    """A row a socket: its ports are those the program told."""
    rows = wine.portroom("list", "--json").json()["rows"]
    local = {(row["protocol"], row["local"], row["local_port"]) for row in rows if row["state"] != "bound"}
    for kind, protocol in (("listen", "tcp"), ("connect", "tcp"), ("accept", "tcp"), ("udp", "udp")):
        told = {(protocol, entry["address"], entry["port"]) for entries_ in made.values() for entry in entries_
                if entry.get("kind") == kind}
        tap.ok(told and told <= local, "each socket of kind %s has a row with its address and port" % kind,
               sorted(told - local)[:5])
    peers = {(row["local_port"], row["remote_port"]) for row in rows}
    told = {(entry["port"], entry["peer_port"]) for entry in made["pair"] if "peer_port" in entry}
    tap.ok(told <= peers, "a connection has both ends", sorted(told - peers)[:5])


def try_processes(tap, wine, program, made):
    rows = grouped(wine, "--by", "protocol,state,process")
    owned = Counter()
    strangers = []
    for row in rows:
        if row["owner"] == "process" and row["process"]["pid"] == program.pid:
            owned[row["protocol"], row["state"]] += row["count"]
        elif row["owner"] == "process":
            strangers.append(row)
    tap.ok(not strangers, "no socket is said to be of a process that has none", strangers)
    tap.ok(owned["udp", "unconnected"] == 16, "UDP sockets that have sent are of their process", dict(owned))
    tap.ok(owned["tcp", "close_wait"] in (6, 12), "connections that have sent are of their process, in CLOSE_WAIT, too",
           dict(owned))
    tap.ok(owned["tcp", "established"] >= 20, "and in ESTABLISHED", dict(owned))
    tap.ok(not owned["tcp", "time_wait"], "what rests in TIME_WAIT is nobody's", dict(owned))
    names = {row["process"]["name"] for row in rows if row["owner"] == "process"}
    tap.ok(names == {"sockets.exe"}, "the process has its name", names)
    mine = wine.portroom("list", "--json", "--pid", str(program.pid), "--udp").json()["rows"]
    tap.ok(sorted(row["local_port"] for row in mine) == sorted(ports(made["udp"], "udp")),
           "--pid takes the process that Windows knows by this number", len(mine))


def try_forms(tap, wine):
    rows = wine.portroom("list").out
    tap.ok("SERVICE" in rows and "UNIT OR CONTAINER" not in rows, "the columns have the words of Windows", rows[:500])
    text = wine.portroom("list", "--by", "state")
    tap.ok(text.status == 0 and "CLOSE_WAIT" in text.out and "\r" not in text.out, "the table is printed as text", text)
    lines = wine.portroom("list", "--jsonl", "--udp")
    tap.ok(lines.status == 0 and lines.out.count("\n") == 16 and "\r" not in lines.out, "and as JSON, a line each", lines)
    none = wine.portroom("list", "--port", "1")
    tap.ok(none.status == 0 and none.err == "portroom: no socket matches\n", "that nothing matches is told", none)


def try_end(tap, wine, program):
    """What is closed is gone from the next list."""
    program.do("close udp")
    tap.ok(not wine.portroom("list", "--json", "--udp").json()["rows"], "what is closed is listed no more")


def try_oldest(tap, wine):
    """Windows 7 lists them with the same calls."""
    wine.set_version("win7")
    with wine.start("sockets", "udp 3", "udp 2 ::1") as program:
        made = program.lines() + program.lines()
        rows = wine.portroom("list", "--json", "--udp").json()["rows"]
    tap.ok(sorted((row["local"], row["local_port"], row["pid"]) for row in rows) ==
           sorted((entry["address"], entry["port"], program.pid) for entry in made), "Windows 7 has the same rows", rows)


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        wine.set_version("win10")
        with wine.start("sockets") as program:
            made = {}
            guard(tap, "states", try_states, tap, wine, program, made)
            guard(tap, "rows", try_rows, tap, wine, made)
            guard(tap, "processes", try_processes, tap, wine, program, made)
            guard(tap, "forms", try_forms, tap, wine)
            guard(tap, "end", try_end, tap, wine, program)
        guard(tap, "oldest", try_oldest, tap, wine)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
