#!/usr/bin/env python3
"""Measures portroom against ss, lsof and netstat under reproducible loads, then on a quiet machine,
what it costs others while it watches, and how fast it reads what another machine left.

Exit status: 0 every figure was reached, 1 one was missed or could not be measured, 2 wrong usage.
docs/performance.md tells how to read the output.
"""

import argparse
import datetime
import json
import os
import sys
import tempfile

sys.dont_write_bytecode = True  # leave nothing behind in the source tree
from beside import measure_ledger, measure_syscalls, measure_windows
from evidence import measure_evidence
from measuring import (Failure, Load, measure_memory, measure_quiet, measure_tool, say,
                       wait_until_quiet)
from tables import print_all
from tools import (FIGURES, FULL_CONNECTIONS, FULL_EVIDENCE_MIB, FULL_NAMESPACES, FULL_TIME_WAIT,
                   ROWS, SETUPS)

PROGRAMS = ("load", "measure", "churn", "syscalls", "windows_tables")  # built beside each other
FEWEST_NAMESPACES = 2  # of many


def wanted_tools(setup, options):
    return [tool for tool in setup.tools
            if set(tool.rows) & options.rows and tool.of not in options.skip]


def measure_setup(setup, tools, options, output):
    namespaces = 1 if setup.inside else options.namespaces
    say(f"making {options.established:,} connections and {options.time_wait:,} TIME_WAIT in "
        f"{namespaces:,} namespace(s) ...")
    load, results = Load(options, namespaces), {}
    try:
        about = load.about() | {"destinations": options.destinations}
        for tool in tools:
            say(f"{tool.name} ...")
            pid = load.pid if setup.inside else None
            result = measure_tool(tool, options, load, pid, output)
            if "memory" in set(tool.rows) & options.rows and "error" not in result:
                result |= measure_memory(tool, options, load, pid, result)
            results[tool.name] = result
    finally:
        load.end()
    return {"about": about, "tools": results}


def add_ratios(setup, tools):
    """A ratio only where both tools saw what there was to see."""
    for tool in setup.tools:
        result, ours = tools.get(tool.name, {}), tools.get(tool.against, {})
        if result.get("all_seen") and ours.get("all_seen"):
            result["ratio"] = result["wall_s"] / ours["wall_s"]


def measure_loads(options, output):
    loads = {}
    for setup in SETUPS:
        tools = wanted_tools(setup, options)
        if tools:
            loads[setup.key] = measure_setup(setup, tools, options, output)
            add_ratios(setup, loads[setup.key]["tools"])
    return loads


def measure(options, output):
    results = {
        "schema": "portroom.bench/3",
        "time": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "host": {"kernel": os.uname().release, "machine": os.uname().machine,
                 "cpus": os.cpu_count()},
        "loads": measure_loads(options, output),
        "evidence": {}, "windows": {}, "quiet_idle": None, "quiet": {}, "ledger": {}, "syscalls": {},
    }
    if "evidence" in options.rows:
        results["evidence"] = measure_evidence(options, os.path.dirname(output), say)
    if "windows" in options.rows:
        say("tables of Windows ...")
        results["windows"] = measure_windows(options)
    if options.rows & {"quiet", "ledger", "syscalls"}:
        say("waiting for a quiet machine ...")
        results["quiet_idle"] = wait_until_quiet(options.settle)
    if "quiet" in options.rows:
        say("quiet machine ...")
        results["quiet"] = measure_quiet(options, output)
    if "ledger" in options.rows:
        say("connections beside portroom ...")
        results["ledger"] = measure_ledger(options)
    if "syscalls" in options.rows:
        say("system calls beside portroom ...")
        results["syscalls"] = measure_syscalls(options)
    return results


def is_full(setup, options):
    """Whether the load is the one that the figures are about."""
    if setup == "evidence":
        return options.evidence_mib >= FULL_EVIDENCE_MIB
    if setup == "many" and options.namespaces < FULL_NAMESPACES:
        return False
    return options.established >= FULL_CONNECTIONS and options.time_wait >= FULL_TIME_WAIT


def judge(results, options):
    judged = []
    for figure in FIGURES:
        if figure.row not in options.rows:
            continue
        value, why_not = figure.find(results)
        if figure.setup and not is_full(figure.setup, options):
            verdict, why_not = "not at full size", None
        elif value is None:
            verdict = "not measured"
        else:
            verdict = "reached" if figure.reached(value) else "missed"
        judged.append({"row": figure.row, "figure": figure.text, "limit": figure.limit,
                       "unit": figure.unit, "bound": "at least" if figure.at_least else "at most",
                       "measured": value, "verdict": verdict, "why_not": why_not})
    return judged


def positive(text):
    value = float(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def rows(text):
    chosen = set(text.split(","))
    if not chosen <= set(ROWS):
        raise argparse.ArgumentTypeError(
            f"{', '.join(sorted(chosen - set(ROWS)))}: not a row; there are {', '.join(ROWS)}")
    return chosen


def parser_of_options():
    parser = argparse.ArgumentParser(
        prog="./dev bench", allow_abbrev=False,
        description="Measures portroom against ss, lsof and netstat.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="rows:\n" + "\n".join(f"  {name:12} {text}" for name, text in ROWS.items()))
    parser.add_argument("--portroom", required=True, help="the program under test")
    parser.add_argument("--programs", required=True, metavar="FOLDER",
                        help="where load, measure, churn, syscalls and windows_tables are")
    parser.add_argument("--only", type=rows, action="append", metavar="ROW,...",
                        help="measure these rows; may be repeated")
    parser.add_argument("--skip", action="append", default=[], metavar="PROGRAM",
                        help="leave a program out, such as netstat; may be repeated")
    parser.add_argument("--scale", type=positive, default=1.0, metavar="X",
                        help="size of the loads; 1 is %d connections, %d TIME_WAIT and %d "
                        "namespaces" % (FULL_CONNECTIONS, FULL_TIME_WAIT, FULL_NAMESPACES))
    parser.add_argument("--established", type=int, metavar="N", help="connections, instead")
    parser.add_argument("--time-wait", type=int, metavar="M", help="TIME_WAIT, instead")
    parser.add_argument("--namespaces", type=int, metavar="K", help="namespaces, instead")
    parser.add_argument("--destinations", type=int, default=24, metavar="D")
    parser.add_argument("--processes", type=int, metavar="P", help="that hold the connections")
    parser.add_argument("--evidence-mib", type=positive, metavar="MIB",
                        help=f"size of each file that is read ({FULL_EVIDENCE_MIB})")
    parser.add_argument("--runs", type=int, default=5, metavar="N",
                        help="of each fast tool, and beside portroom (5)")
    parser.add_argument("--quiet-runs", type=int, default=30, metavar="N",
                        help="of each tool on the quiet machine (30)")
    parser.add_argument("--settle", type=int, default=60, metavar="SECONDS",
                        help="how long to wait for the machine to be quiet (60)")
    parser.add_argument("--churn-seconds", type=positive, default=2, metavar="SECONDS",
                        help="of connections, each time (2)")
    parser.add_argument("--timeout", type=int, default=150, metavar="SECONDS",
                        help="after which a tool is given up (150)")
    parser.add_argument("--json", metavar="FILE", help="write the results there, too")
    return parser


def parse():
    parser = parser_of_options()
    options = parser.parse_args()
    if min(options.runs, options.quiet_runs, options.timeout) < 1:
        parser.error("--runs, --quiet-runs and --timeout are at least 1")
    if options.established is None:
        options.established = round(FULL_CONNECTIONS * options.scale)
    if options.time_wait is None:
        options.time_wait = round(FULL_TIME_WAIT * options.scale)
    if options.namespaces is None:
        options.namespaces = max(round(FULL_NAMESPACES * options.scale), FEWEST_NAMESPACES)
    if options.evidence_mib is None:
        options.evidence_mib = FULL_EVIDENCE_MIB * options.scale
    if options.namespaces < FEWEST_NAMESPACES:
        parser.error(f"--namespaces is at least {FEWEST_NAMESPACES}")
    options.rows = set().union(*options.only) if options.only else set(ROWS)
    for name in PROGRAMS:
        setattr(options, name, os.path.join(options.programs, name))
    for name in ("portroom", *PROGRAMS):
        path = os.path.abspath(getattr(options, name))
        if not os.access(path, os.X_OK):
            parser.error(f"{path}: not there, or not a program; ./dev build makes it")
        setattr(options, name, path)
    return options


def main():
    options = parse()
    if os.geteuid() != 0:
        raise Failure("a network namespace for the load needs root: run it through sudo.")
    with tempfile.TemporaryDirectory(prefix="portroom-bench-") as folder:
        results = measure(options, os.path.join(folder, "output"))
    results["figures"] = judge(results, options)
    print_all(results)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=2)
            file.write("\n")
    bad = [row for row in results["figures"] if row["verdict"] in ("missed", "not measured")]
    return 1 if bad else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"bench: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
