#!/usr/bin/env python3
"""The dynamic port range, read of a stand-in for netsh (Wine's prints nothing and does nothing), and what is refused.

    test_range.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR] [NAME...]
"""

import sys
import time

from netsh import DEFAULT, ROWS, WIDE, Netsh, all_of, fits, shown, source
from wine import Tap, enter, guard

PARAMETERS = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"


# ---- reading ----

def try_languages(tap, netsh):
    netsh.begin("active tcp ipv6 1024 13977", "active udp ipv4 30000 1000", "excluded tcp ipv4 5357 5357",
                "excluded tcp ipv4 50000 50059 *")
    wanted = {("tcp", "ipv4"): DEFAULT, ("tcp", "ipv6"): (1024, 15000), ("udp", "ipv4"): (30000, 30999),
              ("udp", "ipv6"): DEFAULT}
    for language in ("en", "zh", "es", "de"):
        answer = netsh.range("--json", options=language)
        document = answer.json()
        tap.ok(shown(answer) == wanted, "the four rows are read of the stand-in in %s" % language, answer)
        reserved = [(entry["first"], entry["last"], entry["at_run_time"]) for entry in document["reserved"]]
        tap.ok(reserved == [(5357, 5357, True), (50000, 50059, False)],
               "excluded ports are read in %s, with their star" % language, reserved)
        tap.ok(not any(row["assumed"] for row in document["ranges"]), "none of it is assumed in %s" % language)
    fits(tap, answer, "the document of a live Windows is of the schema")
    tap.ok(not netsh.sets(), "reading sets nothing", netsh.sets())
    told = source(answer, "netsh")
    tap.ok(told["used"] and told["milliseconds"] > 0 and told["why_not"] is None, "netsh is told as a source", told)
    text = netsh.range()
    tap.ok("1024  15000" in text.out and "50000-50059*" in text.out, "the table has it, too", text)


def try_silence(tap, netsh):
    netsh.begin("active tcp ipv6 1024 13977")
    for options, why in (("silent", "nothing"), ("garbage", "nothing that is known")):
        answer = netsh.range("--json", options=options)
        document = answer.json()
        tap.ok(all(row["assumed"] for row in document["ranges"]) and shown(answer) == all_of(DEFAULT),
               "a stand-in with option %s tells nothing, and the default is marked as assumed" % options, answer)
        tap.ok(any("dynamic port range" in gap["what"] and gap["remedy"] for gap in document["gaps"]),
               "what it did not tell is a gap with a remedy", document["gaps"])
        tap.ok(why in (source(answer, "netsh")["why_not"] or ""), "and why is told", source(answer, "netsh"))
    wmi = source(answer, "wmi")
    tap.ok(not wmi["used"] and wmi["why_not"], "Wine's WMI has no such namespace, and that is told", wmi)
    answer = netsh.range("set", *WIDE, options="silent")
    tap.ok(answer.status == 1 and "no way back" in answer.err, "without a reading nothing is set", answer)
    answer = netsh.wine.portroom("range", "set", *WIDE)
    tap.ok(answer.status == 1 and "tcp ipv4" in answer.err, "Wine's own netsh is no netsh", answer)


def try_late(tap, netsh):
    """A loaded machine has no time for eight at once: those that were ended are asked again, each by itself."""
    netsh.begin("active tcp ipv6 1024 13977", "excluded tcp ipv4 5357 5357")
    answer = netsh.range("--json", options="late=3")
    rows = shown(answer)
    tap.ok(rows["tcp", "ipv6"] == (1024, 15000) and answer.json()["reserved"] and
           not any(row["assumed"] for row in answer.json()["ranges"]), "answers that came late are asked for again", answer)
    told = source(answer, "netsh")
    tap.ok(told["used"] and told["why_not"] is None and told["milliseconds"] > 5000, "and what it took is told", told)
    with open(netsh.log, encoding="ascii") as file:
        asked = len(file.readlines())
    tap.ok(asked == 8 + 3, "once more, and only these", asked)


def try_hanging(tap, netsh):
    netsh.begin()
    began = time.monotonic()
    answer = netsh.range("--json", options="hang")
    took = time.monotonic() - began
    tap.ok(took < 20, "a netsh that never ends is left after its time", took)
    tap.ok("no answer" in (source(answer, "netsh")["why_not"] or ""), "that is told", source(answer, "netsh"))
    with open(netsh.log, encoding="ascii") as file:
        asked = len(file.readlines())
    tap.ok(asked == 8 + 1, "the first that hangs again is the last that is asked", asked)
    answer = netsh.range("set", *WIDE, options="hang")
    tap.ok(answer.status == 1 and "no way back to it: netsh gave no answer within 5 s and was ended" in answer.err,
           "what it did not tell is not set, and the sentence says why", answer)
    left = netsh.wine.run(["tasklist"]).out
    tap.ok("netsh.exe" not in left, "it is ended, and does not stay", left)


def try_registry(tap, netsh):
    netsh.begin()
    answer = netsh.range("--json")
    tap.ok(answer.json()["windows"]["timed_wait_delay_s"] is None, "TcpTimedWaitDelay that is not set is not known",
           answer.json()["windows"])
    for name, value in (("TcpTimedWaitDelay", "30"), ("MaxUserPort", "65534")):
        netsh.wine.run(["reg", "add", PARAMETERS, "/v", name, "/t", "REG_DWORD", "/d", value, "/f"])
    answer = netsh.range("--json")
    told = answer.json()["windows"]
    tap.ok(told["timed_wait_delay_s"] == 30 and told["max_user_port"] == 65534, "what is set is told", told)
    text = netsh.range().out
    tap.ok("TcpTimedWaitDelay=30" in text and "MaxUserPort=65534" in text, "the text tells it", text)
    for name in ("TcpTimedWaitDelay", "MaxUserPort"):
        netsh.wine.run(["reg", "delete", PARAMETERS, "/v", name, "/f"])


# ---- what is refused ----

def try_rules(tap, netsh):
    netsh.begin()
    for protocol, family in ROWS:
        row = ["--" + protocol, "--" + family]
        name = "%s %s" % (protocol, family)
        for words, why in ((["--first", "1024", "--last", "65535"], "none below 1025"),
                           (["--first", "40000", "--count", "254"], "fewer than 255 ports"),
                           (["--first", "40000", "--count", "25537"], "ports end at 65535"),
                           (["--first", "60000", "--last", "50000"], "lies before the first"),
                           (["--first", "40000", "--count", "255"], "--shrink")):
            answer = netsh.range("set", *words, *row)
            tap.ok(answer.status == 1 and why in answer.err and name in answer.err and
                   answer.err.count("\n") == 1, "%s: %s is refused, and why" % (name, " ".join(words)), answer)
        answer = netsh.range("set", "--first", "1025", "--last", "65535", "--dry-run", *row)
        tap.ok(answer.status == 0, "%s: 1025 to 65535 is not refused" % name, answer)
    tap.ok(not netsh.sets() and netsh.record() is None, "netsh was never told to set any of it", netsh.sets())
    for words in (["set", "--first", "10000"], ["set", *WIDE, "--reserve"], ["try", *WIDE], ["confirm", "--tcp"],
                  ["set", "--first", "10000", "--last", "65535", "--for", "60s"]):
        answer = netsh.range(*words)
        tap.ok(answer.status == 2 and answer.err, "'%s' is a mistake in the command line" % " ".join(words), answer)


def try_sitters(tap, netsh):
    netsh.begin()
    with netsh.wine.start("sockets", "listen 1 127.0.0.1 23456") as program:
        program.lines()
        answer = netsh.range("set", "--first", "20000", "--last", "65535")
        tap.ok(answer.status == 1 and "tcp 23456" in answer.err and "--force" in answer.err,
               "a listener that would come to sit in the range is told, and refused", answer)
        answer = netsh.range("set", "--first", "23457", "--last", "65535", "--dry-run")
        tap.ok(answer.status == 0 and "23456" not in answer.out, "above it nothing is in the way", answer)
        answer = netsh.range("set", "--first", "20000", "--last", "65535", "--udp", "--dry-run")
        tap.ok(answer.status == 0, "it does not sit in the range of udp", answer)
        answer = netsh.range("set", "--first", "20000", "--last", "65535", "--force", "--dry-run")
        tap.ok(answer.status == 0 and "23456" in answer.out and "nothing: this was a dry run" in answer.out,
               "--force takes it in, and tells it", answer)
        program.end()
    tap.ok(not netsh.sets(), "a dry run sets nothing", netsh.sets())


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        netsh = Netsh(wine)
        for sentence, test in (("languages", try_languages), ("silence", try_silence), ("late", try_late), ("hanging", try_hanging),
                               ("registry", try_registry), ("rules", try_rules), ("sitters", try_sitters)):
            if not wine.rest or sentence in wine.rest:
                guard(tap, sentence, test, tap, netsh)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
