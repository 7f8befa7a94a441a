#!/usr/bin/env python3
"""`portroom check` where something looks like a lack of ports, or hides it.

    test_lookalikes.py PORTROOM SITUATION COPY [--schema-dir DIR] [NAME...]

COPY is a copied /proc of a machine that is well.
"""

import os
import shutil
import sys
import tempfile

from live import Situation, Tap, guard, need_root, run
from test_check import Schemas, take_option


def rows_of(document, key, rule):
    return [each for each in document[key] if each["rule"] == rule]


def evidence_of(row):
    return {each["name"]: each["value"] for each in row["evidence"]}


class Case:
    """One situation: what is asked in it, and that looking changed nothing."""

    def __init__(self, tap, portroom, schemas):
        self.tap, self.portroom, self.schemas = tap, portroom, schemas

    def check(self, situation, sentence, before=()):
        document = situation.run(list(before) +
                                 [self.portroom, "check", "--json", "--netns", "own"]).json()
        self.schemas.try_document(self.tap, document, sentence + ": the document")
        return document

    def verdict(self, document, wanted, sentence):
        self.tap.ok(document["verdict"] == wanted, sentence, document["verdict"],
                    document["headline"], document["gaps"])

    def only(self, document, key, rule, sentence):
        rows = rows_of(document, key, rule)
        self.tap.ok(len(rows) == 1, sentence, document["findings"], document["remarks"])
        return rows[0] if len(rows) == 1 else None

    def silent(self, document, rule, sentence):
        rows = rows_of(document, "findings", rule) + rows_of(document, "remarks", rule)
        self.tap.ok(not rows, sentence, rows)

    def has(self, row, sentence, **wanted):
        found = evidence_of(row)
        self.tap.ok(all(found.get(name) == value for name, value in wanted.items()), sentence,
                    found)


def set_sysctl(situation, name, value):
    situation.run(["sh", "-c", "echo %s >/proc/sys/net/ipv4/%s" % (value, name)])


def try_descriptors(case, situation, severity, used):
    sentence = "%d of 100 descriptors" % used
    document = case.check(situation, sentence)
    case.verdict(document, severity, "%s are %s" % (sentence, severity))
    row = case.only(document, "findings", "descriptor_limit", sentence + " are a finding")
    if not row:
        return
    holder = situation.truth["holders"][0]
    case.tap.ok(row["severity"] == severity and (row["culprit"] or {}).get("pid") == holder["pid"],
                sentence + ": the process that has them open is named", row["culprit"], holder)
    case.has(row, sentence + " are counted", descriptors=used, descriptor_limit=100,
             sockets=holder["sockets"])
    raised = situation.run(["sh", "-c", row["remedies"][0]["command"]])
    cured = case.check(situation, sentence + ", raised")
    case.tap.ok(raised.status == 0 and cured["verdict"] == "ok",
                sentence + ": the first remedy cures it", raised, cured["findings"])


def try_descriptors_few(case, situation):
    try_descriptors(case, situation, "warning", 90)


def try_descriptors_none(case, situation):
    try_descriptors(case, situation, "critical", 99)


def try_time_wait(case, situation):
    document = case.check(situation, "TIME_WAIT at its limit")
    if situation.expired():
        case.tap.skip("TIME_WAIT at its limit", "the first entries are over")
        return
    case.verdict(document, "warning", "TIME_WAIT at its limit is a warning")
    row = case.only(document, "findings", "time_wait_overflow", "TIME_WAIT at its limit is found")
    if row:
        case.has(row, "TIME_WAIT at its limit: entries, limit and losses are counted",
                 time_wait_now=20, max_tw_buckets=20, overflows=30)
    set_sysctl(situation, "tcp_max_tw_buckets", 1000)
    document = case.check(situation, "TIME_WAIT below a new limit")
    case.verdict(document, "ok", "TIME_WAIT below a new limit is well")
    case.only(document, "remarks", "time_wait_overflow", "that it was at its limit is remarked")


# bind() gets a port although all are taken, and connect() to where it leads already fails.
BIND_AND_CONNECT = """
import errno, socket
ends = set()
for i in range(20):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", 0))
    try:
        s.connect(("127.0.0.1", 9000))
        ends.add("connected")
    except OSError as error:
        ends.add(errno.errorcode[error.errno])
    s.close()
print(" ".join(sorted(ends)))
"""


def try_autobind(case, situation):
    document = case.check(situation, "ip_autobind_reuse without room")
    case.verdict(document, "critical", "ip_autobind_reuse: no room is critical, with it or without")
    row = case.only(document, "findings", "autobind_reuse", "ip_autobind_reuse without room is found")
    if row:
        pid = situation.truth["holders"][0]["pid"]
        case.tap.ok(row["severity"] == "warning" and (row["culprit"] or {}).get("pid") == pid,
                    "ip_autobind_reuse without room is a warning about who binds", row)
        case.has(row, "ip_autobind_reuse: what bind() took is counted", room_max=0, bind_made=100)
    real = situation.run([sys.executable, "-c", BIND_AND_CONNECT])
    case.tap.ok(real.out.strip() == "EADDRNOTAVAIL",
                "ip_autobind_reuse: really bind() succeeds and connect() fails", real)


def try_quiet(case, situation):
    set_sysctl(situation, "ip_autobind_reuse", 1)
    document = case.check(situation, "ip_autobind_reuse with room")
    case.verdict(document, "ok", "ip_autobind_reuse with room is well")
    case.only(document, "remarks", "autobind_reuse", "ip_autobind_reuse with room is remarked")
    set_sysctl(situation, "ip_autobind_reuse", 0)
    document = case.check(situation, "a quiet machine")
    case.tap.ok(document["findings"] == [] and document["remarks"] == [],
                "a quiet machine looks like nothing", document["findings"], document["remarks"])


def try_in_flight(case, situation):
    document = case.check(situation, "sockets in flight")
    case.verdict(document, "ok", "sockets in flight leave the verdict ok")
    row = case.only(document, "remarks", "ports_without_process", "sockets in flight are remarked")
    if row:
        case.has(row, "sockets in flight are open and not found", ports=12, unfound=12, orphans=0)


def try_orphans(case, situation):
    ports = situation.truth["holders"][0]["ports"]
    document = case.check(situation, "orphans")
    if situation.expired():
        case.tap.skip("orphans", "the first are over")
        return
    case.verdict(document, "ok", "orphans leave the verdict ok")
    if ports < 10:
        case.silent(document, "ports_without_process", "fewer than ten orphans are not remarked")
        return
    row = case.only(document, "remarks", "ports_without_process", "ten orphans are remarked")
    if row:
        case.has(row, "orphans are told apart", ports=ports, orphans=ports, unfound=0)


# Ten ports for source NAT, and many more flows to one destination than that.
NAT = ("add table ip nat; "
       "add chain ip nat post { type nat hook postrouting priority 100; }; "
       "add rule ip nat post udp dport 9999 snat to 127.0.0.1:40000-40009")
SEND = """
import errno, socket
ends, keep = {}, []
for i in range(%d):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    keep.append(s)
    try:
        s.sendto(b"x", ("127.0.0.2", 9999))
        end = "sent"
    except OSError as error:
        end = errno.errorcode[error.errno]
    ends[end] = ends.get(end, 0) + 1
print(" ".join("%%s=%%d" %% item for item in sorted(ends.items())))
"""


WITHOUT_PRIVILEGE = ["setpriv", "--inh-caps=-net_admin", "--bounding-set=-net_admin"]


def try_nat(case, situation):
    """With the privilege to look, NAT is found short of ports; without, only that packets are lost."""
    if not shutil.which("nft") or situation.run(["nft", NAT]).status:
        case.tap.skip("source NAT without ports", "nft cannot make NAT here")
        return
    few = situation.run([sys.executable, "-c", SEND % 60])
    document = case.check(situation, "source NAT without ports")
    case.verdict(document, "critical", "source NAT without ports is critical")
    row = case.only(document, "findings", "snat_full", "source NAT without ports is found")
    if row:
        case.tap.ok("10 of 10" in row["title"] and "127.0.0.2:9999" in row["title"],
                    "source NAT without ports is named with its figures", row)
    document = case.check(situation, "source NAT that drops little, unprivileged", WITHOUT_PRIVILEGE)
    case.silent(document, "conntrack_full", "fifty clashes are not remarked")
    many = situation.run([sys.executable, "-c", SEND % 60])
    failed = sum(int(word.split("=")[1]) for text in (few.out, many.out) for word in text.split()
                 if word.startswith("EPERM="))
    document = case.check(situation, "source NAT without ports, again")
    case.silent(document, "conntrack_full", "who knows more speaks alone")
    row = case.only(document, "findings", "snat_full", "source NAT without ports is found again")
    if row:
        case.has(row, "source NAT: what send() refused is what was counted", insert_failed=failed,
                 drops=failed)
    document = case.check(situation, "source NAT without ports, unprivileged", WITHOUT_PRIVILEGE)
    case.verdict(document, "ok", "unprivileged: what is not seen is not judged")
    row = case.only(document, "remarks", "conntrack_full", "unprivileged: clashes are remarked")
    if row:
        case.has(row, "unprivileged: clashes are counted", insert_failed=failed, drops=failed)
    case.tap.ok(any("CAP_NET_ADMIN" in gap["why"] for gap in document["gaps"]),
                "unprivileged: the privilege that is missing is named", document["gaps"])


SITUATIONS = {
    "descriptors_few": try_descriptors_few,
    "descriptors_none": try_descriptors_none,
    "time_wait_overflow": try_time_wait,
    "autobind_reuse": try_autobind,
    "quiet": try_quiet,
    "in_flight": try_in_flight,
    "orphans": try_orphans,
}


def try_situation(case, program, name, function):
    with Situation(program, name) as situation:
        if situation.skipped:
            case.tap.skip(name, situation.skipped)
            return
        guard(case.tap, name + " is judged", function, case, situation)
    situation.verify(case.tap, name + ": looking changed nothing")


def write(folder, path, text):
    path = os.path.join(folder, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def conntrack_table(processors):
    heading = ("entries  clashres found new invalid ignore delete chainlength insert insert_failed "
               "drop early_drop icmp_error  expect_new expect_create expect_delete search_restart\n")
    return heading + "".join("%08x  " % entries + "00000000 " * 8 +
                             "%08x %08x %08x 00000000  " % (failed, dropped, early) +
                             "00000000 00000000 00000000 00000000\n"
                             for entries, failed, dropped, early in processors)


def try_copy(case, copy):
    """The limits of conntrack and of open files are the whole machine's: they are not touched here,
    but written into a copy."""
    folder = tempfile.mkdtemp()
    try:
        tree = os.path.join(folder, "proc")
        shutil.copytree(copy, tree, symlinks=True)
        write(tree, "sys/net/netfilter/nf_conntrack_count", "252000\n")
        write(tree, "sys/net/netfilter/nf_conntrack_max", "262144\n")
        write(tree, "net/stat/nf_conntrack", conntrack_table([(252000, 2, 19, 1), (252000, 1, 4, 0)]))
        write(tree, "sys/fs/file-nr", "9950\t0\t10000\n")
        answer = run([case.portroom, "check", "--json", "--root", tree])
    finally:
        shutil.rmtree(folder)
    document = answer.json()
    case.schemas.try_document(case.tap, document, "a copy of a full machine: the document")
    row = case.only(document, "findings", "conntrack_full", "a copied conntrack table is judged")
    if row:
        case.tap.ok(row["severity"] == "critical", "96 % with drops are critical", row)
        case.has(row, "a copied conntrack table is counted over all processors", entries=252000,
                 limit=262144, dropped_when_full=20, early_drops=1)
    row = case.only(document, "findings", "descriptor_limit", "a copied limit of files is judged")
    if row:
        case.has(row, "a copied limit of files is read", files_open=9950, files_limit=10000)


def main(words):
    schema_folder = take_option(words, "--schema-dir")
    if len(words) < 3:
        sys.exit(__doc__)
    portroom, program, copy = (os.path.abspath(word) for word in words[:3])
    tap = Tap()
    case = Case(tap, portroom, Schemas(schema_folder))
    if not words[3:]:
        guard(tap, "a copy of a full machine", try_copy, case, copy)
    need_root(tap)
    for name, function in SITUATIONS.items():
        if not words[3:] or name in words[3:]:
            guard(tap, name, try_situation, case, program, name, function)
    if not words[3:]:
        guard(tap, "source NAT", try_situation, case, program, "quiet", try_nat)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
