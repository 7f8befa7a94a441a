#!/usr/bin/env python3
"""Archives and event logs of Windows: each kind is opened, what is in it counts, and the programs that take them apart may
be missing, break down, hang or talk nonsense.

    test_evidence_containers.py PORTROOM --schema-dir DIR

Everything is made here; nothing of it is of a real machine.
"""

import bz2
import gzip
import io
import json
import lzma
import os
import shutil
import sys
import tarfile
import tempfile
import zipfile

from live import Tap, run
import event_log as evtx

try:
    import jsonschema
except ImportError:
    jsonschema = None

LOCAL_FLAG, CENTRAL_FLAG, ENCRYPTED = 6, 8, 1
COPY = ("Log Name:      System\r\nSource:        Tcpip\r\nDate:          3/22/2026 9:31:00 AM\r\n"
        "Event ID:      4231\r\nDescription:\r\nNo port was free.\r\n").encode()


def zipped(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def tarred(members, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, data in members:
            about = tarfile.TarInfo(name)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
    return out.getvalue()


def encrypted(data):
    """The flag alone: nobody gets as far as the bytes."""
    data = bytearray(data)
    data[data.index(b"PK\3\4") + LOCAL_FLAG] |= ENCRYPTED
    data[data.index(b"PK\1\2") + CENTRAL_FLAG] |= ENCRYPTED
    return bytes(data)


def services(count):
    """What a log is full of."""
    return [evtx.event(i + 1, "Service Control Manager", 7036, f"2026-03-02T08:{i:02}:00.0Z", 16384,
                       ["w32time", "running"]) for i in range(count)]


class Containers:
    def __init__(self, tap, portroom, schema_dir, folder):
        self.tap, self.portroom, self.folder = tap, portroom, folder
        with open(os.path.join(schema_dir, "events-1.json"), encoding="utf-8") as file:
            self.schema = json.load(file)

    def write(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def events(self, path, portroom=None):
        answer = run([portroom or self.portroom, "events", "--json", "--on", path])
        document = answer.json() if answer.status == 0 else None
        if document and jsonschema:
            jsonschema.validate(document, self.schema)
        return answer, document

    def counts(self, path):
        """{name: count} of the events, and the document."""
        answer, document = self.events(path)
        if not document:
            return answer, {}
        counts = {}
        for event in document["events"]:
            counts[event["name"]] = counts.get(event["name"], 0) + event["count"]
        return document, counts

    # ---- archives ----

    def each_kind(self):
        kinds = {
            "a.zip": zipped([("dir/copy.txt", COPY)]),
            "a.tar": tarred([("dir/copy.txt", COPY)]),
            "a.tar.gz": tarred([("dir/copy.txt", COPY)], "w:gz"),
            "a.tar.bz2": tarred([("dir/copy.txt", COPY)], "w:bz2"),
            "a.tar.xz": tarred([("dir/copy.txt", COPY)], "w:xz"),
            "copy.txt.gz": gzip.compress(COPY),
            "copy.txt.bz2": bz2.compress(COPY),
            "copy.txt.xz": lzma.compress(COPY),
        }
        for name, data in kinds.items():
            document, counts = self.counts(self.write(name, data))
            self.tap.ok(counts == {"Tcpip 4231": 1}, f"{name}: the event in it is read", document)
            # By its bytes, not by its name.
            document, counts = self.counts(self.write("no-archive.txt", data))
            self.tap.ok(counts == {"Tcpip 4231": 1}, f"{name} is known by what is in it", document)
        document, _ = self.counts(os.path.join(self.folder, "a.zip"))
        self.tap.ok([row["file"] for row in document["files"]] ==
                    [os.path.join(self.folder, "a.zip/dir/copy.txt")],
                    "a file is named behind its archive", document)

    def standard_input(self):
        with open(os.path.join(self.folder, "a.zip"), "rb") as file:
            answer = run([self.portroom, "events", "--on", "-"], stdin=file)
        self.tap.ok("Tcpip 4231" in answer.out, "an archive comes by standard input", answer)
        reader, writer = os.pipe()
        with open(os.path.join(self.folder, "a.zip"), "rb") as file:
            os.write(writer, file.read())
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            answer = run([self.portroom, "events", "--on", "-"], stdin=pipe)
        self.tap.ok("Tcpip 4231" in answer.out, "an archive comes by a pipe", answer)

    def nested(self):
        data = COPY
        for depth in range(1, 5):
            data = zipped([(f"{depth}", data)])
            document, counts = self.counts(self.write(f"nested{depth}.zip", data))
            if depth <= 3:
                self.tap.ok(counts == {"Tcpip 4231": 1}, f"{depth} archives within each other are opened",
                            document)
            else:
                self.tap.ok("nested too deeply" in document.err, "a fourth is refused with a sentence",
                            document)

    def partly(self):
        whole = zipped([("copy.txt", COPY), ("random", os.urandom(100000))])
        document, counts = self.counts(self.write("cut.zip", whole[:50000]))
        why = [row["partial"] for row in document["files"] if row["partial"]]
        self.tap.ok(counts == {"Tcpip 4231": 1} and any("cut off" in words for words in why),
                    "of an archive that was cut off the beginning counts, and that is told", document)
        both = zipped([("copy.txt", COPY)])
        document, counts = self.counts(self.write("secret.zip", encrypted(both)))
        self.tap.ok("encrypted" in document.err, "what is encrypted is told so", document)
        for name, words in (("empty.zip", "there is no file in it"),):
            answer, _ = self.events(self.write(name, zipped([])))
            self.tap.ok(answer.status == 1 and words in answer.err, f"{name}: {words}", answer)

    def nothing_is_written(self):
        before = sorted(os.listdir(self.folder)), sorted(os.listdir(os.path.dirname(self.folder)))
        path = self.write("climb.zip", zipped([("../../climbed.txt", COPY), ("/tmp/portroom-climbed", COPY),
                                               ("../climbed", COPY)]))
        answer = run([self.portroom, "events", "--json", "--on", path], cwd=self.folder)
        os.unlink(path)
        after = sorted(os.listdir(self.folder)), sorted(os.listdir(os.path.dirname(self.folder)))
        self.tap.ok(before == after and not os.path.exists("/tmp/portroom-climbed"),
                    "names that climb are names: nothing is written", before, after)
        self.tap.ok(len(answer.json()["events"]) == 3, "and what they name is read", answer)

    # ---- programs that fail ----

    def failing(self):
        folder = os.path.join(self.folder, "bin")
        os.mkdir(folder)
        portroom = shutil.copy(self.portroom, folder)
        archive = os.path.join(self.folder, "a.zip")
        log = self.write("system.evtx", evtx.log(services(3)))
        for helper, path in (("portroom-unpack", archive), ("portroom-evtx", log)):
            program = os.path.join(folder, helper)
            for script, words in ((None, helper), ("kill -SEGV $$", "broke down"),
                                  ("echo nonsense", "makes no sense"), ("exit 0", "ended before")):
                if script:
                    with open(program, "w", encoding="ascii") as file:
                        file.write(f"#!/bin/sh\n{script}\n")
                    os.chmod(program, 0o755)
                answer, _ = self.events(path, portroom)
                installed = not script and answer.status == 0
                if installed:
                    self.tap.skip(f"{helper} that is missing is named", "it is installed here")
                    continue
                self.tap.ok(answer.status == 1 and words in answer.err and
                            len(answer.err.splitlines()) == 1,
                            f"{helper} that {'is missing' if not script else 'does ' + script}: one sentence",
                            answer)

    # ---- event logs ----

    def logs(self):
        events = services(20) + [evtx.tcpip(21, 4227, "2026-03-02T08:30:00.0Z"),
                                 evtx.tcpip(22, 4231, "2026-03-02T08:31:00.0Z"),
                                 evtx.tcpip(23, 4231, "2026-03-02T08:41:00.0Z"),
                                 evtx.tcpip(24, 4266, "2026-03-02T08:42:00.0Z"),
                                 evtx.tcpip(25, 4226, "2026-03-02T08:43:00.0Z"),
                                 evtx.event(26, "Other", 4231, "2026-03-02T08:44:00.0Z")]
        deleted = [evtx.tcpip(27, 4231, "2026-03-02T08:50:00.0Z")]
        whole = evtx.log(events, 1, evtx.DIRTY, deleted)
        document, counts = self.counts(self.write("System.evtx", whole))
        self.tap.ok(counts == {"Tcpip 4226": 1, "Tcpip 4227": 1, "Tcpip 4231": 3, "Tcpip 4266": 1},
                    "events are counted by provider and number, one that was deleted too", document)
        log = document["logs"][0]
        self.tap.ok((log["records"], log["recovered"], log["recovered_read"], log["missing"]) ==
                    (26, 1, 1, 0), "records and what was recovered are counted", log)
        self.tap.ok(log["corrupted"] and not log["excerpt"], "that the log was not closed is told", log)
        self.tap.ok(log["oldest"] == "2026-03-02T08:00:00.000Z" and
                    log["newest"] == "2026-03-02T08:44:00.000Z", "how far it reaches is told", log)
        event = [row for row in document["events"] if row["id"] == 4231][0]
        self.tap.ok(event["exhaustion"] == "likely" and event["last"] == "2026-03-02T08:50:00.000Z",
                    "an event has its meaning and its last time", event)
        answer = run([self.portroom, "events", "--on", os.path.join(self.folder, "System.evtx")])
        self.tap.ok("Tcpip 4266" in answer.out and "log" in answer.out and answer.status == 0,
                    "people are told the same", answer)

    def silent_log(self):
        path = self.write("silent.evtx", evtx.log(services(30)))
        document, counts = self.counts(path)
        self.tap.ok(not counts and document["logs"][0]["absence"] == "weak",
                    "of a whole log absence is weak evidence", document)
        cleared = evtx.event(1, "Microsoft-Windows-Eventlog", 104, "2026-03-02T08:00:00.0Z", user_data=(
            "UserData", {}, [("LogFileCleared", {}, [("SubjectUserName", {}, ["someone"]),
                                                     ("Channel", {}, ["System"])])]))
        document, counts = self.counts(self.write("cleared.evtx", evtx.log([cleared])))
        self.tap.ok(document["logs"][0]["absence"] == "cleared" and document["logs"][0]["cleared"],
                    "of one that was cleared it is none", document)

    def spoilt_logs(self):
        whole = evtx.log(services(30) + [evtx.tcpip(31, 4231, "2026-03-02T08:31:00.0Z")])
        document, counts = self.counts(self.write("cut.evtx", whole[:evtx.HEADER + 12000]))
        self.tap.ok(isinstance(document, dict) or document.status == 1,
                    "a log that was cut off is read or refused", document)
        answer, _ = self.events(self.write("random.evtx", whole[:8] + os.urandom(70000)))
        self.tap.ok(answer.status in (0, 1) and len(answer.err.splitlines()) <= 1,
                    "one that is nothing but its first bytes is a sentence", answer)
        answer, document = self.events(self.write("log.zip", zipped([("a/System.evtx", whole)])))
        self.tap.ok(document and document["events"][0]["file"].endswith("log.zip/a/System.evtx"),
                    "one in an archive is read", answer)

    def options(self):
        path = os.path.join(self.folder, "a.zip")
        for option in (["--since", "1h"], ["--follow"], ["--journal", "/"], ["--pid", "1"]):
            answer = run([self.portroom, "events", "--on", path] + option)
            self.tap.ok(answer.status == 2 and option[0] in answer.err,
                        f"{option[0]} is refused where files are read", answer)


def main():
    portroom, _, schema_dir = sys.argv[1:4]
    tap = Tap()
    with tempfile.TemporaryDirectory() as outer:
        folder = os.path.join(outer, "in")
        os.mkdir(folder)
        containers = Containers(tap, os.path.abspath(portroom), schema_dir, folder)
        for name in ("portroom-unpack", "portroom-evtx"):
            if not os.path.exists(os.path.join(os.path.dirname(os.path.abspath(portroom)), name)):
                tap.skip("archives and event logs are read", f"{name} is not built")
                return tap.finish()
        containers.each_kind()
        containers.standard_input()
        containers.nested()
        containers.partly()
        containers.nothing_is_written()
        containers.logs()
        containers.silent_log()
        containers.spoilt_logs()
        containers.failing()
        containers.options()
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
