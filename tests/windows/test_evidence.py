#!/usr/bin/env python3
"""Files of evidence under Wine give, byte by byte, what they give on this system.

    test_evidence.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]

Every kind of file that the generators of tests/evidence make. What cannot be read there, archives and event logs
(.evtx) where Windows has no reader of them, is refused in a sentence.
"""

import os
import re
import shutil
import subprocess
import sys

from wine import HERE, Tap, enter, guard, native, run

EVIDENCE = os.path.join(HERE, "..", "evidence")
FIXTURES = os.path.join(HERE, "..", "fixtures", "evidence")
LANGUAGES = ("en", "de", "es", "zh", "ko")
ENCODINGS = ("utf-8", "utf-8-mark", "utf-16le-mark", "utf-16le", "utf-16be-mark", "oem")


def generator(name, *words):
    done = subprocess.run([sys.executable, "-B", os.path.join(EVIDENCE, name + ".py"), *words],
                          stdout=subprocess.PIPE, check=True)
    return done.stdout


def write(folder, name, data):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def make_netstat(folder):
    for language, encoding in (("en", "ascii"), ("en", "utf-16le-mark"), ("de", "cp850"), ("es", "utf-8"),
                               ("zh", "cp936"), ("xx", "utf-8-mark")):
        words = ["--language", language, "--encoding", encoding]
        write(folder, "netstat-%s-%s.txt" % (language, encoding), generator("make_netstat", "one", *words))
        write(folder, "loop-%s-%s.txt" % (language, encoding),
              generator("make_netstat", "loop", "--leak", "7", *words))


def make_text(folder):
    """Each form in one language and encoding or another, so that every one of them is there."""
    sys.path.insert(0, EVIDENCE)
    import windows_text
    for number, form in enumerate(windows_text.FORMS):
        for more in (0, 3):
            language = LANGUAGES[(number + more) % len(LANGUAGES)]
            encoding = ENCODINGS[(number + more) % len(ENCODINGS)]
            data = windows_text.make(form, language, encoding)
            if data is not None:
                write(folder, "%s.%s.%s.txt" % (form, language, encoding), data)


def make_all(folder):
    make_netstat(folder)
    make_text(folder)
    generator("etl", folder)
    generator("dump", folder)
    for path, _, names in os.walk(FIXTURES):
        for name in names:
            shutil.copy(os.path.join(path, name), os.path.join(folder, "fixture-" + name))
    for name in os.listdir(folder):
        if name.endswith(".json") and os.path.exists(os.path.join(folder, name[:-5] + ".etl")):
            os.unlink(os.path.join(folder, name))  # what a generator says of its trace


# When a trace of files begins to be told is now.
NOW = re.compile(r'^(\{"line":"start","time":")[^"]*')


def without_now(text):
    return NOW.sub(r"\1", text)


def differences(one, other):
    lines, others = without_now(one.out).splitlines(), without_now(other.out).splitlines()
    return ["exit status %d and %d, %d lines and %d" % (one.status, other.status, len(lines), len(others)),
            one.err[:300], other.err[:300]] + \
        ["here  %s\nthere %s" % pair for pair in zip(lines, others) if pair[0] != pair[1]][:4]


def same(tap, wine, portroom, folder, sentence, words):
    here = run([portroom] + words, cwd=folder)
    there = wine.portroom(*words, cwd=folder)
    tap.ok((here.status, without_now(here.out), here.err) == (there.status, without_now(there.out), there.err),
           sentence, *differences(here, there))
    return there


def try_files(tap, wine, portroom, folder):
    names = sorted(os.listdir(folder))
    tap.ok(len(names) > 80, "there is a file of every kind", len(names))
    for name in names:
        same(tap, wine, portroom, folder, "%s: check" % name, ["check", "--json", "--on", name])
    traces = [name for name in names if name.endswith(".etl")]
    for name in traces:
        same(tap, wine, portroom, folder, "%s: trace" % name, ["trace", "--json", "--on", name])


def try_text(tap, wine, portroom, folder):
    """What people read is the same, too, in every way to look at one machine."""
    import bundle
    where = os.path.join(folder, "bundle")
    os.mkdir(where)
    bundle.write(where)
    for name in os.listdir(where):
        if name.endswith((".zip", ".evtx")):
            os.unlink(os.path.join(where, name))
    for words in (["check"], ["check", "-v"], ["list", "--by", "state,process"], ["list"], ["room", "203.0.113.9:443"],
                  ["range", "show"], ["events"], ["whatif", "--first", "10000", "--last", "65535"], ["read"],
                  ["check", "--plugin"], ["list", "--csv"], ["check", "--lang", "zh_CN"]):
        at = ["read", "./bundle"] if words == ["read"] else words + ["--on", "./bundle"]
        same(tap, wine, portroom, folder, "a folder of everything: %s" % " ".join(words), at)
    files = [each["file"] for each in wine.portroom("read", "bundle", "--json", cwd=folder).json()["evidence"]["artefacts"]]
    tap.ok(all(name.startswith("bundle\\") and "/" not in name for name in files),
           "a folder that is named without slashes has its files behind backslashes", files)
    absolute = wine.portroom("read", wine.path(where), cwd=folder).out
    shown = [line.split(None, 1)[1] for line in absolute.splitlines() if line.startswith("in ")]
    tap.ok(shown == [wine.path(where) + "\\"], "so has one with a drive", absolute)


def try_refused(tap, wine, folder):
    """What there is no reader of is told, beside what is read of the rest."""
    import bundle
    import evtx
    write(folder, "log.evtx", evtx.exhausted())
    write(folder, "sent.zip", bundle.zipped({"netstat.txt": generator("make_netstat", "one")}))
    for name, word in (("log.evtx", "event log"), ("sent.zip", "archive")):
        answer = wine.portroom("check", "--on", name, cwd=folder)
        tap.ok(answer.status == 3 and answer.err.count("\n") == 1 and name in answer.err and word in answer.err,
               "%s alone is refused in a sentence" % name, answer)


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        portroom = native(tap)
        folder = wine.file("evidence")
        os.mkdir(folder)
        make_all(folder)
        guard(tap, "files", try_files, tap, wine, portroom, folder)
        guard(tap, "text", try_text, tap, wine, portroom, folder)
        guard(tap, "refused", try_refused, tap, wine, folder)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
