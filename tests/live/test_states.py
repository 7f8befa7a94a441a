#!/usr/bin/env python3
"""What `portroom check` says of TCP states: whom it names, which figures, which notes.

    test_states.py PORTROOM SITUATION

The verdicts of these situations are tried by test_check.py.
"""

import os
import sys

from live import Situation, Tap, guard, need_root

NO_NOTE = ("quiet", "reserved_and_listeners", "busy_but_healthy", "no_port_sources",
           "more_source_addresses", "mixed_owners")
NOTES = ("time_wait_churn", "one_parity_full")
STATE_RULES = ("fin_wait2_pileup", "syn_sent_blackhole")


def look(portroom, program, name):
    """The situation, what was said of it, and whether that came too late."""
    with Situation(program, name) as situation:
        if situation.skipped:
            return situation, None, False
        answer = situation.run([portroom, "check", "--json", "--netns", "own"])
        return situation, answer.json(), situation.expired()


def said_by(statements, rule):
    return [each for each in statements if each["rule"] == rule]


def figures(statement):
    return {each["name"]: each["value"] for each in statement["evidence"]}


def remedies(statement):
    return " / ".join(each["text"] for each in statement["remedies"])


def room_after(statement, word):
    for each in statement["remedies"]:
        if word in each["text"]:
            return each["room_after"]
    return None


def try_fin_wait2(tap, portroom, program):
    situation, document, _ = look(portroom, program, "fin_wait2")
    found = said_by(document["findings"], "fin_wait2_pileup")
    if not tap.ok(len(found) == 1, "fin_wait2: one finding", document["findings"]):
        return
    values = figures(found[0])
    tap.ok(values["fin_wait2"] == 80 and values["half_closed"] == 0,
           "fin_wait2: all are closed, none is held by a process", values)
    tap.ok("127.0.0.1:9000" in found[0]["reason"] and "300 s" in found[0]["reason"],
           "fin_wait2: the peer and the time are named", found[0]["reason"])
    tap.ok("tcp_fin_timeout=10" in remedies(found[0]),
           "fin_wait2: here a lower tcp_fin_timeout helps", remedies(found[0]))
    situation.verify(tap, "fin_wait2: looking changed nothing")


def try_half_closed(tap, portroom, program):
    situation, document, _ = look(portroom, program, "half_closed")
    found = said_by(document["findings"], "fin_wait2_pileup")
    if not tap.ok(len(found) == 1, "half_closed: one finding", document["findings"]):
        return
    values = figures(found[0])
    tap.ok(values["half_closed"] == 30, "half_closed: 30 are held by a process", values)
    tap.ok("tcp_fin_timeout=" not in remedies(found[0]),
           "half_closed: tcp_fin_timeout is no remedy", remedies(found[0]))
    tap.ok("here: situation, pid %d" % situation.truth["pid"] in found[0]["reason"],
           "half_closed: the peer's process is named", found[0]["reason"])
    tap.ok(room_after(found[0], "end or restart") == 100,
           "half_closed: ending the process would free all", found[0]["remedies"])
    situation.verify(tap, "half_closed: looking changed nothing")


def try_black_hole(tap, portroom, program):
    situation, document, late = look(portroom, program, "black_hole")
    if late:
        tap.skip("black_hole", "the attempts were over before the answer came")
        return
    found = said_by(document["findings"], "syn_sent_blackhole")
    if not tap.ok(len(found) == 1, "black_hole: one finding", document["findings"]):
        return
    values = figures(found[0])
    tap.ok(values["syn_sent"] == 100 and values["syn_timeout"] >= 63,
           "black_hole: so many attempts, each so long", values)
    tap.ok("tcp_syn_retries=3" in remedies(found[0]),
           "black_hole: giving up sooner is a remedy", remedies(found[0]))
    tap.ok(room_after(found[0], "end or restart") == 100,
           "black_hole: ending the process would free all", found[0]["remedies"])
    situation.verify(tap, "black_hole: looking changed nothing")


def try_churn(tap, portroom, program):
    situation, document, late = look(portroom, program, "time_wait_loopback")
    if late:
        tap.skip("time_wait_loopback", "the entries were over before the answer came")
        return
    noted = said_by(document["remarks"], "time_wait_churn")
    tap.ok(document["verdict"] == "ok", "time_wait_loopback: the verdict is ok", document)
    if not tap.ok(len(noted) == 1, "time_wait_loopback: one note", document["remarks"]):
        return
    values = figures(noted[0])
    tap.ok(values["time_wait"] == 70 and values["closes_per_s"] == 1,
           "time_wait_loopback: 70 closed in a minute are one a second", values)
    tap.ok(values["sustainable_per_s"] == 100 or "tcp_tw_reuse" in noted[0]["reason"],
           "time_wait_loopback: each port can be had again after the delay", values)
    situation.verify(tap, "time_wait_loopback: looking changed nothing")


def try_parity(tap, portroom, program):
    situation, document, late = look(portroom, program, "one_parity_full")
    if situation.skipped or late:
        tap.skip("one_parity_full", situation.skipped or "the entries were over")
        return
    noted = said_by(document["remarks"], "one_parity_full")
    tap.ok(document["verdict"] == "ok" and not document["findings"],
           "one_parity_full: nothing is short", document["findings"])
    if not tap.ok(len(noted) == 1, "one_parity_full: one note", document["remarks"]):
        return
    values = figures(noted[0])
    tap.ok(values["preferred"] == 1000 and values["preferred_left"] == 0 and
           values["examined"] == 1000 and values["room_min"] == 1000,
           "one_parity_full: a thousand ports are examined in vain", values)
    situation.verify(tap, "one_parity_full: looking changed nothing")


def try_no_note(tap, portroom, program, name):
    _, document, _ = look(portroom, program, name)
    if document is None:
        tap.skip(name, "this kernel cannot have it")
        return
    tap.ok(not any(said_by(document["remarks"], rule) for rule in NOTES) and
           not any(said_by(document["findings"], rule) for rule in STATE_RULES),
           "%s: nothing is said of states, rate or parity" % name,
           document["findings"], document["remarks"])


def main(words):
    if len(words) < 2:
        sys.exit(__doc__)
    portroom, program = (os.path.abspath(word) for word in words[:2])
    tap = Tap()
    need_root(tap)
    for function in (try_fin_wait2, try_half_closed, try_black_hole, try_churn, try_parity):
        guard(tap, function.__name__, function, tap, portroom, program)
    for name in NO_NOTE:
        guard(tap, name, try_no_note, tap, portroom, program, name)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
