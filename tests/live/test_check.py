#!/usr/bin/env python3
"""`portroom check` in situations whose culprit is known.

    test_check.py PORTROOM SITUATION [--schema-dir DIR] [NAME...]
"""

import glob
import os
import shutil
import sys
import tempfile

from live import TRIES, Situation, Tap, guard, loads, need_root

try:
    import jsonschema
except ImportError:
    jsonschema = None

STATUS = {"ok": 0, "warning": 1, "critical": 2, "unknown": 3}

NOBODY = "nobody"


class Expected:
    """What must be found. Holders are numbered as the situation states them.

    `culprit`: number of the holder that the finding must name, or NOBODY when it must name none.
    `owners`: who holds the ports to `destination`, the greatest first; NOBODY for "unknown".
    `never`: rules that must stay silent.
    """

    def __init__(self, verdict, rule=None, culprit=None, destination=None, owners=(), room=None,
                 never=(), severity=None):
        self.verdict, self.rule, self.culprit = verdict, rule, culprit
        self.destination, self.owners, self.room = destination, owners, room
        self.never = never
        self.severity = severity or verdict


LOCAL = ("127.0.0.1", 9000)
BIND_RULES = ("bind_pool_full", "bound_only_leak")

EXPECTED = {
    "destination_full": Expected("critical", "destination_full", culprit=0, destination=LOCAL,
                                 owners=(0,), room=0, never=BIND_RULES),
    "bind_first_full": Expected("critical", "bind_pool_full", culprit=0,
                                never=("bound_only_leak",)),
    "time_wait_full": Expected("critical", "time_wait_pileup", culprit=NOBODY, destination=LOCAL,
                               owners=(NOBODY,), room=0, never=BIND_RULES),
    "time_wait_reusable": Expected("ok"),
    "close_wait_leak": Expected("critical", "close_wait_leak", culprit=0, destination=LOCAL,
                                owners=(0,), room=0, never=BIND_RULES + ("time_wait_pileup",)),
    "bound_only_leak": Expected("critical", "bound_only_leak", culprit=0),
    "reserved_and_listeners": Expected("ok"),
    "udp_full": Expected("critical", "udp_pool_full", culprit=1,
                         never=("destination_full",) + BIND_RULES),
    "two_processes": Expected("critical", "destination_full", culprit=0, destination=LOCAL,
                              owners=(0, 1), room=5),
    "v4_mapped": Expected("warning", "destination_full", culprit=0, destination=("::1", 9000),
                          owners=(0,), room=10),
    "busy_but_healthy": Expected("ok"),
    "closed_but_bound": Expected("warning", "bound_only_leak", culprit=0),
    "fin_wait2": Expected("warning", "fin_wait2_pileup", culprit=NOBODY, destination=LOCAL,
                          owners=(NOBODY,), room=20, never=("destination_full", "close_wait_leak")),
    "half_closed": Expected("warning", "fin_wait2_pileup", culprit=0, destination=LOCAL,
                            owners=(0,), room=70, never=("destination_full", "close_wait_leak")),
    "black_hole": Expected("critical", "syn_sent_blackhole", culprit=0, destination=("10.5.0.9", 80),
                           owners=(0,), room=0, never=("destination_full",)),
    "socket_range_full": Expected("critical", "socket_range_full", culprit=0,
                                  never=("destination_full",)),
    "more_source_addresses": Expected("critical", "destination_full", culprit=0, destination=LOCAL,
                                      owners=(0,), room=0),
    "nothing_free": Expected("critical", "bound_only_leak", culprit=0),
    "quiet": Expected("ok"),
    "reset_and_free": Expected("ok"),
    "no_port_sources": Expected("ok"),
    "listener_gone": Expected("ok"),
    "chosen_listener_gone": Expected("ok"),
    "reuse_port_crowd": Expected("ok"),
    "reset_and_established": Expected("ok"),
    "time_wait_loopback": Expected("ok"),
    "time_wait_young": Expected("ok"),
    "orphans": Expected("ok"),
    "mixed_owners": Expected("ok"),
    "mixed_udp": Expected("ok"),
}

SEEN_FROM_OUTSIDE = {
    "destination_full": "destination_full",
    "bound_only_leak": "bound_only_leak",
    "close_wait_leak": "close_wait_leak",
    "udp_full": "udp_pool_full",
    "busy_but_healthy": None,
}


class Schemas:
    """The published schemas, by the name a document gives itself."""

    def __init__(self, folder):
        self.known = {}
        if folder and jsonschema is None:
            sys.exit("documents are held against their schemas: install python3-jsonschema")
        for path in glob.glob(os.path.join(folder or "", "*.json")) if folder else ():
            with open(path, encoding="utf-8") as file:
                schema = loads(file.read())
            name = schema.get("properties", {}).get("schema", {}).get("const")
            self.known[name or os.path.basename(path)] = schema

    def try_document(self, tap, document, sentence):
        if not self.known:
            return
        schema = self.known.get(document.get("schema"))
        if not tap.ok(schema is not None, sentence + " names a published schema",
                      document.get("schema"), sorted(self.known)):
            return
        try:
            jsonschema.validate(document, schema)
            problem = None
        except jsonschema.ValidationError as error:
            problem = "%s at %s" % (error.message, list(error.absolute_path))
        tap.ok(problem is None, sentence + " is as its schema says", problem)


def pid_of(truth, holder):
    return None if holder == NOBODY else truth["holders"][holder]["pid"]


def findings_of(document, rule):
    return [each for each in document["findings"] if each["rule"] == rule]


def try_finding(tap, name, document, truth, expected):
    found = findings_of(document, expected.rule)
    # A rule may speak about several subjects; the most severe one comes first.
    tap.ok(found and found[0]["severity"] == expected.severity,
           "%s: %s is %s" % (name, expected.rule, expected.severity), document["findings"])
    if not found or expected.culprit is None:
        return
    culprit = found[0]["culprit"]
    if expected.culprit == NOBODY:
        tap.ok(culprit is None, "%s: no process is blamed" % name, culprit)
    else:
        tap.ok(culprit and culprit["pid"] == pid_of(truth, expected.culprit),
               "%s: the culprit is the process that did it" % name, culprit, truth["holders"])


def find_destination(document, expected):
    address, port = expected.destination
    rows = [row for row in document["destinations"]
            if row["destination"] == address and row["port"] == port]
    return min(rows, key=lambda row: row["room_min"]) if rows else None


def try_owners(tap, name, document, truth, expected):
    row = find_destination(document, expected)
    subject = "%s: %s port %d" % ((name,) + expected.destination)
    if not tap.ok(row, subject + " is among the destinations", document["destinations"]):
        return
    tap.ok(row["room"] == expected.room and row["exact"] is True,
           "%s has exactly room for %d" % (subject, expected.room), row)
    seen = [(owner["pid"], owner["how"]) for owner in row["owners"]][:len(expected.owners)]
    wanted = [(pid_of(truth, holder), "unknown" if holder == NOBODY else "observed")
              for holder in expected.owners]
    tap.ok(seen == wanted, subject + " has the right owners, the greatest first",
           "seen %s, wanted %s" % (seen, wanted))


def try_document(tap, name, answer, truth, expected):
    document = answer.json()
    tap.ok(document["verdict"] == expected.verdict,
           "%s: the verdict is %s" % (name, expected.verdict), document["verdict"],
           document["headline"], document["findings"], document["gaps"])
    tap.ok(answer.status == STATUS.get(document["verdict"]),
           "%s: the exit status is the verdict's" % name, answer.status, document["verdict"])
    if expected.rule:
        try_finding(tap, name, document, truth, expected)
    else:
        tap.ok(document["findings"] == [], "%s: there is no finding" % name, document["findings"])
    for rule in expected.never:
        tap.ok(not findings_of(document, rule), "%s: %s stays silent" % (name, rule),
               findings_of(document, rule))
    if expected.destination:
        try_owners(tap, name, document, truth, expected)
    return document


# Commands whose documents are held against their schemas as well.
OTHER_DOCUMENTS = (
    ["room", "127.0.0.1:9000"],
    ["room", "--bind", "0.0.0.0", "--passive"],
    ["list", "--netns", "own"],
    ["list", "--netns", "own", "--by", "state,process,user,src,port,dst,dport"],
    ["range", "show"],
)


# The verdict must not depend on where the facts come from.
SOURCES = (
    ("", ["--no-bpf"]),
    (" (by BPF)", ["--source", "bpf_tables"]),
    (" (by BPF, passive)", ["--source", "bpf_tables", "--passive"]),
    (" (by BPF iterators)", ["--source", "bpf_iter"]),
    (" (by BPF iterators, passive)", ["--source", "bpf_iter", "--passive"]),
)


OTHERS_BY = ("", " (by BPF)")


def uses(document, source):
    return any(each["name"] == source and each["used"] for each in document["sources"])


def is_asked_for(document, options):
    wanted = options[1] if options[0] == "--source" else None
    return all(uses(document, source) == (source == wanted)
               for source in ("bpf_tables", "bpf_iter"))


def try_answers(tap, name, answers, truth, schemas):
    for (label, options), (answer, text, others) in answers.items():
        document = guard(tap, name + label + " is judged", try_document, tap, name + label, answer,
                         truth, EXPECTED[name])
        if not document:
            continue
        schemas.try_document(tap, document, name + label + ": the document")
        for words, other in others:
            schemas.try_document(tap, other.json(),
                                 "%s%s: portroom %s" % (name, label, " ".join(words)))
        word = document["verdict"].upper()
        tap.ok(text.status == answer.status and text.out.upper().startswith(word),
               name + label + ": text and JSON agree", text)
        tap.ok(is_asked_for(document, options),
               name + label + ": the source is the one asked for", document["sources"])


def ask_all(portroom, situation):
    answers = {}
    for label, options in SOURCES:
        asked = [portroom, "check", "--netns", "own"] + options
        others = OTHER_DOCUMENTS if label in OTHERS_BY else []
        answers[label, tuple(options)] = (
            situation.run(asked + ["--json"]), situation.run(asked),
            [(words, situation.run([portroom] + words + ["--json"] + options))
             for words in others])
    return answers


def try_situation(tap, portroom, program, name, schemas):
    for _ in range(TRIES):
        with Situation(program, name) as situation:
            if situation.skipped:
                tap.skip(name, situation.skipped)
                return
            answers = ask_all(portroom, situation)
        if not situation.late:
            break
    else:
        tap.skip(name, "the situation was over before the answer came")
        return
    try_answers(tap, name, answers, situation.truth, schemas)
    situation.verify(tap, name + ": looking changed nothing")


def try_namespace(tap, document, truth):
    name, identity = truth["situation"], str(truth["netns"])
    rule = SEEN_FROM_OUTSIDE[name]
    here = [each for each in document["findings"] if each["namespace"] == identity]
    tap.ok(any(each["id"] == identity for each in document["namespaces"]),
           "from outside: the namespace of %s is seen" % name, document["namespaces"])
    if rule is None:
        tap.ok(not here, "from outside: %s has no finding" % name, here)
        return
    found = [each for each in here if each["rule"] == rule]
    tap.ok(found and found[0]["severity"] == "critical",
           "from outside: %s has %s under its namespace" % (name, rule), here)
    greatest = max(truth["holders"], key=lambda holder: holder["sockets"])
    tap.ok(found and (found[0]["culprit"] or {}).get("pid") == greatest["pid"],
           "from outside: %s names the process that did it" % name, found, truth["holders"])


def try_many(tap, portroom, program, schemas, options):
    with Situation(program, "many") as situation:
        answer = situation.run([portroom, "check", "--json"] + options)
    document = answer.json()
    tap.ok(document["verdict"] == "critical" and answer.status == 2,
           "from outside: five situations at once are critical", document["headline"])
    for truth in situation.truth:
        guard(tap, "from outside: " + truth["situation"], try_namespace, tap, document, truth)
    schemas.try_document(tap, document, "from outside: the document")
    situation.verify(tap, "from outside: looking changed nothing")


BECOME_NOBODY = """
import os, sys
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
os.execv(sys.argv[1], sys.argv[1:])
"""


HIDE_PROCESSES = 'mount -t proc -o hidepid=2 proc /proc && exec "$0" "$@"'


def try_unprivileged(tap, portroom, program):
    """The build folder may be closed to others, so they get a copy."""
    folder = tempfile.mkdtemp()
    try:
        os.chmod(folder, 0o755)
        copy = os.path.join(folder, "portroom")
        shutil.copy(portroom, copy)
        os.chmod(copy, 0o755)
        with Situation(program, "destination_full") as situation:
            nobody = [sys.executable, "-c", BECOME_NOBODY, copy]
            answer = situation.run(nobody + ["check", "--json"])
            hidden = ["unshare", "-m", "sh", "-c", HIDE_PROCESSES] + nobody
            blind = situation.run(hidden + ["check", "--json"]).json()
            listed = situation.run(hidden + ["list", "--state", "established"])
    finally:
        shutil.rmtree(folder)
    document = answer.json()
    found = findings_of(document, "destination_full")
    tap.ok(document["verdict"] == "critical" and answer.status == 2,
           "unprivileged: the own namespace gets its verdict", document["headline"], answer.err)
    tap.ok(found and found[0]["culprit"] is None,
           "unprivileged: nobody is blamed for what cannot be seen", found)
    tap.ok(document["gaps"] and all(gap["what"] and gap["why"] for gap in document["gaps"]),
           "unprivileged: what could not be seen is stated", document["gaps"])
    tap.ok(blind["verdict"] == "critical" and
           any("hidepid" in gap["why"] for gap in blind["gaps"]),
           "unprivileged: processes that /proc hides are stated", blind["gaps"])
    tap.ok("(not visible)" in listed.out and "(no process)" not in listed.out,
           "unprivileged: a process that /proc hides is not called none", listed.out[:600])
    situation.verify(tap, "unprivileged: looking changed nothing")


def take_option(words, name):
    if name not in words:
        return None
    at = words.index(name)
    value = words[at + 1]
    del words[at:at + 2]
    return value


def main(words):
    schema_folder = take_option(words, "--schema-dir")
    if len(words) < 2:
        sys.exit(__doc__)
    portroom, program = (os.path.abspath(word) for word in words[:2])
    schemas = Schemas(schema_folder)
    tap = Tap()
    need_root(tap)
    for name in words[2:] or EXPECTED:
        guard(tap, name, try_situation, tap, portroom, program, name, schemas)
    if not words[2:]:
        for _, options in SOURCES[:2] + SOURCES[3:4]:
            guard(tap, "from outside", try_many, tap, portroom, program, schemas, options)
        guard(tap, "unprivileged", try_unprivileged, tap, portroom, program)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
