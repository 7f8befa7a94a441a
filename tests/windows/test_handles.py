#!/usr/bin/env python3
"""`portroom handles` under Wine, of a program that says itself what it opened.

    test_handles.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]
"""

import sys
import threading
import time

from wine import Tap, enter, guard


def row_of(document, pid):
    rows = [row for row in document["processes"] if row["pid"] == pid]
    return rows[0] if rows else {}


def look(wine, *words):
    return wine.portroom("handles", "--json", *words).json()


def try_counts(tap, wine, program):
    before = row_of(look(wine, "--limit", "all"), program.pid)
    tap.ok(before.get("name") == "sockets.exe" and before["sockets"] == 0, "a program without sockets has none", before)
    program.do("events 50")
    row = row_of(look(wine, "--limit", "all"), program.pid)
    tap.ok(row["descriptors"] == before["descriptors"] + 50, "fifty events are fifty handles more", before, row)
    for text in ("bound 7", "bound 2 ::1", "listen 1", "pair 4"):
        program.do(text)
    # Wine does not say which protocol a handle is of, so none may have the number of a port that is bound.
    for port in (20001, 20002, 20003):
        program.do("udp 1 127.0.0.1 %d" % port)
    made = 7 + 2 + 3 + 1 + (1 + 2 * 4)
    row = row_of(look(wine, "--limit", "all"), program.pid)
    tap.ok(row["sockets"] == made, "sockets are counted among them, %d" % made, row)
    detail = row_of(look(wine, str(program.pid)), program.pid)
    kinds = detail["kinds"]
    tap.ok(sum(kinds.values()) == detail["descriptors"] == row["descriptors"], "its kinds add up to all", detail)
    tap.ok(kinds["\\Device\\Afd"] == made and kinds["Event"] >= 50 and "File" in kinds,
           "sockets are a kind of their own, the others have the names of the system", kinds)
    held = detail["held"]
    tap.ok(sum(each["sockets"] for each in held) == made, "each socket is told with its address", held)
    states = {state: sum(each["sockets"] for each in held if each["state"] == state)
              for state in ("bound", "unconnected", "listen", "established")}
    tap.ok(states == {"bound": 9, "unconnected": 3, "listen": 2, "established": 8}, "and its state", states)


def try_words(tap, wine, program):
    answer = wine.portroom("handles", str(program.pid))
    tap.ok(answer.status == 0 and "handles" in answer.out and "\\Device\\Afd" in answer.out and
           "descriptor" not in answer.out and "root" not in answer.out, "one process: Windows' words", answer)
    answer = wine.portroom("handles")
    tap.ok("handles" in answer.out.splitlines()[0] and "limit" not in answer.out.splitlines()[0],
           "all: no column for a limit that is not there", answer.out[:300])
    answer = wine.portroom("handles", "999999")
    tap.ok(answer.status == 1 and "999999" in answer.err, "a process that is not there is said not to be", answer)
    answer = wine.portroom("handles", "--process", "sockets.exe", "--json")
    tap.ok([row["pid"] for row in answer.json()["processes"]] == [program.pid], "a filter is by name", answer)


def try_growth(tap, wine, program):
    told = {}
    thread = threading.Thread(target=lambda: told.update(look(wine, "--sample", "8s", str(program.pid))))
    thread.start()
    time.sleep(4)  # nothing tells when it has looked the first time
    program.do("events 30")
    thread.join()
    tap.ok(row_of(told, program.pid).get("growth") == 30, "--sample tells what has grown", told)


def try_marks(tap, wine, program):
    program.do("events 3000")
    row = row_of(look(wine), program.pid)
    tap.ok(row["remark"] == "many", "more than 3,000 handles are remarked", row)
    program.do("events 7000")
    row = row_of(look(wine), program.pid)
    tap.ok(row["remark"] == "too_many" and row["descriptors"] > 10000, "and more than 10,000", row)
    document = wine.portroom("check", "--json").json()
    text = str(document)
    tap.ok("handles_many" in text, "check sees them, too", [finding["rule"] for finding in document["findings"]],
           document.get("remarks"))


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine, wine.start("sockets") as program:
        for what in (try_counts, try_words, try_growth, try_marks):
            guard(tap, what.__name__, what, tap, wine, program)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
