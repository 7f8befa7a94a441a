#!/usr/bin/env python3
"""portroom events on Windows, and what check makes of the log: by the stand-in for wevtapi.dll.

    test_events.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]

Wine has no event log: without the stand-in the same is asked of Wine itself, which has to be a gap.
"""

import datetime
import glob
import json
import os
import signal
import sys
import time

from wine import HERE, Tap, enter, guard

try:
    import jsonschema
except ImportError:
    jsonschema = None

sys.path.insert(0, os.path.join(HERE, "..", "live"))
import event_log

STANDIN = ["wevtapi.dll"]
OTHER = ("Service Control Manager", 7036)
EVENT = ("<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
         "<Provider Name='%s'/><EventID Qualifiers='32768'>%d</EventID><Level>3</Level>"
         "<TimeCreated SystemTime='%s'/><EventRecordID>%d</EventRecordID><Channel>%s</Channel>"
         "<Computer>W10.example</Computer></System>%s</Event>\n")
CLEARED = ("<UserData><LogFileCleared xmlns='http://manifests.microsoft.com/win/2004/08/windows/eventlog'>"
           "<Channel>System</Channel></LogFileCleared></UserData>")


def moment(hours_ago):
    time_then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=hours_ago)
    return time_then.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


class Log:
    """The log System of the stand-in, in a folder of the test."""

    def __init__(self, wine, name="System"):
        self.wine, self.next = wine, 1
        self.folder = wine.file("events")
        os.makedirs(self.folder, exist_ok=True)
        self.path = os.path.join(self.folder, name + ".xml")
        with open(self.path, "w", encoding="utf-8"):
            pass

    def add(self, provider, number, hours_ago, data="<EventData><Data></Data></EventData>", channel="System"):
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(self._next(provider, number, hours_ago, data, channel))
        return self

    def _next(self, provider, number, hours_ago, data, channel="System"):
        event = EVENT % (provider, number, moment(hours_ago), self.next, channel, data)
        self.next += 1
        return event

    def clear(self):
        """As Windows does: the first record of the new log tells it. There is a log at any moment."""
        self.next = 1
        new = self.path + ".new"
        with open(new, "w", encoding="utf-8") as file:
            file.write(self._next("Microsoft-Windows-Eventlog", 104, 0, CLEARED))
        os.replace(new, self.path)
        return self

    def env(self, wrong=""):
        return {"PORTROOM_STANDIN_EVENTS": self.wine.path(self.folder), "PORTROOM_STANDIN_WEVTAPI": wrong}

    def portroom(self, *words, wrong="", **more):
        return self.wine.portroom(*words, env=self.env(wrong), standins=STANDIN, **more)


def quiet(wine):
    """A log in which nothing bears on ports but that the machine was started."""
    log = Log(wine)
    log.add("EventLog", 6005, 400)
    for hours in (300, 30, 20, 2):
        log.add(*OTHER, hours)
    return log


class Schemas:
    def __init__(self):
        self.known = {}
        for path in glob.glob(os.path.join(HERE, "..", "..", "docs", "schema", "*.json")):
            with open(path, encoding="utf-8") as file:
                schema = json.load(file)
            self.known[os.path.basename(path)] = schema

    def check(self, tap, name, documents, sentence):
        if not jsonschema:
            tap.skip(sentence, "needs python3-jsonschema")
            return
        problems = []
        for document in documents:
            try:
                jsonschema.validate(document, self.known[name])
            except jsonschema.ValidationError as error:
                problems.append("%s: %s" % (error.message, document))
        tap.ok(documents and not problems, sentence, *problems)


def named(document, name):
    return [event for event in document["events"] if event["name"] == name]


def try_events(tap, wine, schemas):
    log = quiet(wine).add("Tcpip", 4227, 30).add("Tcpip", 4231, 2).add("Tcpip", 4231, 1)
    log.add("NETLOGON", 5719, 0.9, "<EventData><Data>EXAMPLE</Data></EventData>")
    log.add("Microsoft-Windows-GroupPolicy", 1129, 0.8).add("Microsoft-Windows-GroupPolicy", 1500, 0.7)
    log.add("Microsoft-Windows-DNS-Client", 1014, 0.6).add("Another", 4231, 0.5)
    answer = log.portroom("events")
    tap.ok(answer.status == 0 and answer.out.startswith("events that most likely mean that no port was free"),
           "4231 in the log System is told first", answer)
    tap.ok("The proof for TCP" in answer.out and "no secure session with a domain controller" in answer.out,
           "each is told with what it means", answer)
    tap.ok("4227" not in answer.out.split("log  ")[0].split("Tcpip 4231  ")[0] and "FILE" not in answer.out,
           "what is older than a day is left out, and no file is named", answer)
    document = log.portroom("events", "--json").json()
    names = [event["name"] for event in document["events"]]
    tap.ok(names == ["Tcpip 4231", "NETLOGON 5719", "GroupPolicy 1129", "DNS Client 1014"],
           "4231 and its companions are found, and the same number of others is not", names)
    proof = named(document, "Tcpip 4231")[0]
    tap.ok(proof["count"] == 2 and proof["exhaustion"] == "likely" and proof["file"] == "System log" and
           proof["first"] < proof["last"], "events alike are one with the first and the last time", proof)
    told = document["logs"][0]
    tap.ok(told["records"] == log.next - 1 and told["missing"] == 0 and not told["excerpt"] and
           told["oldest"] < told["looked_from"] < told["newest"],
           "the log is told as a whole: records that were not asked for are no holes", told)
    schemas.check(tap, "events-1.json", [document], "events --json is as its schema says")
    week = log.portroom("events", "--since", "7d", "--json").json()
    tap.ok(named(week, "Tcpip 4227") and not named(week, "EventLog 6005"), "--since 7d has what is older", week)
    answer = log.portroom("events", "--limit", "1")
    tap.ok("3 older kinds; --limit all shows them" in answer.out, "--limit leaves out older kinds", answer)


def try_silence(tap, wine):
    log = quiet(wine)
    answer = log.portroom("events")
    tap.ok(answer.status == 0 and answer.out.startswith("no event that says that no port was free") and
           "weak evidence that ports did not run out" in answer.out,
           "a silent log is weak evidence, in as many words", answer)
    log.clear()
    answer = log.portroom("events", "--json").json()["logs"][0]
    tap.ok(answer["cleared"] and answer["absence"] == "cleared", "a log that was cleared proves nothing of before",
           answer)


def try_refusals(tap, wine):
    log = quiet(wine).add("Tcpip", 4231, 1)
    for wrong, why in (("none", "the event log of Windows is not available"),
                       ("denied", "access is denied"), ("missing", "there is no log of that name"),
                       ("stopped", "does not run"), ("hang", "does not answer in time")):
        answer = log.portroom("events", "--json", wrong=wrong)
        document = answer.json()
        file = document["files"][0]
        tap.ok(answer.status == 0 and not document["events"] and not document["logs"] and
               why in (file["why_not"] or ""), "no answer (%s) is a gap and not an empty log" % wrong, answer)
    answer = log.portroom("events", wrong="denied")
    tap.ok("not seen  the log System (access is denied)" in answer.out and "administrator" in answer.out,
           "who is denied is told what it takes", answer)
    tap.ok("no event that says" not in answer.out, "nothing is said of events that were not looked at", answer)
    answer = log.portroom("events", "--follow", wrong="denied")
    tap.ok(answer.status == 1 and "no log that could be followed" in answer.err,
           "what cannot be read is not followed", answer)
    answer = log.portroom("events", wrong="growing")
    tap.ok("Tcpip 4231" in answer.out, "a buffer that is too small twice is made larger", answer)
    answer = log.portroom("events", "--json", wrong="spoilt=%d" % (log.next - 1)).json()
    tap.ok(answer["logs"][0]["missing"] == 1 and answer["logs"][0]["absence"] == "holes" and
           "could not be read" in answer["files"][0]["partial"], "a record that cannot be read is told", answer)
    log.add("NETLOGON", 5719, 0.5)
    answer = log.portroom("events", "--json", wrong="break=1").json()
    tap.ok(named(answer, "NETLOGON 5719") and not named(answer, "Tcpip 4231") and
           answer["logs"][0]["looked_from"] > moment(1) and answer["files"][0]["partial"],
           "what breaks off is told as far as it was read, the latest first", answer)
    answer = log.portroom("events", wrong="endless")
    tap.ok(answer.status == 0 and "only its latest" in answer.out, "what never ends is cut, and that is told", answer)
    answer = wine.portroom("events", "--json")
    tap.ok("not available" in (answer.json()["files"][0]["why_not"] or ""),
           "Wine's own answer is no empty log", answer)


def try_options(tap, wine):
    log = quiet(wine)
    for words, said in ((("--journal", "x"), "--on FILE.evtx"), (("--pid", "4"), "do not tell which process"),
                        (("--unit", "Dnscache"), "do not tell which process"),
                        (("--root", "x"), "on Linux only"), (("--netns", "x"), "no network namespaces"),
                        (("--since", "tomorrow"), "--since")):
        answer = log.portroom("events", *words)
        tap.ok(answer.status == 2 and said in answer.err and len(answer.err.splitlines()) == 1,
               "%s is refused in a sentence" % words[0], answer)


def finding(document, rule):
    return next((each for each in document["findings"] if each["rule"] == rule), None)


def try_check(tap, wine, schemas):
    log = quiet(wine)
    silent = log.portroom("check", "--json").json()
    unread = log.portroom("check", "--json", wrong="denied").json()
    tap.ok(silent["verdict"] == unread["verdict"], "a log that cannot be read makes no verdict worse, and a silent one "
           "none better", silent["verdict"], unread["verdict"])
    tap.ok(any(gap["what"] == "the log System" for gap in unread["gaps"]) and
           not any(gap["what"] == "the log System" for gap in silent["gaps"]), "it is a gap", unread["gaps"])
    source = [each for each in unread["sources"] if each["name"] == "wevtapi"]
    tap.ok(source and not source[0]["used"] and "denied" in source[0]["why_not"], "and a source with why not", source)
    log.add("Tcpip", 4231, 5)
    document = log.portroom("check", "--json").json()
    found = finding(document, "windows_ran_out")
    tap.ok(found and found["severity"] == "warning" and found["strength"] == "proof" and
           found["sources"] == ["System log"], "4231 of five hours ago is a warning with proof", found)
    log.add("Tcpip", 4266, 0.1)
    answer = log.portroom("check", "--json")
    document = answer.json()
    udp = [each for each in document["findings"] if each["rule"] == "windows_ran_out" and each["subject"] == "udp"]
    room = udp and "since then some were given back" in udp[0]["reason"]
    tap.ok(udp and udp[0]["severity"] == ("warning" if room else "critical") and udp[0]["strength"] == "proof",
           "4266 of minutes ago is critical, unless there is room since", udp)
    schemas.check(tap, "check-1.json", [document], "check --json is as its schema says")
    answer = log.portroom("check")
    tap.ok("  from    System log: proof" in answer.out, "check names the log that it rests on", answer)
    tap.ok("\nread " not in answer.out and "the machine that the files are of" not in answer.out and
           "read from" not in answer.out, "nobody is told of files", answer)
    saved = wine.file("saved.json")
    log.portroom("save", wine.path(saved))
    answer = wine.portroom("check", "--json", "--on", wine.path(saved)).json()
    again = finding(answer, "windows_ran_out")
    tap.ok(again and again["strength"] == "proof" and again["sources"] == ["System log"] and
           answer["verdict"] == document["verdict"], "a saved snapshot has the same verdict by the same log", answer)
    answer = log.portroom("list", "--json")
    tap.ok("wevtapi" not in answer.out, "who lists sockets asks no log", answer)


class Follow:
    """events --follow --json; `until` reads on until there is a line of that name."""

    def __init__(self, log, *words):
        self.program = log.wine.start_portroom("events", "--follow", "--json", *words, env=log.env(), standins=STANDIN)
        self.lines = []

    def until(self, name):
        while not self.lines or name not in (self.lines[-1].get("name"), self.lines[-1]["line"]):
            self.lines.append(self.program.line())
        return self.lines[-1]

    def end(self):
        os.kill(self.program.unix_pid, signal.SIGINT)
        self.until("end")
        return self.program.end()


def try_follow(tap, wine, schemas):
    log = quiet(wine).add("Tcpip", 4227, 1)
    follow = Follow(log)
    with follow.program:
        start = follow.until("start")
        follow.until("Tcpip 4227")
        tap.ok(start["logs"][0]["channel"] == "System", "what was before comes first", start)
        log.add("Tcpip", 4231, 0).add(*OTHER, 0)
        line = follow.until("Tcpip 4231")
        tap.ok(line["line"] == "event" and line["count"] == 1, "an event that is new is told", line)
        log.add("Tcpip", 4231, 0)
        follow.lines.append(follow.program.line())
        tap.ok(follow.lines[-1].get("name") == "Tcpip 4231" and follow.lines[-1]["count"] == 1,
               "and the next, but nothing twice", follow.lines)
        log.clear().add("Tcpip", 4266, 0)
        follow.until("Tcpip 4266")
        tap.ok(any("104" in line.get("name", "") for line in follow.lines),
               "a log that is cleared is told, and followed from its new beginning", follow.lines)
        log.add("NETLOGON", 5719, 0)
        time.sleep(0.2)
        status = follow.end()
    end = follow.lines[-1]
    tap.ok(status == 0 and end["line"] == "end" and any(line.get("name") == "NETLOGON 5719" for line in follow.lines),
           "Ctrl-C ends it with what came meanwhile and status 0", status, follow.lines)
    tap.ok(end["events"] == 5, "the last line has the sum of what was new", end)
    schemas.check(tap, "events-1.json", follow.lines, "its lines are as their schema says")


def try_files(tap, wine):
    """What the stand-in serves for a file stands beside the log; the file itself has the head of one."""
    log = Log(wine, "Case.evtx").add("Tcpip", 4231, 50).add("NETLOGON", 5719, 49.5)  # within the hour that is recent
    path = wine.file("Case.evtx")
    for flags, said in ((0, False), (event_log.DIRTY, True)):
        with open(path, "wb") as file:
            file.write(event_log.log([event_log.tcpip(1, 4231, moment(50))], flags=flags))
        document = log.portroom("events", "--json", "--on", wine.path(path)).json()
        tap.ok([event["name"] for event in document["events"]] == ["Tcpip 4231", "NETLOGON 5719"],
               "a file of an event log is read by Windows itself", document)
        tap.ok(document["logs"][0]["corrupted"] == said, "whether it was closed is told: %s" % (not said), document)
    answer = log.portroom("read", "Case.evtx", cwd=wine.folder)
    tap.ok(answer.status == 2 and "Windows logged event 4231" in answer.out, "read takes it by a relative name", answer)
    answer = log.portroom("events", "--json", "--on", wine.path(path), wrong="break=1").json()
    tap.ok(len(answer["events"]) == 1 and "was not closed when it was copied" in answer["files"][0]["partial"],
           "where the file breaks off is told, and what to do", answer)
    for wrong, why in (("none", "not available"), ("denied", "access is denied"), ("hang", "does not answer in time")):
        answer = log.portroom("events", "--on", wine.path(path), wrong=wrong)
        tap.ok(answer.status == 1 and why in answer.err and len(answer.err.splitlines()) == 1,
               "a file that is not answered for (%s) is an error in one sentence" % wrong, answer)


def main(words):
    tap = Tap()
    schemas = Schemas()
    with enter(tap, words, __doc__) as wine:
        guard(tap, "events", try_events, tap, wine, schemas)
        guard(tap, "silence", try_silence, tap, wine)
        guard(tap, "refusals", try_refusals, tap, wine)
        guard(tap, "options", try_options, tap, wine)
        guard(tap, "check", try_check, tap, wine, schemas)
        guard(tap, "follow", try_follow, tap, wine, schemas)
        guard(tap, "files", try_files, tap, wine)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
