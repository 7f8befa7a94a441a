#!/usr/bin/env python3
"""`portroom save` and what `--on` makes of the file.

    test_save.py PORTROOM SITUATION [--schema-dir DIR] [NAME...]

In every situation the file must give the same `check --json` as the machine, byte by byte, times aside.
"""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

from live import Situation, Tap, guard, names, need_root, run
from test_check import Schemas, take_option

# Times, and how many sockets of the whole machine were met on the way to those of a namespace.
TIMES = re.compile(r'("(?:time|milliseconds)": |"time_wait_left", "value": |'
                   r'"(?:bpf_descriptors|proc_fd)", "used": true, "sockets": )("[^"]*"|[0-9.]+)')
TRIES = 5
NOBODY = 65534


def without_times(text):
    return TIMES.sub(r"\1-", text)


def save(situation, portroom, path, *words):
    if os.path.exists(path):
        os.unlink(path)
    return situation.run([portroom, "save", path] + list(words))


class Files:
    def __init__(self, folder):
        self.folder = folder

    def path(self, name):
        return os.path.join(self.folder, name)


# ---- the verdict ----


def compare(portroom, situation, path):
    """What the machine says before and after, and the file: TIME_WAIT goes on meanwhile, so that it is tried again."""
    scope = ["--netns", "own"]
    for _ in range(TRIES):
        before = situation.run([portroom, "check", "--json"] + scope)
        saved = save(situation, portroom, path, *scope)
        after = situation.run([portroom, "check", "--json"] + scope)
        read = run([portroom, "check", "--json", "--on", path])
        if without_times(before.out) == without_times(after.out):
            break
    return before, saved, read


def try_situation(tap, portroom, program, name, files, schemas):
    path = files.path(name + ".json")
    with Situation(program, name) as situation:
        if situation.skipped:
            tap.skip(name, situation.skipped)
            return
        before, saved, read = compare(portroom, situation, path)
        tap.ok(saved.status == 0 and not saved.err, "%s: it is saved" % name, saved)
        tap.ok(read.out and without_times(read.out) == without_times(before.out),
               "%s: the file gives the same verdict as the machine" % name,
               *differences(before.out, read.out))
        tap.ok(read.status == before.status, "%s: and the same exit status" % name, before.status, read)
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        schemas.try_document(tap, document, "%s: the file" % name)
        try_room(tap, portroom, situation, name, path)


def differences(one, other):
    lines, others = without_times(one).splitlines(), without_times(other).splitlines()
    return ["- %s\n+ %s" % pair for pair in zip(lines, others) if pair[0] != pair[1]][:5] + \
        ["%d lines and %d" % (len(lines), len(others))]


def room_of(answer):
    document = answer.json()
    return [document[key] for key in ("room", "room_min", "room_max", "eligible", "blocked_by_bind")]


def try_room(tap, portroom, situation, name, path):
    """The first connect() that the situation is about; a room that TIME_WAIT moves is not compared."""
    for target in situation.truth.get("targets", ()):
        if target["how"] != "connect" or target["port_range"] or target["proto"] not in ("tcp4", "tcp6"):
            continue
        where = ("[%s]:%d" if ":" in target["dst"] else "%s:%d") % (target["dst"], target["dport"])
        words = [portroom, "room", where, "--src", target["src"], "--json"]
        for _ in range(TRIES):
            live = [situation.run(words)]
            save(situation, portroom, path, "--netns", "own")
            live.append(situation.run(words))
            if room_of(live[0]) == room_of(live[1]):
                break
        read = run(words + ["--on", path])
        tap.ok(room_of(read) == room_of(live[0]), "%s: room %s is the same" % (name, where), live[0], read)
        return


# ---- several namespaces ----


def try_many(tap, portroom, program, files):
    path = files.path("many.json")
    with Situation(program, "many") as situation:
        if situation.skipped:
            tap.skip("many", situation.skipped)
            return
        saved = run([portroom, "save", path])
        tap.ok(saved.status == 0 and "network namespaces" in saved.out, "many: all namespaces are saved", saved)
        whole = run([portroom, "check", "--json", "--on", path]).json()
        inodes = [entry["id"] for entry in whole["namespaces"]]
        parts = [part for part in situation.truth if part["pid"]]
        stated = [str(part["netns"]) for part in parts]
        tap.ok(set(stated) <= set(inodes), "many: each is in the file", stated, inodes)
        for part in parts:
            inode = str(part["netns"])
            one = run([portroom, "check", "--json", "--netns", inode, "--on", path]).json()
            live = run([portroom, "check", "--json", "--netns", "%d" % part["pid"]]).json()
            tap.ok([entry["id"] for entry in one["namespaces"]] == [inode] and
                   one["verdict"] == live["verdict"] and
                   [entry["rule"] for entry in one["findings"]] == [entry["rule"] for entry in live["findings"]] and
                   {entry["pid"] for entry in one["processes"]} <= {entry["pid"] for entry in live["processes"]},
                   "many: %s alone is judged as on the machine" % part["situation"], one["findings"],
                   live["findings"])
        tap.ok(whole["verdict"] == run([portroom, "check", "--json"]).json()["verdict"], "many: so are all together",
               whole["verdict"])
        missing = run([portroom, "check", "--netns", "nowhere", "--on", path])
        tap.ok(missing.status == 3 and missing.err.count("\n") == 1 and "nowhere" in missing.err,
               "many: a namespace that is not in the file is one sentence", missing)


# ---- the other commands ----


def try_commands(tap, portroom, program, files, schemas):
    path = files.path("commands.json")
    with Situation(program, "close_wait_leak") as situation:
        saved = save(situation, portroom, path, "--netns", "own")
        tap.ok(saved.status == 0, "commands: saved", saved)
        grouped = [portroom, "list", "--by", "protocol,state,pid", "--json"]
        live = situation.run(grouped + ["--netns", "own"]).json()["rows"]
        tap.ok(run(grouped + ["--on", path]).json()["rows"] == live, "commands: list --by counts the same", live)
        rows = run([portroom, "list", "--jsonl", "--on", path])
        tap.ok(len(rows.out.splitlines()) == sum(row["count"] for row in live),
               "commands: list has a row a socket", rows.status)
        words = ["whatif", "--first", "40000", "--last", "40199", "--json"]
        one, other = situation.run([portroom] + words).json(), run([portroom] + words + ["--on", path]).json()
        tap.ok(one["answers"] and one["answers"] == other["answers"], "commands: whatif says the same", one, other)
        shown = [situation.run([portroom, "range", "--json"]).json(), run([portroom, "range", "--json", "--on",
                                                                            path]).json()]
        tap.ok(shown[0]["ranges"] and shown[0]["ranges"] == shown[1]["ranges"], "commands: range shows the same", *shown)
        room = run([portroom, "room", "127.0.0.1:9000", "--on", path])
        tap.ok(room.status == 0 and room.out.split()[0].isdigit() and path in room.out,
               "commands: room finds the source of what goes to this host, and says what it read", room)
        source = run([portroom, "room", "192.0.2.9:9000", "--on", path])
        tap.ok(source.status == 1 and "--src" in source.err, "commands: where it cannot know, it asks for it", source)
        foreign = run([portroom, "room", "192.0.2.9:9000", "--src", "192.0.2.77", "--on", path])
        tap.ok(foreign.status == 1 and "address" in foreign.err, "commands: a foreign source is told", foreign)
        alone, pid = files.path("alone.json"), str(situation.truth["pid"])
        run([portroom, "save", alone, "--netns", pid])
        answers = [run([portroom, "room", "127.0.0.1:9000", "--on", alone] + more) for more in ([], ["--netns", pid])]
        tap.ok(all(answer.status == 0 and answer.out.startswith("0\n") and pid in answer.out
                   for answer in answers), "commands: of one namespace it is about that one, by its pid too", *answers)
        text = run([portroom, "check", "--on", path, "--lang", "zh_CN"])
        tap.ok(text.status == 2 and path in text.out, "commands: the text says of what machine it speaks", text)
    with open(path, "rb") as file:
        piped = run([portroom, "check", "--json", "--on", "-"], stdin=file)
    tap.ok(piped.status == 2 and piped.json()["verdict"] == "critical", "commands: standard input", piped)
    written = run([portroom, "save", "-", "--netns", "own"])
    schemas.try_document(tap, written.json(), "commands: standard output")


def try_claims(tap, portroom, program, files):
    """Rules that could not be read concern range alone, whatever file they are in."""
    path = files.path("claims.json")
    with Situation(program, "destination_full") as situation:
        made = situation.run(["nft", "add table inet t; add chain inet t c; add set inet t ports "
                              "{ type inet_service; }; add rule inet t c tcp dport @ports drop"])
        whole = [portroom, "check", "--json", "--netns", "all"]
        for _ in range(TRIES):  # what others on this machine do is none of it
            live = situation.run(whole).json()
            saved = save(situation, portroom, path, "--netns", "all")
            if live["gaps"] == situation.run(whole).json()["gaps"]:
                break
        claims = [[gap for gap in situation.run([portroom, "range", "--json"]).json()["gaps"]
                   if gap["affects"] == ["claims"]],
                  [gap for gap in run([portroom, "range", "--json", "--on", path]).json()["gaps"]
                   if gap["affects"] == ["claims"]]]
        read = run([portroom, "check", "--json", "--on", path]).json()
    tap.ok(made.status == 0 and saved.status == 0 and claims[0] and claims[0] == claims[1],
           "claims: range tells what it could not read, live and from a file", made, claims)
    tap.ok(read["gaps"] == live["gaps"] and read["verdict"] == live["verdict"],
           "claims: the verdict does not", read["gaps"], live["gaps"])


def try_several(tap, portroom, files):
    """Of several the latest is judged, whatever their order; what is no snapshot is told."""
    folder, times = files.path("several"), []
    os.mkdir(folder)
    for name in "cab":
        run([portroom, "save", os.path.join(folder, name + ".json")])
        with open(os.path.join(folder, name + ".json")) as file:
            times.append(json.load(file)["machine"]["time_ms"])
    for words in (["read", folder], ["check", "--on", folder + "/b.json", "--on", folder + "/c.json"],
                  ["read", folder + "/b.json", folder + "/a.json"]):
        read = run([portroom] + words + ["--json"]).json()
        stamp = "%03d" % (times[2] % 1000)
        tap.ok(read["time"].endswith(stamp + "Z"), "several: the latest of " + " ".join(words[:1]), read["time"], times)


def renamed(path, to, name):
    """The same, of another machine."""
    with open(path) as file:
        saved = json.load(file)
    saved["machine"]["host_name"] = name
    with open(to, "w") as file:
        json.dump(saved, file)


def try_hosts(tap, portroom, files):
    """Snapshots of two machines are no trend of one, and a trace of another one is told."""
    folder = files.path("hosts")
    os.mkdir(folder)
    own, other, trace = (os.path.join(folder, name) for name in ("own.json", "other.json", "trace.jsonl"))
    run([portroom, "save", other])
    run([portroom, "save", own])
    renamed(other, other, "portroom-elsewhere")
    document = run([portroom, "read", own, other, "--json"]).json()
    told = [entry for entry in document["evidence"]["artefacts"] if entry["file"].endswith("other.json")]
    tap.ok(len(told) == 1 and "host portroom-elsewhere" in (told[0]["why_not"] or ""),
           "hosts: the snapshot of the other machine is left out, and why is told", told)
    run([portroom, "trace", "--for", "200ms", "--save", trace])
    with open(trace) as file:
        host = json.loads(file.readline())["host"]
    tap.ok(host["name"] == os.uname().nodename and host["kernel"] == os.uname().release,
           "hosts: a trace says which machine it is of", host)
    for path, named in ((own, False), (other, True)):
        document = run([portroom, "read", path, trace, "--json"]).json()
        gaps = [gap["why"] for gap in document["gaps"] if gap["what"] == "whether the files are of one machine"]
        tap.ok(bool(gaps) == named and all("portroom-elsewhere" in why for why in gaps),
               "hosts: a snapshot and a trace of %s" % ("two machines" if named else "one"), document["gaps"])


def try_refused(tap, portroom, files):
    path = files.path("refused.json")
    run([portroom, "save", path])
    for words in (["trace"], ["watch"], ["probe", "127.0.0.1:1"], ["close", "--port", "1"], ["save", "x"],
                  ["explain", "EADDRNOTAVAIL"], ["range", "set", "--first", "20000", "--last", "20999"],
                  ["check", "--sample", "1s"], ["check", "--root", "/proc"],
                  ["check", "--passive"], ["check", "--no-bpf"], ["check", "--source", "sock_diag"],
                  ["room", "127.0.0.1:80", "--dev", "lo"]):
        answer = run([portroom] + words + ["--on", path])
        tap.ok(answer.status in (1, 2, 3) and answer.err.count("\n") == 1 and not answer.out,
               "refused: %s --on" % " ".join(words), answer)
    for words in ([], [path, "other"], [path], [files.path("no/such/folder.json")], ["/"], [""]):
        answer = run([portroom, "save"] + words)
        tap.ok(answer.status in (1, 2) and answer.err.count("\n") == 1 and not answer.out,
               "refused: save %s" % " ".join(os.path.basename(word) for word in words), answer)


# ---- bad files ----


def spoil(text):
    """Names, and what must not be taken."""
    document = json.loads(text)
    yield "empty", ""
    yield "no JSON", "netstat -an"
    yield "an array", "[]"
    yield "a number", "1"
    yield "another schema", text.replace("portroom.snapshot/1", "portroom.snapshot/2", 1)
    yield "the answer of check", '{"schema": "portroom.check/1"}'
    for part in (0.1, 0.5, 0.9, 0.999):
        yield "cut off at %g" % part, text[:int(len(text) * part)]
    for table in document:
        if isinstance(document[table], list):
            yield "without " + table, json.dumps({key: document[key] for key in document if key != table})
            yield table + " as text", json.dumps({**document, table: "none"})
            yield table + " of numbers", json.dumps({**document, table: [1]})
    for table, key, value in (("holdings", "namespace", 99), ("holdings", "owner", 10 ** 6),
                              ("holdings", "ports", "0-70000"), ("holdings", "ports", ""),
                              ("holdings", "sockets", 0), ("holdings", "sockets", 4294967295),
                              ("holdings", "state", "asleep"),
                              ("holdings", "local", "localhost"), ("holdings", "remote_port", 65536),
                              ("holdings", "remote_port", -1), ("holdings", "remote_port", "80"),
                              ("namespaces", "range", "60999-32768"), ("namespaces", "range", "1-99999999999"),
                              ("namespaces", "inode", "many"), ("namespaces", "inode", "99999999999999999999999"),
                              ("namespaces", "name", None), ("namespaces", "addresses", [7]),
                              ("namespaces", "time_waits", 1e300), ("namespaces", "conntrack_limit", 2 ** 63 - 1),
                              ("namespaces", "tw_reuse_delay_ms", 2 ** 31), ("processes", "pid", 2 ** 40),
                              ("sources", "milliseconds", -5), ("sources", "used", 1)):
        broken = json.loads(text)
        broken[table][0][key] = value
        if table == "holdings" and key == "owner":
            broken[table][0]["owner_kind"] = "process"
        yield "%s.%s is %s" % (table, key, value), json.dumps(broken)
    twice = json.loads(text)
    twice["holdings"] *= 2
    yield "a holding twice", json.dumps(twice)
    yield "deep", "[" * 100000 + "]" * 100000
    yield "deep within", json.dumps(document)[:-1] + ', "later": ' + "[" * 50000 + "]" * 50000 + "}"
    yield "ports again and again", text.replace('"known_bind": "', '"known_bind": "' + "1-65535," * 20000, 1)
    many = json.loads(text)
    many["gaps"] = [{"what": "gap %d" % i, "why": "", "remedy": None, "effect": "room", "namespace": None}
                    for i in range(60000)]
    yield "many gaps", json.dumps(many)
    crowds = json.loads(text)
    crowds["holdings"] = [{**crowds["holdings"][0], "remote_port": 1000 + i, "sockets": 1 << 22} for i in range(8)]
    yield "more sockets than a machine has", json.dumps(crowds)


def try_bad_files(tap, portroom, program, files):
    with Situation(program, "destination_full") as situation:
        good = files.path("good.json")
        save(situation, portroom, good, "--netns", "own")
    with open(good, encoding="utf-8") as file:
        text = file.read()
    path = files.path("bad.json")
    for name, content in spoil(text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        answer = run([portroom, "check", "--on", path])
        tap.ok(answer.status == 3 and answer.err.count("\n") == 1 and path in answer.err and not answer.out,
               "bad file: " + name, answer)
    os.mkdir(files.path("empty"))
    for what, where in (("an empty folder", files.path("empty")), ("nothing", files.path("nothing.json"))):
        answer = run([portroom, "check", "--on", where])
        tap.ok(answer.status == 3 and answer.err.count("\n") == 1 and not answer.out, "bad file: " + what, answer)
    endless = run([portroom, "check", "--on", "/dev/zero"])
    tap.ok(endless.status == 3 and endless.err.count("\n") == 1, "bad file: one without an end", endless)
    document = json.loads(text)
    document["processes"][0]["name"] = "\x1b[31m\x07\udcff evil"
    document["later"] = {"key": [1, {"a": None}]}
    document["machine"]["later"] = "unknown"
    with open(path, "w", encoding="utf-8", errors="surrogatepass") as file:
        file.write(json.dumps(document))
    answer = run([portroom, "check", "--on", path, "--color", "never"])
    tap.ok(answer.status == 2 and "\x1b" not in answer.out and "\x07" not in answer.out,
           "a hostile name is written safely, keys of a later release are passed over", answer)


# ---- the worst moments ----


def names_in(folder):
    return sorted(os.listdir(folder))


def try_worst(tap, portroom, program, files):
    folder = files.path("worst")
    os.mkdir(folder)
    path = os.path.join(folder, "a.json")
    full = run([portroom, "save", "/dev/full"])
    tap.ok(full.status == 1 and full.err.count("\n") == 1 and "No space left" in full.err and not full.out,
           "worst: a full device", full)
    full = run(["sh", "-c", 'exec "$0" save - >/dev/full', portroom])
    tap.ok(full.status == 1 and full.err.count("\n") == 1 and "No space left" in full.err,
           "worst: a full standard output, said once", full)
    run(["mount", "-t", "tmpfs", "-o", "size=4k", "portroom", folder])
    filler = os.open(os.path.join(folder, "filler"), os.O_WRONLY | os.O_CREAT)
    os.write(filler, bytes(4096))
    os.close(filler)
    full = run([portroom, "save", path])
    tap.ok(full.status == 1 and full.err.count("\n") == 1 and "No space left" in full.err and names_in(folder) == ["filler"],
           "worst: a full disk, and nothing half-written remains", full, names_in(folder))
    run(["umount", folder])
    disk = os.path.join(folder, "disk")
    os.mknod(disk, stat.S_IFBLK | 0o600, os.makedev(7, 250))
    refused = run([portroom, "save", disk])
    tap.ok(refused.status == 1 and "exists" in refused.err, "worst: a disk is not written over", refused)
    os.unlink(disk)
    closed = run([portroom, "save", "-"], stdout=subprocess.DEVNULL)
    tap.ok(closed.status == 0, "worst: nobody reads", closed)
    saved = run([portroom, "save", path])
    tap.ok(saved.status == 0 and os.stat(path).st_mode & 0o777 == 0o600, "worst: only its owner may read it", saved)
    again = run([portroom, "save", path])
    tap.ok(again.status == 1 and names_in(folder) == ["a.json"], "worst: a file is not written over", again)
    few = run(["sh", "-c", 'ulimit -n 16; exec "$@"', "sh", portroom, "save", os.path.join(folder, "few.json")])
    tap.ok(few.status == 0, "worst: few descriptors", few)
    os.unlink(os.path.join(folder, "few.json"))
    try_killed(tap, portroom, program, folder)
    try_stranger(tap, portroom, folder)
    with Situation(program, "nothing_free") as situation:
        saved = save(situation, portroom, os.path.join(folder, "zero.json"), "--netns", "own")
        read = run([portroom, "check", "--on", os.path.join(folder, "zero.json")])
        tap.ok(saved.status == 0 and read.status == 2, "worst: no port is free", saved, read)


def try_killed(tap, portroom, program, folder):
    """At moments spread over its life: the file is whole or not there."""
    before = names_in(folder)
    whole = killed = 0
    with Situation(program, "destination_full"):
        for step in range(30):
            path = os.path.join(folder, "k%d.json" % step)
            with subprocess.Popen([portroom, "save", path], stdout=subprocess.DEVNULL) as process:
                time.sleep(step / 1000)
                process.send_signal(signal.SIGKILL)
            killed += process.returncode == -signal.SIGKILL
            if os.path.exists(path):
                whole += run([portroom, "check", "--on", path]).status in (0, 1, 2)
                os.unlink(path)
                before = before if names_in(folder) == before else None
    tap.ok(killed > 0 and names_in(folder) == before, "worst: killed, it leaves no part of a file", killed, whole,
           names_in(folder))


def try_stranger(tap, portroom, folder):
    os.chmod(folder, 0o777)
    path = os.path.join(folder, "stranger.json")

    def become_nobody():
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    own = os.path.join(folder, "portroom")
    shutil.copy(portroom, own)
    os.chmod(own, 0o755)
    saved = run([own, "save", path], preexec_fn=become_nobody)
    read = run([portroom, "check", "--json", "--on", path])
    tap.ok(saved.status == 0 and read.status in (0, 1, 2, 3) and read.json()["gaps"],
           "worst: without privileges, with what could not be seen", saved, read)
    os.unlink(own)


def main(words):
    schemas = Schemas(take_option(words, "--schema-dir"))
    if len(words) < 2:
        sys.exit(__doc__)
    portroom, program = (os.path.abspath(word) for word in words[:2])
    chosen = words[2:]
    tap = Tap()
    need_root(tap)
    folder = tempfile.mkdtemp(prefix="portroom-save-")
    os.chmod(folder, 0o755)
    files = Files(folder)
    others = {"many": (try_many, portroom, program, files),
              "commands": (try_commands, portroom, program, files, schemas),
              "claims": (try_claims, portroom, program, files),
              "several": (try_several, portroom, files),
              "hosts": (try_hosts, portroom, files),
              "refused": (try_refused, portroom, files),
              "bad_files": (try_bad_files, portroom, program, files),
              "worst": (try_worst, portroom, program, files)}
    try:
        for name in chosen or names(program) + list(others):
            if name in others:
                guard(tap, name, others[name][0], tap, *others[name][1:])
            else:
                guard(tap, name, try_situation, tap, portroom, program, name, files, schemas)
    finally:
        shutil.rmtree(folder)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
