#!/usr/bin/env python3
"""`./dev bench` works, and compares only what may be compared. Its figures are not judged here.

    test_bench.py RUN PORTROOM LOAD MEASURE CHURN SYSCALLS TABLES

The loads are tiny. Where a wrong program under test is needed, a script stands in for it.
"""

import json
import os
import shutil
import sys
import tempfile

from live import Tap, guard, need_root, run

TIMEOUT_S = 400  # a slow machine waits a minute for the end of TIME_WAIT, perhaps twice
CONNECTIONS, TIME_WAIT, NAMESPACES = 60, 240, 3
TINY = ["--established", str(CONNECTIONS), "--time-wait", str(TIME_WAIT),
        "--namespaces", str(NAMESPACES), "--runs", "1", "--quiet-runs", "2", "--settle", "1",
        "--timeout", "15", "--churn-seconds", "0.2", "--evidence-mib", "2"]
JUDGED = {"reached", "missed"}


class Bench:
    """The harness with its programs."""

    def __init__(self, script, portroom, programs, folder):
        self.script, self.portroom, self.programs = script, portroom, programs
        self.json = os.path.join(folder, "results.json")
        self.folder = folder

    def run(self, *options, portroom=None):
        """How it ended, and its results (None if there are none)."""
        if os.path.exists(self.json):
            os.unlink(self.json)
        answer = run(["python3", self.script, "--portroom", portroom or self.portroom,
                      "--programs", self.programs, "--json", self.json, *TINY, *options],
                     timeout_s=TIMEOUT_S)
        if not os.path.exists(self.json):
            return answer, None
        with open(self.json, encoding="utf-8") as file:
            return answer, json.load(file)

    def stand_in(self, script):
        path = os.path.join(self.folder, "stand-in")
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + script)
        os.chmod(path, 0o755)
        return path


def whole(tap, bench):
    missing = [word for tool in ("lsof", "netstat") if not shutil.which(tool)
               for word in ("--skip", tool)]
    answer, results = bench.run("--only", "owners,no-owners,no-bpf,namespaces,memory", *missing)
    if not tap.ok(results and answer.status == 0, "loads are made and tools measured", answer):
        return
    one, many = (results["loads"][key] for key in ("one", "many"))
    tap.ok(one["about"]["namespaces"] == 1 and many["about"]["namespaces"] == NAMESPACES and
           all(load["about"]["time_wait"] == TIME_WAIT and
               load["about"]["connections"] == CONNECTIONS for load in (one, many)),
           "the loads are as large as was asked for", one["about"], many["about"])
    tap.ok(len(one["tools"]) >= 5 and
           all(tool.get("all_seen") for tool in one["tools"].values()),
           "in one namespace every tool sees what the kernel counts", one["tools"])
    # Others on this machine have sockets, too: there may be more.
    tap.ok(len(many["tools"]) == 3 and
           all(tool.get("sockets", 0) >= 2 * CONNECTIONS + TIME_WAIT
               for tool in many["tools"].values()),
           "in many namespaces every tool sees all sockets of the load", many["tools"])
    tap.ok(all(load["tools"]["portroom check"]["memory_mib"] >=
               load["tools"]["portroom check"]["rss_mib"] > 0 for load in (one, many)),
           "memory with BPF maps is at least what is resident", one["tools"], many["tools"])
    tap.ok({"ss -tan", "ss -tanp", "portroom check --no-bpf"} <=
           {name for name, tool in one["tools"].items() if "ratio" in tool},
           "a ratio stands where both saw the same", one["tools"])
    tap.ok(len(results["figures"]) > 8 and
           all(row["verdict"] == "not at full size" for row in results["figures"]),
           "figures about the full load are not judged under a small one", results["figures"])
    tap.ok(all(row["figure"] in answer.out for row in results["figures"]) and
           "in 3 network namespaces" in answer.out, "the tables have every figure", answer)


def quiet(tap, bench):
    answer, results = bench.run("--only", "quiet")
    if not tap.ok(results and len(results["quiet"]) == 3, "the quiet machine is measured", answer):
        return
    by_source = {tool.get("source") for tool in results["quiet"].values()}
    tap.ok(by_source & {"bpf_tables", "sock_diag"}, "portroom tells which source it chose",
           results["quiet"])
    for row in results["figures"]:
        tap.ok(row["verdict"] in JUDGED or row["why_not"],
               f"{row['figure']}: judged, or the reason told", row)
    tap.ok(answer.status == any(row["verdict"] != "reached" for row in results["figures"]),
           "the exit status says whether every figure was reached", answer)


def evidence(tap, bench):
    answer, results = bench.run("--only", "evidence")
    if not tap.ok(results and answer.status == 0, "files of another machine are read", answer):
        return
    for name, result in results["evidence"].items():
        ours = result["portroom"]
        tap.ok(ours.get("all_seen") and ours["records"] > 100 and ours["mb_s"] > 0,
               f"{name}: every record that was written is read", ours)
    tap.ok(results["evidence"]["netstat"].get("ratio", 0) > 0,
           "a ratio stands where everything was read", results["evidence"]["netstat"])
    tap.ok({row["verdict"] for row in results["figures"]} == {"not at full size"} and
           all(row["figure"] in answer.out for row in results["figures"]),
           "figures about large files are not judged by small ones", results["figures"])
    portroom = bench.stand_in(
        """echo '{"evidence": {"artefacts": [{"records": 7}]}}'""")
    _, results = bench.run("--only", "evidence", portroom=portroom)
    tap.ok(all(not result["portroom"]["all_seen"] and "ratio" not in result
               for result in results["evidence"].values()) and
           all(row["measured"] is None for row in results["figures"]),
           "neither a ratio nor a figure where something was not read", results["figures"])


def no_ratio(tap, bench):
    portroom = bench.stand_in(
        """echo '{"sources": [{"name": "sock_diag", "used": true, "sockets": 7}]}'""")
    answer, results = bench.run("--only", "no-owners", portroom=portroom)
    tools = results["loads"]["one"]["tools"]
    tap.ok(tools["ss -tan"]["all_seen"] and "ratio" not in tools["ss -tan"] and
           not tools["portroom list --no-owners"]["all_seen"],
           "no ratio where the program under test sees other sockets", tools)
    measured = [row for row in results["figures"] if "against" in row["figure"]]
    tap.ok([row["measured"] for row in measured] == [None], "nor a figure", measured, answer)


def not_measured(tap, bench):
    portroom = bench.stand_in("echo 'portroom: it does not want to' >&2; exit 3\n")
    answer, results = bench.run("--only", "ledger,syscalls", portroom=portroom)
    tap.ok(answer.status == 1 and
           all(row["verdict"] == "not measured" and "it does not want to" in row["why_not"] and
               row["why_not"] in answer.out for row in results["figures"]),
           "what cannot be measured is a row with its reason, and status 1", answer)


def usage(tap, bench):
    for options, named in ((["--only", "owners,nonsense"], "nonsense"),
                           (["--runs", "0"], "--runs"), (["--namespaces", "1"], "--namespaces"),
                           (["--portroom", "/nowhere"], "/nowhere")):
        answer, results = bench.run(*options)
        tap.ok(answer.status == 2 and named in answer.err and not results,
               f"{' '.join(options)} is wrong usage", answer)


def programs(tap, churn, syscalls, tables):
    answer = run([churn, "-e", "-s", "0.2"])
    tap.ok(answer.status == 0 and answer.json()["cycles"] > 100 and answer.json()["empty_ns"] > 0,
           "churn makes connections, and a BPF program sees them", answer)
    answer = run([syscalls])
    tap.ok(answer.status == 0 and 1 < answer.json()["ns"] < 1e6, "a system call takes some time",
           answer)
    answer = run([tables])
    tap.ok(answer.status == 0 and answer.json()["rows"] == answer.json()["sockets"] == 50000,
           "every row of Windows' tables becomes a socket", answer)


def main(script, portroom, load, measure, churn, syscalls, tables):
    tap = Tap()
    need_root(tap)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(script, portroom, os.path.dirname(load), folder)
        guard(tap, "a whole run", whole, tap, bench)
        guard(tap, "a quiet machine", quiet, tap, bench)
        guard(tap, "files of another machine", evidence, tap, bench)
        guard(tap, "a program that sees other sockets", no_ratio, tap, bench)
        guard(tap, "a program that refuses", not_measured, tap, bench)
        guard(tap, "wrong usage", usage, tap, bench)
        guard(tap, "the programs", programs, tap, churn, syscalls, tables)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
