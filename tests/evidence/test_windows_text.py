#!/usr/bin/env python3
"""What windows_text.py makes is read alike in every language and encoding, and as far as it goes when it is cut.

    test_windows_text.py PORTROOM
"""

import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "live"))

import windows_text as made
from live import Tap, run

PORTROOM = sys.argv[1]
STATES = {"Listen": "listen", "Bound": "bound", "Established": "established", "CloseWait": "close_wait",
          "TimeWait": "time_wait", "SynSent": "syn_sent"}


def write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def read(*paths):
    done = run([PORTROOM, "read", *paths, "--json"])
    return json.loads(done.out) if done.out else {"error": done.err}


# A port that is bound and connected is held once.
def expected_sockets():
    held = {}
    connected = {(row[1], row[6]) for row in made.CONNECTIONS if row[4] not in ("Bound", "TimeWait")}
    for row in made.CONNECTIONS:
        if row[4] != "Bound" or (row[1], row[6]) not in connected:
            state = STATES[row[4]]
            held[state] = held.get(state, 0) + 1
    return held


def sockets_of(path):
    done = run([PORTROOM, "list", "--on", path, "--tcp", "--by", "state", "--json"])
    rows = json.loads(done.out)["rows"] if done.out else []
    return {row["state"]: row["count"] for row in rows}


def check_ranges(answer, told):
    wrong = []
    for row in answer["ranges"]:
        want = made.RANGES[row["protocol"], row["family"]]
        if "ranges" in told and (row["first"], row["ports"]) != want:
            wrong.append(f"{row} is not {want}")
        if "excluded" in told and row["family"] == "ipv4":
            ports = sum(last - first + 1 for first, last, _ in made.EXCLUDED[row["protocol"]]
                        if row["first"] <= first <= row["last"])
            if row["reserved"] != ports:
                wrong.append(f"{row}: {ports} ports are excluded")
    return wrong


def check_processes(answer, told):
    wrong, rows = [], {row["pid"]: row for row in answer["processes"]}
    for pid, name, handles, _, services in made.PROCESSES:
        row = rows.get(pid, {})
        want = name.removesuffix(".exe") if "short" in told else name
        if row.get("name") != want:
            wrong.append(f"pid {pid} is {row.get('name')}, not {want}")
        if "handles" in told and row.get("descriptors") != handles:
            wrong.append(f"pid {pid} has {row.get('descriptors')} handles, not {handles}")
        if "services" in told and (row.get("unit") or "") != services:
            wrong.append(f"pid {pid} runs {row.get('unit')}, not {services}")
    return wrong


def check_counted(answer):
    want = {}
    for row in made.CONNECTIONS:
        key = (STATES[row[4]], row[6] or None)
        want[key] = want.get(key, 0) + 1
    got = {(row["state"], row["pid"]): row["sockets"] for row in answer["evidence"]["counted"]}
    return [] if got == want else [f"counted {got}, not {want}"]


def problems(folder, listing, form, data):
    """What is wrong in what is read of one file, beside a listing that names the pids."""
    told, path = made.FORMS[form][1], write(folder, "file", data)
    answer = read(path, listing) if "names" in told else read(path)
    if "error" in answer:
        return [answer["error"]]
    wrong = [f"{row['kind']}: {row['why_not']}" for row in answer["evidence"]["artefacts"] if row["why_not"]]
    wrong += check_ranges(answer, told)
    facts = answer["evidence"].get("listing") or {}
    if "tcp" in told and sockets_of(path) != expected_sockets():
        wrong.append(f"{sockets_of(path)} is not {expected_sockets()}")
    if "udp" in told and sum(row["records"] for row in answer["evidence"]["artefacts"]) != 3:
        wrong.append("not three endpoints")
    if "names" in told:
        wrong += check_processes(answer, told)
    if "counted" in told:
        wrong += check_counted(answer)
    if "host" in told and answer["host"]["name"] != made.HOST:
        wrong.append(f"the host is {answer['host']['name']}")
    if "build" in told and facts.get("build") != made.BUILD:
        wrong.append(f"the build is {facts.get('build')}")
    if "delay" in told and facts.get("timed_wait_delay_s") != made.DELAY:
        wrong.append(f"ports wait {facts.get('timed_wait_delay_s')} s")
    return wrong


def check_form(tap, folder, listing, form):
    seen, wrong = {}, []
    for language in made.LANGUAGES:
        for encoding in made.ENCODINGS:
            data = made.make(form, language, encoding)
            if data is None or data in seen:
                continue
            seen[data] = True
            wrong += [f"{language}, {encoding}: {line}" for line in
                      problems(folder, listing, form, data)]
    tap.ok(seen and not wrong, f"{form}: read alike in {len(seen)} languages and encodings", *wrong[:8])


# Cut at any byte, a file is read or refused with a sentence, and never worse.
def check_cut(tap, folder, form):
    wrong = []
    for encoding in ("oem", "utf-16le-mark"):
        data = made.make(form, "en", encoding)
        for part in range(1, 12):
            path = write(folder, "cut", data[:len(data) * part // 12])
            done = run([PORTROOM, "read", path, "--json"])
            if done.status < 0 or not (done.out or done.err):
                wrong.append(f"{encoding}, {part}/12: ended with {done.status}")
    tap.ok(not wrong, f"{form}: cut anywhere it is read or refused", *wrong[:8])


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        listing = write(folder, "listing", made.make("tcp-csv"))
        for form in made.FORMS:
            check_form(tap, folder, listing, form)
            check_cut(tap, folder, form)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
