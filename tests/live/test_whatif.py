#!/usr/bin/env python3
"""What `portroom whatif` promises against what happens when the change is made.

    test_whatif.py PORTROOM SITUATION EXHAUST [--schema-dir DIR] [NAME...]

In every situation that connects somewhere, for every change that can be made from outside: whatif is asked, the change
is made, and calls are made until one fails. They must succeed as often as was said.
"""

import os
import sys
import time

from live import Tap, names, need_root, run
from test_check import Schemas, take_option
from test_remedies import (ELSEWHERE, REST_S, REUSE_MARGIN_S, Fresh, NotTried, is_alive, measure, need_commands,
                           pause, work_on_all)

NARROW = (40000, 40099)  # what the situations have


def sysctl(situation, *settings):
    answer = situation.enter(["sysctl", "-q", "-w"] + list(settings))
    if answer.status:
        raise NotTried(answer.err.strip())


class Question:
    """A destination, as portroom and as exhaust take it."""

    def __init__(self, row):
        self.source, self.destination, self.port = row["source"], row["destination"], row["port"]
        self.words = ["[%s]:%d" % (self.destination, self.port) if ":" in self.destination
                      else "%s:%d" % (self.destination, self.port), "--src", self.source]

    def calls(self, source=None):
        return ["--bind", source or self.source, "--connect", self.destination, str(self.port)]


def wider(trial, situation):
    sysctl(situation, "net.ipv4.ip_local_port_range=39950 40149")
    return [measure(trial.exhaust, situation, trial.question.calls())]


def narrower_and_reserved(trial, situation):
    sysctl(situation, "net.ipv4.ip_local_port_range=40000 40049")
    now = situation.enter(["sysctl", "-n", "net.ipv4.ip_local_reserved_ports"]).out.strip()
    sysctl(situation, "net.ipv4.ip_local_reserved_ports=" + ",".join(filter(None, [now, "40020-40029,40090"])))
    return [measure(trial.exhaust, situation, trial.question.calls())]


def reuse(trial, situation):
    if situation.enter(["sysctl", "-n", "net.ipv4.tcp_tw_reuse"]).out.strip() == "1":
        raise NotTried("it is so already: entries only grow older")
    sysctl(situation, "net.ipv4.tcp_tw_reuse=1")
    delay = situation.enter(["sysctl", "-n", "net.ipv4.tcp_tw_reuse_delay"])
    pause((int(delay.out) / 1000 if not delay.status else 1) + REUSE_MARGIN_S)
    return [measure(trial.exhaust, situation, trial.question.calls())]


def no_reuse(trial, situation):
    sysctl(situation, "net.ipv4.tcp_tw_reuse=0")
    return [measure(trial.exhaust, situation, trial.question.calls())]


def second_source(trial, situation):
    other = "127.0.0.77" if trial.question.destination.startswith("127.") else None
    if not other:
        raise NotTried("no second address of that kind")
    # What connect() has taken from the one does not concern the other.
    return [measure(trial.exhaust, situation, trial.question.calls()) +
            measure(trial.exhaust, situation, trial.question.calls(source=other))]


def ended(trial, situation):
    pid = situation.truth["holders"][0]["pid"]
    os.kill(pid, 9)
    while is_alive(pid):
        time.sleep(0.01)
    time.sleep(0.1)
    measured = [measure(trial.exhaust, situation, trial.question.calls())]
    if trial.rests:
        if int(situation.enter(["sysctl", "-n", "net.ipv4.tcp_fin_timeout"]).out) > 60:
            raise NotTried("the kernel waits longer for a peer that does not close")
        pause(REST_S)
        measured.append(measure(trial.exhaust, situation, trial.question.calls()))
    return measured


CHANGES = (
    ("--first 39950 --last 40149", wider),
    ("--count 50 --reserve 40020-40029,40090", narrower_and_reserved),
    ("--tw-reuse 1", reuse),
    ("--tw-reuse 0", no_reuse),
    ("--sources 2", second_source),
    ("--end {holder}", ended),
)


class Trial:
    def __init__(self, name, words, make, row):
        self.name, self.words, self.make, self.question = name, words, make, Question(row)
        self.error = self.why_not = self.measured = self.answer = self.exhaust = None
        self.rests = False
        self.sentence = "%s: %s, %s" % (name, self.question.words[0], words)

    def run(self, portroom, program, exhaust, schemas):
        self.exhaust, self.schemas = exhaust, schemas
        for _ in range(2):  # on a slow machine what rests may be over before it is measured
            with Fresh(program, self.name) as situation:
                situation.program = program
                holders = situation.truth["holders"]
                if "{holder}" in self.words and (not holders or not holders[0]["pid"]):
                    raise NotTried("nobody holds anything")
                words = self.words.format(holder=holders[0]["pid"] if holders else 0)
                answer = run([portroom, "whatif", "--json", "--lang", "en", "--netns",
                              str(situation.truth["pid"])] + words.split() + self.question.words)
                if answer.status == 1 and "no process of that number" in answer.err:
                    raise NotTried(answer.err.strip())
                self.document = answer.json()
                self.answer = self.document["answers"][0]
                self.rests = any("rests 60 s" in risk for risk in self.document["risks"])
                self.measured = self.make(self, situation)
            if self.is_right():
                return

    def is_right(self):
        after = self.answer["after"]
        return after["room_min"] is not None and \
            after["room_min"] <= self.measured[-1] <= after["room_max"]

    def judge(self, tap):
        if self.why_not:
            print("# %s: %s" % (self.sentence, self.why_not))
        elif self.error:
            tap.ok(False, self.sentence, self.error)
        else:
            after = self.answer["after"]
            tap.ok(self.is_right(), "%s brings %s" % (self.sentence, self.measured[-1]), self.measured,
                   self.answer, self.document["risks"])
            if self.rests:
                tap.ok(self.measured[0] < after["room_max"],
                       self.sentence + ": what is said to rest first does", self.measured, after)
            self.schemas.try_document(tap, self.document, self.sentence)


class Search:
    """The fullest destination of a situation."""

    def __init__(self, name):
        self.name, self.trials, self.why_not, self.error = name, [], None, None

    def run(self, portroom, program):
        with Fresh(program, self.name) as situation:
            self.why_not = situation.skipped
            if self.why_not:
                return
            document = run([portroom, "check", "--json", "--netns", str(situation.truth["pid"])]).json()
            ranges = document["ranges"][0]
            if (ranges["first"], ranges["last"]) != NARROW:
                return
            # An accepted connection whose listener has gone looks like one that was made; nobody answers there.
            for row in [row for row in document["destinations"] if row["port"] < 10000][:1]:
                rests = row["states"].get("time_wait")
                self.trials = [Trial(self.name, words, make, row) for words, make in CHANGES
                               if rests or make not in (reuse, no_reuse)]


def by_hand(tap, portroom, program, schemas):
    """What needs no change of the machine: a pool, a rate, programs that are mended, the text."""
    with Fresh(program, "time_wait_full") as situation:
        def whatif(words):
            return run([portroom, "whatif", "--json", "--netns", str(situation.truth["pid"])] + words.split())
        document = whatif("--pool 30 127.0.0.1:9000").json()
        schemas.try_document(tap, document, "a pool")
        answer = document["answers"][0]
        tap.ok(answer["before"]["room_max"] == 0 and answer["after"]["room_min"] == 70 and
               answer["after"]["sustainable_per_s"] is None and answer["before"]["full_in_s"] == 0,
               "a pool of 30 leaves 70 of 100", answer)
        answer = whatif("--first 40000 --last 40599 --rate 5 127.0.0.1:9000").json()["answers"][0]
        tap.ok(answer["after"]["room_min"] == 500 and answer["after"]["sustainable_per_s"] == 10 and
               answer["after"]["full_in_s"] is None, "600 ports sustain 10 connections/s", answer)
        answer = whatif("--first 40000 --last 40599 --rate 20 127.0.0.1:9000").json()["answers"][0]
        tap.ok(answer["after"]["full_in_s"] is not None and 20 <= answer["after"]["full_in_s"] <= 40,
               "20 a second fill them in half a minute", answer)
        answer = whatif("--tw-reuse 1 --tw-reuse-delay 500 127.0.0.1:9000").json()["answers"][0]
        tap.ok(answer["after"]["sustainable_per_s"] == 200, "100 ports used again after 500 ms", answer)
    with Fresh(program, "bind_first_full") as situation:
        answers = run([portroom, "whatif", "--json", "--netns", str(situation.truth["pid"]),
                       "--no-bind-first"]).json()["answers"]
        elsewhere = [answer for answer in answers if answer["kind"] == "connect" and not answer["port"]]
        tap.ok(elsewhere[0]["before"]["room_max"] == 0, "bind() first keeps all ports from everybody", answers)
    with Fresh(program, "no_port_full") as mended:
        real = measure(EXHAUST[0], mended, ELSEWHERE)
    tap.ok(elsewhere[0]["after"]["room_min"] == elsewhere[0]["after"]["room_max"] == real,
           "what is mended brings %d" % real, elsewhere)
    text = run([portroom, "whatif", "--first", "20000"])
    tap.ok(text.status == 0 and "tcp to a new destination" in text.out and not text.err, "it tells people, too",
           text)


BAD = (
    ("", "needs a change"),
    ("127.0.0.1:80", "needs a change"),
    ("--tw-reuse 3", "give 0, 1 or 2"),
    ("--tw-reuse-delay 0", "from 1 to 60000"),
    ("--first 0", "from 1 to 65535"),
    ("--count 70000", "from 1 to 65535"),
    ("--last 9 --count 9", "give one of them"),
    ("--reserve 8080-", "no list of ports"),
    ("--reserve x", "no list of ports"),
    ("--sources 0", "from 1 to 65535"),
    ("--pool many", "from 1 to 65535"),
    ("--rate 0", "connections a second"),
    ("--rate -3", "connections a second"),
    ("--rate nan", "connections a second"),
    ("--rate 1e9", "connections a second"),
    ("--end 0", "from 1 to"),
    ("--sources 2 127.0.0.1", "not a destination"),
    ("--sources 2 127.0.0.1:80 127.0.0.1:81", "one destination"),
    ("--sources 2 --src 127.0.0.1", "--src goes with a destination"),
    ("--sources 2 --netns all", "one network namespace"),
)


def bad_input(tap, portroom):
    for words, said in BAD:
        answer = run([portroom, "whatif"] + words.split())
        tap.ok(answer.status == 2 and said in answer.err and answer.err.count("\n") == 1 and not answer.out,
               "whatif %s is one sentence" % words, answer)
    for words, said in (("--first 61000 --last 60000", "no range"), ("--last 5", "no range"),
                        ("--end 4194303", "no process of that number"),
                        ("--sources 2 203.0.113.1:80", "203.0.113.1")):
        answer = run(["unshare", "--net", portroom, "whatif"] + words.split())
        tap.ok(answer.status == 1 and said in answer.err and answer.err.count("\n") == 1,
               "whatif %s fails in one sentence" % words, answer)


EXHAUST = []


def main(words):
    schemas = Schemas(take_option(words, "--schema-dir"))
    if len(words) < 3:
        sys.exit(__doc__)
    portroom, program, exhaust = (os.path.abspath(word) for word in words[:3])
    EXHAUST.append(exhaust)
    tap = Tap()
    need_root(tap)
    need_commands(tap)
    searches = [Search(name) for name in words[3:] or names(program)]
    work_on_all((search, search.run, portroom, program) for search in searches)
    trials = [trial for search in searches for trial in search.trials]
    trials.sort(key=lambda trial: trial.make is ended, reverse=True)
    work_on_all((trial, trial.run, portroom, program, exhaust, schemas) for trial in trials)
    for search in searches:
        if search.error:
            tap.ok(False, search.name, search.error)
        for trial in search.trials:
            trial.judge(tap)
    if not words[3:]:
        by_hand(tap, portroom, program, schemas)
        bad_input(tap, portroom)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
