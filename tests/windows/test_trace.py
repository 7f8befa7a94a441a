#!/usr/bin/env python3
"""portroom trace under Wine: plain Wine, which delivers nothing, and a stand-in for event tracing.

    test_trace.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]

The events are put together from the providers' schemas (tests/evidence/etl.py); none of a real Windows was to be had.
"""

import json
import os
import signal
import sys
import time

from etw import Tracing, bind_fails, connect_fails, etl
from wine import HERE, Tap, enter, guard, loads

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = os.path.join(HERE, "..", "..", "docs", "schema", "trace-1.json")
STANDIN = ["sechost.dll"]


def failures(answer):
    lines = [loads(line) for line in answer.out.splitlines()]
    return lines, [line for line in lines if line["line"] == "failure"]


def check_schema(tap, lines, sentence):
    if not jsonschema:
        tap.skip(sentence, "needs python3-jsonschema")
        return
    with open(SCHEMA, encoding="utf-8") as file:
        validator = jsonschema.Draft202012Validator(json.load(file))
    wrong = [error.message for line in lines for error in validator.iter_errors(line)]
    tap.ok(not wrong, sentence, *wrong[:5])


def try_plain_wine(tap, wine):
    answer = wine.portroom("trace", "--for", "1s")
    tap.ok(answer.status == 1 and "not available" in answer.err and "Wine" in answer.err and not answer.out,
           "plain Wine starts a session that nobody can read: not available, status 1", answer)
    answer = wine.portroom("trace", "--netns", "own", "--for", "1s")
    tap.ok(answer.status == 1, "and so it is with --netns own", answer)


def try_bind(tap, wine, version, program):
    tracing = Tracing(wine, "bind-" + version)
    tracing.deliver(bind_fails(program.pid, 3, protocol=etl.UDP))
    begin = time.time()
    answer = wine.portroom("trace", "--json", "--for", "1s", env=tracing.env(), standins=STANDIN)
    lines, rows = failures(answer)
    row = rows[0] if rows else {}
    tap.ok(answer.status == 0 and len(rows) == 3,
           "stand-in, %s: each bind() that fails is told" % version, answer, tracing.log())
    wanted = {"call": "bind", "protocol": "udp", "error": "WSAENOBUFS", "ntstatus": "0xC0000209",
              "status": "STATUS_TOO_MANY_ADDRESSES", "want_of_port": True, "source": "10.0.0.5",
              "source_port": 0, "destination": None, "pid": program.pid, "name": "sockets.exe"}
    tap.ok({key: row.get(key) for key in wanted} == wanted,
           "stand-in, %s: with process, address and status" % version, row)
    told = row.get("time", "")[:19]
    window = [time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) for at in (begin - 1, time.time() + 1)]
    tap.ok(window[0] <= told <= window[1], "stand-in, %s: and when it was" % version, told, window)
    tap.ok(lines[0]["source"] == "etw" and lines[0]["why_not_bpf"] is None and lines[-1]["line"] == "end" and
           lines[-1]["failures"] == 3 and lines[-1]["lost"] == 0 and lines[-1]["unread"] == 0,
           "stand-in, %s: between a line of what is watched and one of the sum" % version, lines[0], lines[-1])
    check_schema(tap, lines, "stand-in, %s: every line is as the schema says" % version)
    tap.ok(not tracing.sessions() and len(tracing.calls("stop")) == 1,
           "stand-in, %s: the session is stopped, once" % version, tracing.log())
    ids = [line.split()[-1] for line in tracing.calls("enable")]
    tap.ok(ids == (["7", "8", "0"] if version == "win10" else ["0", "0", "0"]),
           "stand-in, %s: the system leaves out events by their numbers where it can" % version, tracing.log())


def try_text(tap, wine, program):
    tracing = Tracing(wine, "text")
    tracing.deliver(connect_fails(program.pid, ("10.0.9.1", 5432)))
    answer = wine.portroom("trace", "-v", "--for", "1s", env=tracing.env(), standins=STANDIN)
    rows = answer.out.splitlines()
    tap.ok(answer.status == 0 and len([row for row in rows if "WSAENOBUFS" in row]) == 1 and
           "sockets.exe,%d" % program.pid in answer.out and "10.0.9.1:5432" in answer.out and
           "tcp connect" in answer.out,
           "stand-in: a connect() that both providers tell of is one row", answer)
    tap.ok("SERVICE" in rows[0] and "NETNS" not in rows[0] and "UNIT" not in rows[0],
           "stand-in: the columns have the words of Windows", rows[0])
    tap.ok("source: etw" in answer.err and "BPF" not in answer.err and "1 call failed" in answer.err,
           "stand-in: what is said beside the rows is of Windows", answer.err)


def try_read_back(tap, wine, program):
    """What was recorded is read back, and is proof."""
    tracing = Tracing(wine, "read-back")
    tracing.deliver(bind_fails(program.pid, 3, protocol=etl.UDP))
    place = wine.path(wine.file("recorded.jsonl"))
    seen = wine.portroom("trace", "--json", "--save", place, "--for", "1s", env=tracing.env(), standins=STANDIN)
    again = wine.portroom("trace", "--on", place, "--json")
    (_, recorded), (lines, told) = failures(seen), failures(again)
    tap.ok(again.status == 0 and len(told) == 3 and told == recorded and lines[0]["source"] == "etw",
           "stand-in: what --save recorded is told again by --on", seen, again)
    check_schema(tap, lines, "stand-in: so told every line is as the schema says")
    check = wine.portroom("check", "--on", place, "--json")
    found = {finding["rule"]: finding for finding in loads(check.out)["findings"]}
    tap.ok(check.status == 2 and found["windows_ran_out"]["strength"] == "proof" and
           found["windows_ran_out"]["subject"] == "udp", "stand-in: check counts it as proof", check)


def try_others(tap, wine, program):
    tracing = Tracing(wine, "others")
    tracing.deliver(bind_fails(program.pid, 2, status=etl.EXISTS, address=("0.0.0.0", 8080)))
    tracing.deliver(bind_fails(99999, 1, first=50))
    env = tracing.env()
    _, rows = failures(wine.portroom("trace", "--json", "--for", "1s", env=env, standins=STANDIN))
    tap.ok([row["pid"] for row in rows] == [99999] and rows[0]["name"] is None,
           "stand-in: a port that somebody has is no want of one; who has ended has no name", rows)
    lines, rows = failures(wine.portroom("trace", "--json", "--all", "--for", "1s", env=env, standins=STANDIN))
    tap.ok([row["want_of_port"] for row in rows] == [False, False, True] and
           rows[0]["error"] == "WSAEADDRINUSE" and rows[0]["source_port"] == 8080,
           "stand-in: --all tells it, too", rows)
    check_schema(tap, lines, "stand-in: --all is as the schema says")
    answer = wine.portroom("trace", "--all", "--for", "1s", "--pid", str(program.pid), env=env, standins=STANDIN)
    tap.ok("99999" not in answer.out and "0.0.0.0:8080" in answer.out, "stand-in: --pid leaves out others", answer)
    answer = wine.portroom("trace", "--count", "1", "--for", "20s", env=env, standins=STANDIN, timeout_s=15)
    tap.ok(answer.status == 0 and "pid 99999" in answer.out, "stand-in: --count ends it", answer)
    tap.ok(not tracing.sessions(), "stand-in: no session is left", tracing.log())


def try_cheap(tap, wine, version, program):
    tracing = Tracing(wine, "cheap-" + version)
    tracing.deliver(connect_fails(program.pid, ("10.0.9.1", 5432)))
    answer = wine.portroom("trace", "--json", "--cheap", "--for", "1s", env=tracing.env(), standins=STANDIN)
    if version == "win10":
        lines, rows = failures(answer)
        kinds = {kind["kind"]: kind["covered"] for kind in lines[0]["kinds"]}
        tap.ok(len(rows) == 1 and rows[0]["destination"] == "10.0.9.1" and not kinds["udp_connect"] and
               len(tracing.calls("enable")) == 1, "stand-in: --cheap asks TCP/IP alone", answer, tracing.log())
    else:
        tap.ok(answer.status == 1 and "Windows 8.1" in answer.err,
               "stand-in: before Windows 8.1 there is no --cheap", answer)
    tap.ok(not tracing.sessions(), "stand-in, %s: and leaves no session" % version, tracing.log())


def try_refusals(tap, wine):
    for wrong, words, sentence in (
            ("denied", ("access is denied", "administrator", "Performance Log Users"), "without rights one is told which"),
            ("full", ("no session is left", "logman"), "that no session is left is told"),
            ("closed", ("not available",), "a session that cannot be read is none"),
            ("no-afd,no-tcpip", ("no events",), "providers that give nothing are no trace")):
        tracing = Tracing(wine, "wrong-" + wrong)
        answer = wine.portroom("trace", "--for", "1s", env=tracing.env(wrong), standins=STANDIN)
        tap.ok(answer.status == 1 and not answer.out and all(word in answer.err for word in words) and
               len(answer.err.splitlines()) == 1, "stand-in: " + sentence, answer)
        tap.ok(not tracing.sessions(), "stand-in: %s: no session is left" % wrong, tracing.log())
    tracing = Tracing(wine, "no-tcpip")
    answer = wine.portroom("trace", "--for", "1s", env=tracing.env("no-tcpip"), standins=STANDIN)
    tap.ok(answer.status == 0 and "TCPIP gives no events" in answer.err,
           "stand-in: one provider of two is a trace, and what it does not see is told", answer)


def try_lost(tap, wine, program):
    tracing = Tracing(wine, "lost")
    tracing.deliver(bind_fails(program.pid))
    answer = wine.portroom("trace", "--json", "--for", "2s", env=tracing.env("lost=1234"), standins=STANDIN)
    lines, rows = failures(answer)
    tap.ok(len(rows) == 1 and lines[-1]["lost"] == 1234 and
           sum(line["count"] for line in lines if line["line"] == "lost") == 1234 and
           "1,234 events are lost" in answer.err, "stand-in: lost events are counted, as events", answer)


def try_ends(tap, wine, program):
    tracing = Tracing(wine, "ended")
    tracing.deliver(bind_fails(program.pid))
    answer = wine.portroom("trace", "--for", "20s", env=tracing.env("ended"), standins=STANDIN, timeout_s=15)
    tap.ok(answer.status == 1 and "somebody has ended the session" in answer.err and
           "sockets.exe" in answer.out, "stand-in: a session that somebody ends is an error, and what it told stands",
           answer)
    tracing = Tracing(wine, "ended-waiting")
    tracing.deliver(connect_fails(program.pid, ("10.0.9.1", 5432)))
    answer = wine.portroom("trace", "--cheap", "--for", "20s", env=tracing.env("ended"), standins=STANDIN, timeout_s=15)
    tap.ok(answer.status == 1 and "somebody has ended the session" in answer.err and "10.0.9.1:5432" in answer.out,
           "stand-in: so does what TCP/IP has told, and AFD might have told, too", answer)
    tracing = Tracing(wine, "stuck")
    tracing.deliver(bind_fails(program.pid))
    answer = wine.portroom("trace", "--for", "1s", env=tracing.env("stuck"), standins=STANDIN, timeout_s=30)
    tap.ok(answer.status == 0 and "sockets.exe" in answer.out and not tracing.sessions(),
           "stand-in: a system that hands nothing back is not waited for", answer, tracing.log())


def try_stale(tap, wine):
    tracing = Tracing(wine, "stale")
    for name in ("portroom-99999", "portroom-4000000000x", "NT Kernel Logger"):
        tracing.leave(name)
    answer = wine.portroom("trace", "--for", "500ms", env=tracing.env(), standins=STANDIN)
    tap.ok(answer.status == 0 and tracing.sessions() == ["NT Kernel Logger", "portroom-4000000000x"],
           "stand-in: the session of a portroom that is no more is stopped, nobody else's is", tracing.log())


def try_ctrl_c(tap, wine, program):
    """Wine makes Ctrl-C of SIGINT."""
    tracing = Tracing(wine, "ctrl-c")
    with wine.start_portroom("trace", "--json", env=tracing.env(), standins=STANDIN) as traced:
        traced.line()
        tracing.deliver(bind_fails(program.pid))
        row = traced.line()
        # What is under way when it ends is told, too.
        tracing.deliver(bind_fails(program.pid, first=7))
        os.kill(traced.unix_pid, signal.SIGINT)
        rest = [traced.line()]
        while rest[-1]["line"] != "end":
            rest.append(traced.line())
        status = traced.end()
    tap.ok(status == 0 and rest[-1]["failures"] == 2 and row["line"] == rest[0]["line"] == "failure",
           "stand-in: Ctrl-C ends it with a sum, and what was under way is told before", status, row, rest)
    tap.ok(not tracing.sessions() and len(tracing.calls("stop")) == 1,
           "stand-in: and the session is stopped, once", tracing.log())


def try_room(tap, wine, program):
    """The range of Wine is that of the namespace's system, which netsh tells by a stand-in."""
    tracing = Tracing(wine, "room")
    tracing.deliver(bind_fails(program.pid, address=("0.0.0.0", 0)))
    tracing.deliver(bind_fails(program.pid, 1, first=9, status=etl.EXISTS))
    answer = wine.portroom("trace", "--json", "--all", "--for", "2s", env=tracing.env(), standins=STANDIN + ["netsh.exe"])
    _, rows = failures(answer)
    room = rows[0] if rows else {}
    tap.ok(len(rows) == 2 and room["room_time"] and 0 < room["room_min"] <= room["room_max"] <= 65535,
           "stand-in: the room of a call is read of the machine", answer)
    tap.ok(rows[1]["room_max"] is None, "stand-in: that of one that failed for another reason is not", rows)


def try_watch(tap, wine, program):
    """--cheap, for hours: of TCP/IP alone; and who ends it by Ctrl-C leaves nothing behind."""
    tracing = Tracing(wine, "watch")
    tracing.deliver(connect_fails(program.pid, ("10.0.9.1", 5432)))
    answer = wine.portroom("watch", "1s", "--json", "--count", "4", env=tracing.env("lost=99"),
                           standins=STANDIN)
    lines = [loads(line) for line in answer.out.splitlines()]
    tap.ok(answer.status == 0 and sum(line["failed_calls"] for line in lines) == 1 and
           len(tracing.calls("enable")) == 1 and not tracing.sessions(),
           "stand-in: watch counts what failed, and no lost events", answer, tracing.log())
    with wine.start_portroom("watch", "1s", "--json", env=tracing.env(), standins=STANDIN) as going:
        going.line()
        running = tracing.sessions()
        os.kill(going.unix_pid, signal.SIGINT)
        going.end()
    tap.ok(len(running) == 1 and not tracing.sessions(),
           "stand-in: ended by Ctrl-C, watch leaves no session", running, tracing.log())
    answer = wine.portroom("watch", "--json", "--count", "1")
    tap.ok(answer.status == 0 and loads(answer.out)["failed_calls"] is None,
           "plain Wine: how many failed is not known to watch", answer)


def try_killed(tap, wine, program):
    tracing = Tracing(wine, "killed")
    with wine.start_portroom("trace", "--json", env=tracing.env(), standins=STANDIN) as traced:
        first = traced.line()
        tracing.deliver(bind_fails(program.pid))
        row = traced.line()
        tap.ok(first["line"] == "start" and row["pid"] == program.pid,
               "stand-in: what fails while it watches is told at once", first, row)
        name = tracing.sessions()
        tap.ok(len(name) == 1, "stand-in: while it runs there is one session", name)
        traced.kill()
    tap.ok(tracing.sessions() == name, "stand-in: killed, it leaves its session", tracing.sessions())
    wine.portroom("trace", "--for", "500ms", env=tracing.env(), standins=STANDIN)
    tap.ok(not tracing.sessions(), "stand-in: and the next one stops it", tracing.log())


def try_file(tap, wine):
    tracing = Tracing(wine, "file")
    with open(tracing.file("file.etl"), "wb") as file:
        file.write(etl.build("story")[0])
    place = wine.file("for the vendor.etl")
    words = ("trace", "--save", wine.path(place), "--size", "16M", "--for", "1s")
    answer = wine.portroom(*words, env=tracing.env(), standins=STANDIN)
    tap.ok(answer.status == 0 and not answer.out and "at most 16 MiB" in answer.err and "trace --on" in answer.err,
           "stand-in: --save FILE.etl is the system's own trace", answer, tracing.log())
    tap.ok(tracing.calls("start") and tracing.calls("start")[0].endswith("mode 0x2 size 16") and
           tracing.calls("state") and not tracing.calls("open"),
           "stand-in: in a circle, as large as was asked for, with the processes that run", tracing.log())
    tap.ok(not tracing.sessions() and len(tracing.calls("stop")) == 1, "stand-in: its session is stopped", tracing.log())
    answer = wine.portroom("trace", "--on", wine.path(place), standins=STANDIN)
    tap.ok(answer.status == 0 and "7 calls failed for want of a port" in answer.err, "and trace --on reads it", answer)
    answer = wine.portroom(*words, env=tracing.env(), standins=STANDIN)
    tap.ok(answer.status == 1 and "exists" in answer.err and len(tracing.calls("start")) == 1,
           "stand-in: a file that is there is not overwritten", answer)
    place = wine.file("second.ETL")
    with wine.start_portroom("trace", "--save", wine.path(place), env=tracing.env("lost=5"), standins=STANDIN) as going:
        deadline = time.monotonic() + 10
        while not tracing.sessions() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
        os.kill(going.unix_pid, signal.SIGINT)
        status = going.end()
    tap.ok(status == 0 and os.path.getsize(place) > 1000 and not tracing.sessions(),
           "stand-in: Ctrl-C ends it, with a whole file", status, tracing.log())
    for wrong in ("denied", "no-afd,no-tcpip"):
        place = wine.file("none.etl")
        os.path.exists(place) and os.unlink(place)
        tracing = Tracing(wine, "file-" + wrong)
        answer = wine.portroom("trace", "--save", wine.path(place), "--for", "1s", env=tracing.env(wrong),
                               standins=STANDIN)
        tap.ok(answer.status == 1 and not os.path.exists(place) and not tracing.sessions(),
               "stand-in, %s: no session is left, and no empty file" % wrong, answer, tracing.log())
    answer = wine.portroom("trace", "--save", wine.path(wine.file("wine.etl")), "--for", "1s")
    tap.ok(answer.status == 1 and "not available" in answer.err and not os.path.exists(wine.file("wine.etl")),
           "plain Wine writes nothing: not available, status 1", answer)
    for words, said in ((("--pid", "4"), "--pid"), (("--json",), "--json"), (("--size", "1M"), "16M"),
                        (("--size", "64"), "64M")):
        answer = wine.portroom("trace", "--save", "x.etl", *words)
        tap.ok(answer.status == 2 and said in answer.err, "--save x.etl %s is refused" % " ".join(words), answer)
    place = wine.file("failures.jsonl")
    answer = wine.portroom("trace", "--save", wine.path(place), "--for", "500ms", env=tracing.env(), standins=STANDIN)
    with open(place, "rb") as file:
        text = file.read()
    tap.ok(answer.status == 0 and text.count(b"\n") == 2 and b"\r" not in text and b'"source":"etw"' in text,
           "stand-in: --save of another name is JSON Lines", answer, text)


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        guard(tap, "plain Wine", try_plain_wine, tap, wine)
        with wine.start("sockets") as program:
            for version in ("win7", "win10"):
                wine.set_version(version)
                guard(tap, "bind, " + version, try_bind, tap, wine, version, program)
                guard(tap, "cheap, " + version, try_cheap, tap, wine, version, program)
            for case in (try_text, try_read_back, try_others, try_lost, try_ends, try_ctrl_c,
                         try_room, try_watch, try_killed):
                guard(tap, case.__name__, case, tap, wine, program)
        guard(tap, "refusals", try_refusals, tap, wine)
        guard(tap, "stale", try_stale, tap, wine)
        guard(tap, "file", try_file, tap, wine)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
