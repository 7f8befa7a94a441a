#!/usr/bin/env python3
"""`portroom close` under Wine: who has leaked connections is ended, and sockets are not closed where Wine cannot.

    test_close.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]
"""

import sys

from netsh import fits
from wine import Tap, enter, guard


def close(wine, *words, **more):
    return wine.portroom("close", *words, **more)


def try_usage(tap, wine):
    answer = close(wine)
    tap.ok(answer.status == 2 and "selection" in answer.err, "without a filter: usage", answer)
    answer = close(wine, "--pid", "4", "--state", "time_wait")
    tap.ok(answer.status == 1 and "no socket matches" in answer.err and "namespace" not in answer.err,
           "nothing matches: said without network namespaces", answer)


def try_dry_run(tap, wine, program, port):
    answer = close(wine, "--pid", str(program.pid), "--end-process")
    tap.ok(answer.status == 0 and "dry run" in answer.out and "pid %d" % program.pid in answer.out,
           "without --yes nobody is ended, and who would be is told", answer)
    answer = close(wine, "--pid", str(program.pid), "--end-process", "--json")
    document = answer.json()
    tap.ok(document["dry_run"] and [row["pid"] for row in document["processes"]] == [program.pid] and
           document["processes"][0]["outcome"] is None, "and so in JSON", document)
    fits(tap, answer, "the document fits its schema")
    groups = document["groups"]
    tap.ok(sum(group["sockets"] for group in groups if group["remote_port"] == port) == 3,
           "the three connections that it holds are selected", groups)
    tap.ok(program.running(), "it runs on")


def try_sockets(tap, wine, program, port):
    """Wine 8.0 says that it closed the connection, and does nothing."""
    words = ["--pid", str(program.pid), "--port", str(port)]
    document = close(wine, *words, "--json").json()
    tap.ok(document["dry_run"] and document["selected"] == 3 and document["bound_only"] == 0, "three could be closed", document)
    answer = close(wine, *words, "--yes", "--json")
    document = answer.json()
    tap.ok(answer.status == 1 and sum(group["failed"] for group in document["groups"]) == 3 and
           all("still there" in group["why"] for group in document["groups"]),
           "a connection that is still there was not closed, whatever the call says", answer)
    tap.ok(program.running(), "its program runs on")


def try_end(tap, wine, program, port):
    words = ["--pid", str(program.pid), "--end-process", "--yes", "--json"]
    answer = close(wine, *words)
    tap.ok(answer.status == 1 and answer.json()["processes"][0]["outcome"] == "cannot_ask" and program.running(),
           "a program without a window is left without --force", answer)
    fits(tap, answer, "the document fits its schema")
    answer = close(wine, *words, "--force", "--verify", "127.0.0.1:%d" % port)
    document = answer.json()
    tap.ok(answer.status == 0 and [row["outcome"] for row in document["processes"]] == ["ended"],
           "with --yes and --force it is ended", answer)
    fits(tap, answer, "the document fits its schema")
    tap.ok(program.ends(), "and does not run any more")
    tap.ok(document["verify"] == {"target": "127.0.0.1:%d" % port, "before": "connected", "after": "connected"},
           "--verify tries before and after", document["verify"])
    answer = close(wine, *words)
    tap.ok(answer.status == 1 and "no socket matches" in answer.err, "then there is nothing of it", answer)


def try_kinds(tap, wine):
    """What Windows never closes from outside is told before and after."""
    with wine.start("sockets") as program:
        program.do("udp 2 127.0.0.1")
        words = ["--pid", str(program.pid), "--state", "unconnected"]
        answer = close(wine, *words)
        tap.ok(answer.status == 0 and "--end-process" in answer.out and "IPv4" in answer.out, "UDP: the remedy is named", answer)
        answer = close(wine, *words, "--yes", "--json")
        document = answer.json()
        tap.ok(answer.status == 1 and document["bound_only"] == 2 and
               sum(group["failed"] for group in document["groups"]) == 2, "and neither is closed", answer)
        fits(tap, answer, "the document fits its schema")


def try_min_age(tap, wine, program, port):
    answer = close(wine, "--pid", str(program.pid), "--port", str(port), "--min-age", "1s", "--json")
    document = answer.json()
    tap.ok(answer.status == 0 and document["ageless"] == 3 and not document["groups"],
           "what nothing tells the age of is left", answer)


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        guard(tap, "usage", try_usage, tap, wine)
        with wine.start("sockets") as server:
            port = server.do("listen 1")[-1]["port"]
            with wine.start("sockets") as program:
                program.do("connect 3 %d" % port)
                guard(tap, "dry run", try_dry_run, tap, wine, program, port)
                guard(tap, "ages", try_min_age, tap, wine, program, port)
                guard(tap, "sockets", try_sockets, tap, wine, program, port)
                guard(tap, "end", try_end, tap, wine, program, port)
        guard(tap, "kinds", try_kinds, tap, wine)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
