#!/usr/bin/env python3
"""One of everything that may be sent of a machine gives one verdict, however it is sent.

    test_evidence_bundle.py PORTROOM [--schema-dir DIR]

The files are those of tests/evidence/bundle.py, whose machine never was, and about which everything is known.
"""

import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile

from live import Tap, guard, run
from test_check import Schemas, take_option

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "evidence"))
import bundle

CRITICAL = 2
NOTHING_LESS = ("proof", "strong")


class Bundle:
    """The files in a folder, and in archives."""

    def __init__(self, portroom, folder):
        self.portroom = portroom
        self.folder = os.path.join(folder, "bundle")
        self.facts = bundle.write(self.folder)
        self.files = sorted(os.path.join(self.folder, name) for name in os.listdir(self.folder))
        self.zip, self.tar = (os.path.join(folder, name) for name in ("b.zip", "b.tar.gz"))
        with zipfile.ZipFile(self.zip, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in self.files:
                archive.write(path, os.path.basename(path))
        with tarfile.open(self.tar, "w:gz") as archive:
            archive.add(self.folder, "bundle")
        self.prefixes = sorted((self.folder + "/", self.zip + "/", self.tar + "/bundle/",
                                "standard input/bundle/", "standard input/"),
                               key=len, reverse=True)

    def read(self, *words, stdin=None):
        """`stdin`: a file, through a pipe."""
        command = [self.portroom, "read", *words]
        if not stdin:
            return run(command)
        with open(stdin, "rb") as file, subprocess.Popen(
                ["cat"], stdin=file, stdout=subprocess.PIPE) as cat:
            return run(command, stdin=cat.stdout)

    def bare(self, name):
        for prefix in self.prefixes:
            if name.startswith(prefix):
                return name[len(prefix):]
        return name

    def without_places(self, text):
        return re.sub("|".join(re.escape(prefix) for prefix in self.prefixes), "", text)


def ways(each):
    """A name, the words, and what is on standard input."""
    return (("a folder", [each.folder], None), ("a .zip", [each.zip], None),
            ("a .tar.gz", [each.tar], None), ("files by their names", each.files, None),
            ("a .zip on standard input", ["-"], each.zip),
            ("a .tar.gz on standard input", ["-"], each.tar))


def is_verdict(tap, each, name, document):
    facts = each.facts
    first = document["findings"][0] if document["findings"] else {}
    tap.ok(document["verdict"] == "critical" and document["evidence"]["strength"] == "proof",
           f"{name}: the verdict is critical, and proven", document["headline"])
    tap.ok(first.get("rule") == "windows_ran_out" and first["strength"] == "proof" and
           (first["culprit"] or {}).get("pid") == facts["culprit"] and
           first["culprit"]["name"] == facts["name"],
           f"{name}: the first finding names {facts['name']}", first)
    told = {row["name"]: row["value"] for row in first.get("evidence", ())}
    tap.ok(told.get("events") == facts["events"] and
           told.get("failed_calls") == facts["failed_calls"],
           f"{name}: events and failed calls are counted, each once", told)
    held = {(row["pid"], row["state"]): row["ports"] for row in first.get("owners", ())}
    tap.ok(held.get((facts["culprit"], "established")) == facts["connected"] and
           held.get((facts["culprit"], "bound")) == facts["leaked"] and
           held.get((None, "time_wait")) == facts["time_wait"],
           f"{name}: a port that is bound and connected is one port", held)
    ranges = {(row["protocol"], row["family"]): row for row in document["ranges"]}
    tap.ok(ranges["tcp", "ipv4"]["usable"] == facts["usable"],
           f"{name}: excluded ports are no part of the range", ranges)


def are_sources(tap, each, name, document):
    known = {row["file"] for row in document["evidence"]["artefacts"] if not row["why_not"]}
    wrong = [f"{finding['rule']}: {finding['strength']}, {finding['sources']}"
             for finding in document["findings"]
             if not finding["sources"] or not set(finding["sources"]) <= known or
             finding["strength"] not in NOTHING_LESS]
    tap.ok(document["findings"] and not wrong, f"{name}: every finding names what it rests on", *wrong)
    first = {each.bare(path) for path in document["findings"][0]["sources"]}
    tap.ok({"System.evtx", "trace.etl", "netstat.txt", "dynamicport-ipv4-tcp.txt",
            "excludedportrange.txt"} <= first and not first & set(bundle.not_understood()),
           f"{name}: proof rests on the log, the trace and the listing", first)


def are_files(tap, each, name, document):
    rows = {each.bare(row["file"]): row for row in document["evidence"]["artefacts"]}
    wanted = set(bundle.understood(bundle.Machine())) - {"more.zip"} | {
        "more.zip/dynamicport-ipv6-udp.txt", "more.zip/folder/tasklist.txt"}
    taken = {path for path, row in rows.items() if not row["why_not"]}
    partly = set(bundle.partly_understood())
    tap.ok(taken == wanted | partly, f"{name}: all is understood that can be",
           f"not understood: {sorted((wanted | partly) - taken)}",
           f"understood: {sorted(taken - wanted - partly)}")
    wrong = [f"{path}: {rows.get(path)}" for path, (_, why) in bundle.not_understood().items()
             if path not in rows or why not in (rows[path]["why_not"] or "")]
    tap.ok(not wrong, f"{name}: what is not is listed, with the reason", *wrong)
    wrong = [f"{path}: {row['partial']}" for path, row in rows.items()
             if bool(row["partial"]) != (path in partly)]
    tap.ok(not wrong, f"{name}: what ends too early is marked, and nothing else", *wrong)


def is_told(tap, each, name, text):
    """The same for people."""
    said = each.without_places(text)
    missing = [word for word in (f"{each.facts['name']}, pid {each.facts['culprit']}", "proof",
                                 *bundle.not_understood()) if word not in said]
    tap.ok(not missing, f"{name}: the text names the process, the strength, and what was not read",
           missing, said)


def one_way(tap, each, schemas, name, words, stdin):
    """Its JSON and its text, without the places where files lie."""
    document, text = each.read("--json", *words, stdin=stdin), each.read(*words, stdin=stdin)
    if not tap.ok(document.status == CRITICAL and text.status == CRITICAL and not text.err,
                  f"{name}: the exit status is that of a critical verdict", document.err, text):
        return None
    read = document.json()
    schemas.try_document(tap, read, name)
    is_verdict(tap, each, name, read)
    are_sources(tap, each, name, read)
    are_files(tap, each, name, read)
    is_told(tap, each, name, text.out)
    return each.without_places(document.out), each.without_places(text.out)


def alone(tap, each, schemas):
    """One file through a pipe."""
    piped = each.read("--json", "-", stdin=os.path.join(each.folder, "netstat.txt"))
    named = each.read("--json", os.path.join(each.folder, "netstat.txt"))
    rows = piped.json()["evidence"]["artefacts"]
    tap.ok([row["file"] for row in rows] == ["standard input"],
           "a listing on standard input is called so", rows)
    schemas.try_document(tap, piped.json(), "a listing on standard input")
    tap.ok(each.without_places(named.out).replace("netstat.txt", "standard input") == piped.out,
           "it says the same as by its name", piped, named)
    culprits = {finding["culprit"]["pid"] for finding in piped.json()["findings"]
                if finding["culprit"]}
    tap.ok(piped.json()["evidence"]["strength"] == "strong" and culprits == {each.facts["culprit"]},
           "without the log there is no proof, but strong evidence", piped.json()["evidence"], culprits)


def main(words):
    schemas = Schemas(take_option(words, "--schema-dir"))
    if len(words) != 1:
        sys.exit(__doc__)
    tap, said = Tap(), {}
    with tempfile.TemporaryDirectory(prefix="portroom-bundle-") as folder:
        each = Bundle(os.path.abspath(words[0]), folder)
        for name, arguments, stdin in ways(each):
            said[name] = guard(tap, name, one_way, tap, each, schemas, name, arguments, stdin)
        first = said.pop("a folder")
        for name, other in said.items():
            tap.ok(first and first == other, f"{name} says what a folder says", first, other)
        guard(tap, "one file", alone, tap, each, schemas)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
