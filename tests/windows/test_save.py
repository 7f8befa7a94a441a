#!/usr/bin/env python3
"""`portroom save` under Wine: the file says the same there, and read on this system.

    test_save.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]
"""

import json
import os
import re
import sys

from wine import HERE, Tap, enter, guard, native, run

SCHEMA = os.path.join(HERE, "..", "..", "docs", "schema", "snapshot-1.json")

# What the file says more: that it is a file. And when.
TRIES = 5
TIMES = re.compile(r'("(?:time|milliseconds|expires_ms)": )("[^"]*"|[0-9.]+)')


def verdict(document):
    return [document["verdict"], document["headline"], document["ranges"], document["pools"], document["destinations"],
            [(entry["rule"], entry["severity"], entry["title"], entry["owners"]) for entry in document["findings"]],
            [(entry["pid"], entry["name"], entry["states"]) for entry in document["processes"]]]


def try_same(tap, wine, portroom):
    """Pairs and leaks of both families; the range is not told by Wine's netsh, nor by the file then."""
    with wine.start("sockets", "pair 10", "half 5", "bound 7", "pair 3 ::1") as program:
        for _ in range(4):
            program.lines()
        # Wine does not say which protocol a handle is of, so none may have the number of a port that is bound.
        for port in range(20001, 20005):
            program.do("udp 1 127.0.0.1 %d" % port)
        for number in range(TRIES):
            path = wine.file("saved-%d.json" % number)
            before = wine.portroom("check", "--json").json()
            saved = wine.portroom("save", wine.path(path))
            if verdict(before) == verdict(wine.portroom("check", "--json").json()):  # else it changed while it was saved
                break
    tap.ok(saved.status == 0 and os.path.exists(path) and wine.path(path) in saved.out, "it is saved, and said where", saved)
    tap.ok("network namespace" not in saved.out, "nothing is said of namespaces, which Windows has not", saved)
    read = [wine.portroom("check", "--json", "--on", wine.path(path)).json(),
            run([portroom, "check", "--json", "--on", path]).json()]
    for name, document in zip(("under Wine", "on this system"), read):
        tap.ok(verdict(document) == verdict(before), "read %s, the file says what the machine said" % name,
               *["machine %s\nfile    %s" % pair for pair in zip(verdict(before), verdict(document))
                 if pair[0] != pair[1]][:3])
    texts = [without_times(json.dumps(document)) for document in read]
    tap.ok(texts[0] == texts[1], "both systems read the same, whole", texts[0][:300], texts[1][:300])
    here = run([portroom, "list", "--by", "state,process", "--on", path])
    tap.ok(here.status == 0 and re.search(r"\b7 +7 +BOUND +sockets.exe,%d" % program.pid, here.out),
           "list on this system names the process of that one", here)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    tap.ok("\r" not in text and all(ord(letter) < 127 or letter.isprintable() for letter in text.replace("\n", "")),
           "the file is plain UTF-8 without carriage returns")
    try_schema(tap, json.loads(text))


def without_times(text):
    return TIMES.sub(r"\1-", text)


def try_schema(tap, document):
    try:
        import jsonschema
    except ImportError:
        tap.skip("it has the form of its schema", "needs python3-jsonschema")
        return
    with open(SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    wrong = [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(document)]
    tap.ok(not wrong, "it has the form of its schema", *wrong[:5])


def try_series(tap, wine, portroom):
    """The loop of Microsoft's article: several files, and who grows."""
    folder = wine.file("series")
    os.mkdir(folder)
    with wine.start("sockets", "udp 20") as leaky, wine.start("sockets", "udp 30") as steady:
        leaky.lines()
        steady.lines()
        for number in range(6):
            saved = wine.portroom("save", wine.path(os.path.join(folder, "%d.json" % number)))
            if saved.status:
                break
            leaky.do("udp 9")
    tap.ok(saved.status == 0, "each look is a file", saved)
    for name, answer in (("under Wine", wine.portroom("read", "--json", wine.path(folder))),
                         ("on this system", run([portroom, "read", "--json", folder]))):
        series = answer.json()["series"] or {}
        tap.ok(series.get("listings") == 6 and series["clock"] == "times", "a folder of them is a series, %s" % name,
               series, answer.err)
        grown = {entry["pid"]: (entry["first"], entry["last"], entry["grows"]) for entry in series["processes"]}
        tap.ok(grown[leaky.pid] == (20, 65, True) and not grown.get(steady.pid, (0, 0, False))[2],
               "and who grows is named, %s" % name, series["processes"])


def try_refused(tap, wine):
    path = wine.file("again.json")
    first, again = (wine.portroom("save", wine.path(path)) for _ in range(2))
    tap.ok(first.status == 0 and again.status == 1 and again.err.count("\n") == 1 and "exists" in again.err,
           "a file is not written over", again)
    nowhere = wine.portroom("save", wine.path(wine.file("no/such/folder.json")))
    tap.ok(nowhere.status == 1 and nowhere.err.count("\n") == 1 and not nowhere.out, "a folder that is not there is told",
           nowhere)
    stdout = wine.portroom("save", "-")
    tap.ok(stdout.status == 0 and stdout.json()["schema"] == "portroom.snapshot/1", "- is standard output", stdout.err)
    piped = wine.portroom("check", "--on", "-", stdin=stdout.out.encode("utf-8"))
    tap.ok(piped.status in (0, 1, 3) and piped.out, "and check reads it from standard input", piped)
    left = [name for name in os.listdir(wine.folder) if name.startswith("again") and name != "again.json"]
    tap.ok(not left, "nothing half-written is left beside it", left)
    name = wine.file("\u4e2d\u6587 \u00fc.json")
    unicode = wine.portroom("save", wine.path(name))
    tap.ok(unicode.status == 0 and os.path.exists(name) and "\u4e2d\u6587 \u00fc" in unicode.out,
           "its name may have any letters", unicode)


def try_full(tap, wine):
    """A disk of one page, and that is taken: what was written goes, and the reason is the true one."""
    disk = wine.file("disk")
    os.mkdir(disk)
    run(["mount", "-t", "tmpfs", "-o", "size=4k", "portroom", disk])
    with open(os.path.join(disk, "filler"), "wb") as filler:
        filler.write(bytes(4096))
    full = wine.portroom("save", wine.path(os.path.join(disk, "a.json")))
    left = os.listdir(disk)
    tap.ok(full.status == 1 and full.err.count("\n") == 1 and "No space left on device" in full.err and left == ["filler"],
           "a full disk is told, and nothing half-written remains", full, left)
    run(["umount", disk])


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        portroom = native(tap)
        wine.set_version("win10")
        guard(tap, "the same", try_same, tap, wine, portroom)
        guard(tap, "series", try_series, tap, wine, portroom)
        guard(tap, "refused", try_refused, tap, wine)
        guard(tap, "full", try_full, tap, wine)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
