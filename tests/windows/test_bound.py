#!/usr/bin/env python3
"""Ports that are bound and have no connection, under Wine: by the handles of processes, and by the internal
table of iphlpapi.dll, for which a stand-in has the rows.

    test_bound.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]
"""

import sys
from collections import Counter

from wine import Tap, enter, guard

TABLE, HANDLES, WMI = "iphlpapi_bound", "afd_handles", "wmi_bound"


def sources(document):
    return {source["name"]: source for source in document["sources"]}


def listed(wine, state, **more):
    """(address, port, pid) of each row, as `list` has them."""
    rows = wine.portroom("list", "--state", state, "--json", **more).json()["rows"]
    return Counter((row["local"], row["local_port"], row["pid"]) for row in rows)


def bound_in(wine, **more):
    return listed(wine, "bound", **more)


def check(wine, **more):
    return wine.portroom("check", "--json", **more).json()


def by_handles(tap, wine):
    with wine.start("sockets") as program:
        made = Counter()
        for text in ("bound 5", "bound 2 127.0.0.2", "bound 3 ::1", "bound 1 0.0.0.0"):
            for entry in program.do(text):
                made[(text.split()[2] if len(text.split()) > 2 else "127.0.0.1", entry["port"], program.pid)] += 1
        program.do("listen 2")
        program.do("pair 2")
        # Wine does not say which protocol a handle is of, so none may have the number of a port that is bound.
        for port in (20001, 20002, 20003):
            program.do("udp 1 127.0.0.1 %d" % port)
        told = bound_in(wine)
        tap.ok(told == made, "bound sockets are listed with address, port and process, and nothing else is",
               told - made, made - told, wine.portroom("list", "--limit", "all") if told != made else "")
        told = sources(check(wine))
        tap.ok(told[HANDLES]["used"] and told[HANDLES]["sockets"] == sum(made.values()),
               "the handles of processes told them", told.get(HANDLES))
        tap.ok(not told[TABLE]["used"] and told[TABLE]["why_not"], "the internal table is said not to be there", told.get(TABLE))
        tap.ok(WMI not in told, "WMI was not asked any more", sorted(told))
        program.do("close bound")
        tap.ok(not bound_in(wine), "what was closed is not listed any more")
        program.do("reset 1 127.0.0.1 20123")
        told = bound_in(wine)
        tap.ok(told == Counter([("127.0.0.1", 20123, program.pid)]),
               "a socket whose peer has reset it, and that nobody closes, is bound", told)


def by_table(tap, wine):
    """The stand-in's rows, of a program that is there: the other tables are Wine's own."""
    rows = wine.file("bound.txt")
    env = {"PORTROOM_STANDIN_BOUND": wine.path(rows)}
    with wine.start("sockets") as program:
        listener = program.do("listen 1")[0]["port"]
        program.do("bound 2")
        made = [("10.0.0.5", 50000, program.pid), ("10.0.0.6", 50000, program.pid), ("::1", 50001, program.pid)]
        with open(rows, "w", encoding="ascii") as file:
            file.writelines("%s %d %d\n" % row for row in made)
        more = {"env": env, "standins": ["iphlpapi.dll"]}
        told = bound_in(wine, **more)
        tap.ok(told == Counter(made), "the stand-in's rows are found and attributed", told)
        document = check(wine, **more)
        told = sources(document)
        tap.ok(told[TABLE]["used"] and told[TABLE]["sockets"] == 3 and HANDLES not in told,
               "and the handles of processes were not asked any more", told)
        told = listed(wine, "listen", **more)
        tap.ok([port for _, port, _ in told] == [listener], "listeners are Wine's own", told)
        with open(rows, "w", encoding="ascii") as file:
            file.write("fail6 5\n")
            file.writelines("%s %d %d\n" % row for row in made)
        told = sources(check(wine, **more))
        tap.ok(not told[TABLE]["used"] and "denied" in told[TABLE]["why_not"] and told[HANDLES]["used"],
               "where the stand-in denies half of it, the handles are asked", told)


def leak(tap, wine):
    """More than is left of the range, by one program: the verdict names it."""
    rows = wine.file("bound.txt")
    with wine.start("sockets") as program, open(rows, "w", encoding="ascii") as file:
        file.writelines("0.0.0.0 %d %d\n" % (port, program.pid) for port in range(49152, 65536))
        file.flush()
        answer = wine.portroom("check", "--json", env={"PORTROOM_STANDIN_BOUND": wine.path(rows)},
                               standins=["iphlpapi.dll"])
        document = answer.json()
        found = [finding for finding in document["findings"] if finding["rule"] == "windows_bound_leak"]
        tap.ok(found and found[0]["culprit"]["pid"] == program.pid and found[0]["culprit"]["name"] == "sockets.exe",
               "16,384 bound ports of the stand-in are a leak, of the right process", found or answer.out[:2000])
        tap.ok(answer.status == 2, "which is critical", answer.status)


def try_versions(tap, wine):
    with open(wine.file("bound.txt"), "w", encoding="ascii") as file:
        file.write("10.0.0.5 50000 4\n")
    told = sources(check(wine, env={"PORTROOM_STANDIN_BOUND": wine.path(wine.file("bound.txt"))},
                         standins=["iphlpapi.dll"]))
    tap.ok(not told[TABLE]["used"] and "7601" in told[TABLE]["why_not"],
           "on Windows 7 the internal table is not asked, though the stand-in has it", told[TABLE])


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        wine.set_version("win7")
        guard(tap, "by handles", by_handles, tap, wine)
        guard(tap, "versions", try_versions, tap, wine)
        wine.set_version("win10")
        try:
            guard(tap, "by the table", by_table, tap, wine)
            guard(tap, "a leak", leak, tap, wine)
        finally:
            wine.set_version("win7")
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
