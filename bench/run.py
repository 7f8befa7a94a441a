#!/usr/bin/env python3
"""Measures portroom against ss, lsof and netstat under a reproducible load, then on a quiet machine.

Exit status: 0 every figure was reached, 1 one was missed or could not be measured, 2 wrong usage.
docs/performance.md tells how to read the output.
"""

import argparse
import datetime
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # leave nothing behind in the source tree
from tools import COUNT_TOLERANCE, FIGURES, QUIET_TOOLS, TOOLS, WITH_OWNERS

FULL_CONNECTIONS = 100_000
FULL_TIME_WAIT = 400_000
FAST_LASTS_S = 8  # TIME_WAIT must outlive the run of a fast tool ...
SLOW_LASTS_S = 46  # ... and of a slow one: nearly all of its 60 s
OTHERS_TOLERANCE = 0.25  # of the processors' time, while a tool runs


class Failure(Exception):
    """Something without which nothing can be measured; its text is a sentence."""


class Load:
    """The running load program."""

    def __init__(self, options):
        command = [options.load, "--established", options.established,
                   "--time-wait", options.time_wait, "--destinations", options.destinations]
        if options.processes:
            command += ["--processes", options.processes]
        started = time.monotonic()
        self.process = subprocess.Popen([str(word) for word in command], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.state = self.answer()
        self.made_in_s = time.monotonic() - started
        self.pid = int(self.state["pid"])

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"the load program ended with status {self.process.wait()}.")
        word, *pairs = line.split()
        return {key: float(value) for key, value in (pair.split("=") for pair in pairs)}

    def refill(self, lasts_s):
        """Makes TIME_WAIT complete, if possible such that none ends for lasts_s."""
        self.process.stdin.write(f"refill {lasts_s}\n")
        self.process.stdin.flush()
        self.state = self.answer()

    def expected(self, only_held):
        """How many sockets the kernel says there are to see."""
        return int(self.state["sockets"] + (0 if only_held else self.state["time_wait"]))

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def measure_once(tool, options, output, pid=None):
    """Runs a tool once. Returns its cost, or {"error": why}."""
    program, *arguments = tool.command
    program = options.portroom if program == "portroom" else program
    if not shutil.which(program):
        return {"error": "not installed"}
    where = ["-n", str(pid)] if pid else []
    done = subprocess.run([options.measure, *where, "-o", output, "-t", str(options.timeout),
                           program, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        return {"error": done.stderr.strip() or "could not be started"}
    cost = json.loads(done.stdout)
    if cost["timed_out"]:
        return {"error": f"not done after {options.timeout} s"}
    if cost["exit"] not in tool.exits:
        said = (done.stderr.strip().splitlines() or ["said nothing"])[-1]
        return {"error": f"exit {cost['exit']}: {said}"}
    return cost


def cpu_times():
    """Clock ticks of all processors since boot: user, nice, system, idle, iowait, ..., steal."""
    with open("/proc/stat", encoding="ascii") as lines:
        return [int(word) for word in lines.readline().split()[1:9]]


def measure_beside_others(tool, options, output, pid):
    """Runs a tool once and adds which share of the processors was taken by anything else."""
    before = cpu_times()
    cost = measure_once(tool, options, output, pid)
    spent = [new - old for new, old in zip(cpu_times(), before)]
    if "error" not in cost and sum(spent) > 0:
        own = cost["cpu_s"] * os.sysconf("SC_CLK_TCK")
        cost["others"] = max(0, sum(spent) - spent[3] - spent[4] - own) / sum(spent)
    return cost


def measure_tool(tool, options, load, output):
    """Measures a tool under the load: once if slow, else the median of several runs."""
    costs = []
    for _ in range(1 if tool.slow else options.runs):
        load.refill(SLOW_LASTS_S if tool.slow else FAST_LASTS_S)
        expected = load.expected(tool.only_held)
        cost = measure_beside_others(tool, options, output, load.pid)
        if "error" in cost:
            return cost
        costs.append(cost)
    try:
        sockets = tool.count(output)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return {"error": f"its output could not be counted ({type(error).__name__}: {error})"}
    return {
        "wall_s": statistics.median(cost["wall_s"] for cost in costs),
        "cpu_s": statistics.median(cost["cpu_s"] for cost in costs),
        "rss_mib": max(cost["rss_kib"] for cost in costs) / 1024,
        "others": statistics.median(cost.get("others", 0) for cost in costs),
        "runs": len(costs),
        "sockets": sockets,
        "expected": expected,
        "all_seen": abs(sockets - expected) <= COUNT_TOLERANCE * expected,
    }


def add_ratios(tools):
    """A ratio only where both tools saw what there was to see."""
    for tool in TOOLS:
        result, ours = tools.get(tool.name, {}), tools.get(tool.against, {})
        if result.get("all_seen") and ours.get("all_seen"):
            result["ratio"] = result["wall_s"] / ours["wall_s"]


def measure_under_load(options):
    results = {}
    print(f"making {options.established:,} connections and {options.time_wait:,} TIME_WAIT ...",
          file=sys.stderr)
    load = Load(options)
    try:
        about = {"connections": int(load.state["connections"]),
                 "sockets": int(load.state["sockets"]),
                 "time_wait": int(load.state["time_wait"]),
                 "processes": int(load.state["processes"]),
                 "destinations": options.destinations,
                 "made_in_s": load.made_in_s}
        with tempfile.TemporaryDirectory(prefix="portroom-bench-") as folder:
            for tool in TOOLS:
                if tool.command[0] in options.skip:
                    continue
                print(f"{tool.name} ...", file=sys.stderr)
                results[tool.name] = measure_tool(tool, options, load,
                                                  os.path.join(folder, "output"))
    finally:
        load.end()
    add_ratios(results)
    return about, results


def wait_until_quiet(limit_s=60):
    """The kernel takes a while to clear a namespace away after its last process."""
    until = time.monotonic() + limit_s
    idle = 0.0
    while idle < 0.9 and time.monotonic() < until:
        before = cpu_times()
        time.sleep(1)
        spent = [new - old for new, old in zip(cpu_times(), before)]
        idle = spent[3] / max(sum(spent), 1)
    return idle


def measure_quiet(options):
    """Tools take turns, so that a noisy second meets all of them; a first round does not count."""
    print("quiet machine ...", file=sys.stderr)
    idle = wait_until_quiet()
    walls, results = {}, {}
    for round_number in range(options.quiet_runs + 1):
        for tool in QUIET_TOOLS:
            if tool.name in results:
                continue
            cost = measure_once(tool, options, "/dev/null")
            if "error" in cost:
                results[tool.name] = cost
            elif round_number > 0:
                walls.setdefault(tool.name, []).append(cost["wall_s"] * 1000)
    for name, wall_ms in walls.items():
        results.setdefault(name, {"median_ms": statistics.median(wall_ms),
                                  "max_ms": max(wall_ms), "runs": len(wall_ms)})
    return idle, results


def judge(results, full_size):
    judged = []
    for figure in FIGURES:
        value = figure.value(results)
        if figure.full_size and not full_size:
            verdict = "not at full size"
        elif value is None:
            verdict = "not measured"
        else:
            verdict = "reached" if figure.reached(value) else "missed"
        judged.append({"figure": figure.text, "limit": figure.limit, "unit": figure.unit,
                       "bound": "at least" if figure.at_least else "at most",
                       "measured": value, "verdict": verdict})
    return judged


def print_load_table(results):
    about = results["load"]
    print(f"\nUnder load: {about['connections']:,} connections held by {about['processes']} "
          f"processes, {about['time_wait']:,} TIME_WAIT,\n{about['destinations']} + "
          f"{about['destinations']} destinations, made in {about['made_in_s']:.1f} s\n")
    print(f"{'tool':26} {'wall s':>8} {'CPU s':>8} {'RSS MiB':>8} {'sockets':>9} {'of':>9} "
          f"{'ratio':>9}")
    for tool in TOOLS:
        result = results["tools"].get(tool.name)
        if result is None:
            continue
        if "error" in result:
            print(f"{tool.name:26} {result['error']}")
            continue
        ratio = f"{result['ratio']:.1f} x" if "ratio" in result else "-"
        print(f"{tool.name:26} {result['wall_s']:8.2f} {result['cpu_s']:8.2f} "
              f"{result['rss_mib']:8.1f} {result['sockets']:9,} {result['expected']:9,} "
              f"{ratio:>9}")
    print(f"\nratio: wall time against the portroom command with the same task ({WITH_OWNERS}: with "
          f"owners);\nnone where a tool's sockets are more than {COUNT_TOLERANCE:.0%} off what the "
          "kernel counted (of).\nlsof shows only sockets that a process holds, so no TIME_WAIT.")
    others = max((result.get("others", 0) for result in results["tools"].values()), default=0)
    if others > OTHERS_TOLERANCE:
        print(f"DISTURBED: other work took {others:.0%} of the processors while a tool ran; "
              "measure again.")


def print_quiet_table(results):
    print(f"\nQuiet machine ({results['quiet_idle']:.0%} idle), start to finish\n")
    print(f"{'tool':26} {'median ms':>10} {'max ms':>8} {'runs':>5}")
    for name, result in results["quiet"].items():
        if "error" in result:
            print(f"{name:26} {result['error']}")
        else:
            print(f"{name:26} {result['median_ms']:10.1f} {result['max_ms']:8.1f} "
                  f"{result['runs']:5}")


def print_figures(figures):
    print(f"\n{'figure':32} {'wanted':>16} {'measured':>11}  verdict")
    for row in figures:
        sign = ">=" if row["bound"] == "at least" else "<="
        wanted = f"{sign} {row['limit']:g} {row['unit']}"
        measured = "-" if row["measured"] is None else f"{row['measured']:.2f} {row['unit']}"
        print(f"{row['figure']:32} {wanted:>16} {measured:>11}  {row['verdict']}")


def positive(text):
    value = float(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def parse():
    parser = argparse.ArgumentParser(prog="./dev bench", allow_abbrev=False,
                                     description="Measures portroom against ss, lsof and netstat.")
    parser.add_argument("--portroom", required=True, help="the program under test")
    parser.add_argument("--load", required=True, help="the load program")
    parser.add_argument("--measure", help="the measuring program (default: beside --load)")
    parser.add_argument("--scale", type=positive, default=1.0, metavar="X",
                        help="size of the load; 1 is %d connections and %d TIME_WAIT"
                        % (FULL_CONNECTIONS, FULL_TIME_WAIT))
    parser.add_argument("--established", type=int, metavar="N", help="connections, instead")
    parser.add_argument("--time-wait", type=int, metavar="M", help="TIME_WAIT, instead")
    parser.add_argument("--destinations", type=int, default=24, metavar="D")
    parser.add_argument("--processes", type=int, metavar="P", help="that hold the connections")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="of each fast tool (5)")
    parser.add_argument("--quiet-runs", type=int, default=30, metavar="N",
                        help="of each tool on the quiet machine (30)")
    parser.add_argument("--timeout", type=int, default=150, metavar="SECONDS",
                        help="after which a tool is given up (150)")
    parser.add_argument("--skip", action="append", default=[], metavar="PROGRAM",
                        help="leave a program out, such as netstat; may be repeated")
    parser.add_argument("--json", metavar="FILE", help="write the results there, too")
    options = parser.parse_args()
    if min(options.runs, options.quiet_runs, options.timeout) < 1:
        parser.error("--runs, --quiet-runs and --timeout are at least 1")
    if options.established is None:
        options.established = round(FULL_CONNECTIONS * options.scale)
    if options.time_wait is None:
        options.time_wait = round(FULL_TIME_WAIT * options.scale)
    if options.measure is None:
        options.measure = os.path.join(os.path.dirname(options.load), "measure")
    for name in ("portroom", "load", "measure"):
        path = os.path.abspath(getattr(options, name))
        if not os.access(path, os.X_OK):
            parser.error(f"{path}: not there, or not a program; ./dev build makes it")
        setattr(options, name, path)
    return options


def main():
    options = parse()
    if os.geteuid() != 0:
        raise Failure("a network namespace for the load needs root: run it through sudo.")
    full_size = (options.established >= FULL_CONNECTIONS and options.time_wait >= FULL_TIME_WAIT)
    about, tools = measure_under_load(options)
    idle, quiet = measure_quiet(options)
    results = {
        "schema": "portroom.bench/1",
        "time": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "host": {"kernel": os.uname().release, "machine": os.uname().machine,
                 "cpus": os.cpu_count()},
        "load": about, "tools": tools, "quiet_idle": idle, "quiet": quiet,
    }
    results["figures"] = judge(results, full_size)
    print_load_table(results)
    print_quiet_table(results)
    print_figures(results["figures"])
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
