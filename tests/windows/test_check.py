#!/usr/bin/env python3
"""`portroom check`, `room` and `probe` under Wine while a range of ports is used up, and while it is not.

    test_check.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]

The range is narrow in the namespace that Wine's sockets are in, and the stand-in of netsh tells portroom the same. So
what fails fails in earnest, though with the errors of Wine, which are not those of Windows (10055).
"""

import os
import signal
import sys
import time

from wine import Tap, enter, guard
from test_sockets import ports

FIRST, COUNT = 50000, 256  # Windows takes no fewer than 255, and Linux uses an even number
LISTENER = 9000
NETSH = ["netsh.exe"]


class Situation:
    """Sockets of one program in a narrow range that portroom is told of."""

    def __init__(self, wine, *commands):
        self.wine, self.commands = wine, commands
        state = wine.file("netsh-state")
        with open(state, "w", encoding="ascii") as file:
            for store in ("active", "persistent"):
                for protocol in ("tcp", "udp"):
                    for family in ("ipv4", "ipv6"):
                        file.write("%s %s %s %d %d\n" % (store, protocol, family, FIRST, COUNT))
        self.env = {"NETSH_STATE": wine.path(state)}

    def __enter__(self):
        self.wine.sysctl("net.ipv4.ip_local_port_range", "%d %d" % (FIRST, FIRST + COUNT - 1))
        self.wine.sysctl("net.ipv4.tcp_tw_reuse", 0)  # Linux would, after a second
        self.program = self.wine.start("sockets", *self.commands)
        self.told = [line for _ in self.commands for line in self.program.lines()]
        self.pid = self.program.pid
        return self

    def __exit__(self, kind, error, trace):
        self.program.kill()

    def portroom(self, *words):
        return self.wine.portroom(*words, env=self.env, standins=NETSH)

    def check(self):
        return self.portroom("check", "--json").json()

    def failed(self):
        return [line for line in self.told if "failed" in line]


def rules(document):
    return [entry["rule"] for entry in document["findings"]]


def culprit(document, rule):
    """(name, pid) of the process that the finding names."""
    for finding in document["findings"]:
        if finding["rule"] == rule and finding["culprit"]:
            return finding["culprit"]["name"], finding["culprit"]["pid"]
    return None


def try_quiet(tap, wine):
    with Situation(wine, "listen 1 127.0.0.1 %d" % LISTENER, "connect 5 %d" % LISTENER, "udp 5") as situation:
        document = situation.check()
        tap.ok(document["verdict"] == "ok" and not document["findings"], "a quiet machine has no finding", document["findings"])
        answer = situation.portroom("check")
        tap.ok(answer.status == 0, "and the exit status is 0", answer)
        plugin = situation.portroom("check", "--plugin")
        tap.ok(plugin.status == 0 and plugin.out.startswith("PORTROOM OK") and plugin.out.count("\n") == 1,
               "as a plugin it is a line", plugin)
        refused = situation.portroom("room", "0.0.0.0:%d" % LISTENER)
        tap.ok(refused.status == 1 and "WSAEADDRNOTAVAIL" in refused.err and refused.err.count("\n") == 1 and not refused.out,
               "to a wildcard Windows does not connect", refused)
        room = situation.portroom("room", "127.0.0.1:%d" % LISTENER, "--json").json()
        tap.ok(room["room_min"] <= COUNT - 5 <= room["room_max"] and room["eligible"] == COUNT,
               "room counts what is left of the range that netsh (a stand-in) told", room)


def try_connections(tap, wine):
    """All ports have connections to one destination, which netstat would show as well."""
    with Situation(wine, "listen 1 127.0.0.1 %d" % LISTENER, "connect 300 %d" % LISTENER) as situation:
        made = ports(situation.told, "connect")
        tap.ok(len(made) == COUNT and situation.failed(), "the program gets no port more than there are", len(made),
               situation.failed())
        text = situation.portroom("check")
        document = situation.check()
        tap.ok(text.status == 2 and document["verdict"] == "critical", "check says that it is critical", text)
        tap.ok(any(culprit(document, rule) == ("sockets.exe", situation.pid) for rule in rules(document)),
               "and names the process", document["findings"][:1], situation.pid)
        tap.ok("sockets.exe" in text.out and str(situation.pid) in text.out, "in its text, too", text)
        tap.ok("none of the files" not in text.out and "that machine" not in text.out,
               "which does not speak of files or of another machine", text)
        room = situation.portroom("room", "127.0.0.1:%d" % LISTENER, "--json").json()
        tap.ok(room["room_min"] == 0, "room has no port left, at worst", room)
        verdict = situation.portroom("room", "127.0.0.1:%d" % LISTENER, "--at-least", "1")
        tap.ok(verdict.status != 0, "room --at-least says so by its exit status", verdict)
        probe = situation.portroom("probe", "127.0.0.1:%d" % LISTENER)
        tap.ok(probe.status != 0 and "port" in probe.out, "probe fails for want of a port", probe)
        line = situation.portroom("watch", "100ms", "--count", "1", "--json").json()
        tap.ok(line["verdict"] == "critical" and line["culprit"]["pid"] == situation.pid, "watch tells the same", line)


def try_missed(tap, wine):
    """While it is stopped, as on a machine that sleeps, looks are due: the next line says how many."""
    with wine.start_portroom("watch", "200ms", "--json") as going:
        lines = [going.line()]
        os.kill(going.unix_pid, signal.SIGSTOP)
        time.sleep(2.1)
        os.kill(going.unix_pid, signal.SIGCONT)
        lines += [going.line() for _ in range(3)]
        going.kill()
    counted = [line["missed_intervals"] for line in lines]
    tap.ok(counted[0] == 0 and max(counted[1:3]) >= 8, "watch counts the looks that were due while it was stopped", counted)


def try_series(tap, wine):
    """Lines of watch, appended to a file as the article's loop does, and as `>>` of Windows PowerShell writes them."""
    with Situation(wine, "listen 1 127.0.0.1 %d" % LISTENER, "connect 20 %d" % LISTENER) as situation:
        lines = ""
        for _ in range(6):  # fewer are not called growth
            lines += situation.portroom("watch", "100ms", "--count", "1", "--json").out
            situation.program.do("connect 20 %d" % LISTENER)
    for name, data in (("ports.jsonl", lines.encode("utf-8")),
                       ("powershell.jsonl", b"\xff\xfe" + lines.replace("\n", "\r\n").encode("utf-16le"))):
        with open(wine.file(name), "wb") as file:
            file.write(data)
        document = wine.portroom("read", "--json", name, cwd=wine.folder).json()
        series = document["series"] or {"processes": [], "listings": 0}
        grown = [(entry["pid"], entry["first"], entry["last"], entry["grows"]) for entry in series["processes"]]
        tap.ok(series["listings"] == 6 and grown == [(situation.pid, 20, 120, True)],
               "%s is a series that names who grows" % name, series, document["verdict"])


def try_bound(tap, wine):
    """What netstat does not show without -q."""
    with Situation(wine, "bound 300 0.0.0.0") as situation:
        made = ports(situation.told, "bound")
        tap.ok(len(made) == COUNT and situation.failed(), "a leak of bound ports takes the range", len(made))
        document = situation.check()
        tap.ok(document["verdict"] == "critical" and "windows_bound_leak" in rules(document) and
               culprit(document, "windows_bound_leak") == ("sockets.exe", situation.pid),
               "it is found and attributed by handles", document["findings"], document["gaps"])


def try_udp(tap, wine):
    with Situation(wine, "udp 300") as situation:
        made = ports(situation.told, "udp")
        tap.ok(len(made) == COUNT and situation.failed(), "UDP sockets take the range", len(made))
        document = situation.check()
        tap.ok(document["verdict"] == "critical", "UDP alone is critical", document["findings"])
        tap.ok(any(culprit(document, rule) == ("sockets.exe", situation.pid) for rule in rules(document)),
               "and of that process", document["findings"])


def try_close_wait(tap, wine):
    with Situation(wine, "half 220") as situation:
        document = situation.check()
        tap.ok("windows_close_wait_leak" in rules(document) and
               culprit(document, "windows_close_wait_leak") == ("sockets.exe", situation.pid),
               "connections that a program does not close are a leak of that program", document["findings"])


def try_time_wait(tap, wine):
    with Situation(wine, "time_wait 230") as situation:
        document = situation.check()
        named = [entry["culprit"] for entry in document["findings"] if entry["culprit"]]
        first = document["findings"][0] if document["findings"] else {"owners": [{"state": None}]}
        tap.ok(first["owners"][0]["state"] == "time_wait" and not named and document["verdict"] in ("warning", "critical"),
               "what rests in TIME_WAIT is nobody's", document["findings"])


def try_explain(tap, wine):
    for word in ("10055", "WSAENOBUFS", "4231", "bound", "windows_range_full"):
        answer = wine.portroom("explain", word)
        tap.ok(answer.status == 0 and answer.out, "explain %s" % word, answer)
    with open(wine.file("log"), "w", encoding="ascii") as file:
        file.write("Tcpip 4231\n")
    answer = wine.portroom("explain", wine.path(wine.file("log")))
    tap.ok(answer.status == 0 and "no ephemeral TCP port was free" in answer.out,
           "a file is one by its backslashes, too", answer)
    contents = wine.portroom("explain").out
    places = [contents.find(word) for word in ("WSAENOBUFS", "Tcpip 4231", "dynamic port range", "numbers of Linux",
                                               "net.ipv4.tcp_tw_reuse")]
    tap.ok(places == sorted(places) and places[0] > 0, "what is of Windows is listed first", contents)
    state = wine.portroom("explain", "bound").out
    tap.ok("windows_bound_leak" in state and "namespace" not in state and "bound_only_leak" not in state,
           "a state is explained in the words of Windows", state)


def try_oldest(tap, wine):
    """Windows 7 SP1: what it does not have is a gap, and the verdict the same."""
    wine.set_version("win7")
    with Situation(wine, "listen 1 127.0.0.1 %d" % LISTENER, "connect 300 %d" % LISTENER) as situation:
        document = situation.check()
        tap.ok(document["verdict"] == "critical" and document["host"]["kernel"].startswith("6.1"),
               "Windows 7 is critical, too", document["host"], document["findings"])


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        wine.set_version("win10")
        for name, function in (("quiet", try_quiet), ("connections", try_connections), ("series", try_series), ("bound", try_bound),
                               ("missed", try_missed), ("udp", try_udp), ("close_wait", try_close_wait), ("explain", try_explain),
                               ("oldest", try_oldest), ("time_wait", try_time_wait)):  # which stays for a minute
            guard(tap, name, function, tap, wine)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
