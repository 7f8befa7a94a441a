"""What portroom costs others while it watches: connections, and unrelated system calls.

A portroom that samples or traces runs in the background. Which BPF programs are its own, and
attached, is read from its descriptors; the kernel adds up their time while `churn` makes
connections.
"""

import glob
import json
import re
import statistics
import subprocess
import tempfile
import time

from measuring import last_line
from tools import BESIDE, SAMPLE

ATTACHED_WITHIN_S = 5
SETTLED_LOOKS = 4  # as many looks in a row find the same programs
LOOK_S = 0.05
SPARE_S = 5  # that portroom goes on for when the measurement should be over
TURNS_A_RUN = 2  # of system calls, which are quick


class NotMeasured(Exception):
    """Its text is the reason."""


class Beside:
    """A portroom that runs until the block ends."""

    def __init__(self, options, name, seconds):
        arguments = BESIDE[name](int(seconds + ATTACHED_WITHIN_S + SPARE_S))
        self.said = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen([options.portroom, *arguments], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=self.said)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.process.terminate()
        self.process.wait()
        self.said.close()

    def must_run(self):
        if self.process.poll() is None:
            return
        self.said.seek(0)
        raise NotMeasured(f"exit {self.process.returncode}: {last_line(self.said.read())}")

    def attached(self):
        """Numbers of the BPF programs that a link of its attaches (Linux kernel/bpf/syscall.c,
        bpf_link_show_fdinfo()); those that it only runs have none."""
        numbers = set()
        for path in glob.glob(f"/proc/{self.process.pid}/fdinfo/*"):
            try:
                with open(path, encoding="ascii") as file:
                    text = file.read()
            except OSError:
                continue  # closed meanwhile
            if "link_type:" in text:
                numbers |= set(re.findall(r"^prog_id:\s*(\d+)", text, re.MULTILINE))
        return numbers

    def wait_attached(self):
        until, looks = time.monotonic() + ATTACHED_WITHIN_S, [set()]
        while not looks[-1] or looks[-SETTLED_LOOKS:] != SETTLED_LOOKS * looks[-1:]:
            self.must_run()
            if time.monotonic() > until:
                raise NotMeasured(f"no BPF program attached within {ATTACHED_WITHIN_S} s")
            time.sleep(LOOK_S)
            looks.append(self.attached())
        return looks[-1]


def ask(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise NotMeasured(f"{command[0]}: {last_line(done.stderr)}")
    return json.loads(done.stdout)


def spent_by(programs):
    """Name, time and calls of each program, as the kernel has counted them up to now."""
    spent = {}
    for number in programs:
        shown = ask(["bpftool", "--json", "prog", "show", "id", number])
        spent[number] = (shown.get("name", number), shown.get("run_time_ns", 0),
                         shown.get("run_cnt", 0))
    return spent


def churn(options, *more):
    return ask([options.churn, "-s", str(options.churn_seconds), *more])


def run_ledger(options):
    """Cycles with portroom beside them."""
    with Beside(options, SAMPLE, options.churn_seconds) as portroom:
        programs = portroom.wait_attached()
        before = spent_by(programs)
        cost = churn(options, "-b")
        portroom.must_run()
        after = spent_by(programs)
    cost["programs"] = {after[number][0]: (after[number][1] - before[number][1]) / cost["cycles"]
                        for number in programs}
    cost["calls"] = sum(after[number][2] - before[number][2] for number in programs)
    return cost


def measure_ledger(options):
    """Medians over runs in turns: BPF time, and the whole cycle with portroom and without."""
    alone, empty, beside = [], [], []
    try:
        for _ in range(options.runs):
            alone.append(churn(options))
            empty.append(churn(options, "-e"))
            beside.append(run_ledger(options))
    except NotMeasured as reason:
        return {"error": str(reason)}

    def median(runs, value):
        return statistics.median(value(run) for run in runs)

    return {
        "bpf_us": median(beside, lambda run: sum(run["programs"].values())) / 1000,
        "empty_us": median(empty, lambda run: run["empty_ns"] / run["cycles"]) / 1000,
        "calls": median(beside, lambda run: run["calls"] / run["cycles"]),
        "cycle_us": median(beside, lambda run: run["cpu_s"] / run["cycles"] * 1e6),
        "cycle_alone_us": median(alone, lambda run: run["cpu_s"] / run["cycles"] * 1e6),
        "cycles": sum(run["cycles"] for run in beside),
        "runs": len(beside),
        "programs_us": {name: ns / 1000 for name, ns in beside[-1]["programs"].items()},
    }


def measure_syscalls_beside(options, name):
    """Control and portroom in turns. Noise is how far the control's own runs lie apart."""
    control, beside = [], []
    try:
        for _ in range(TURNS_A_RUN * options.runs):
            control.append(ask([options.syscalls])["ns"])
            with Beside(options, name, 1) as portroom:
                portroom.wait_attached()
                beside.append(ask([options.syscalls])["ns"])
                portroom.must_run()
        control.append(ask([options.syscalls])["ns"])
    except NotMeasured as reason:
        return {"error": str(reason)}
    added = statistics.median(beside) - statistics.median(control)
    noise = max(control) - min(control)
    return {"control_ns": statistics.median(control), "beside_ns": statistics.median(beside),
            "added_ns": added, "noise_ns": noise, "ratio": added / max(noise, 0.01),
            "runs": len(beside)}


def measure_syscalls(options):
    return {name: measure_syscalls_beside(options, name) for name in BESIDE}


def measure_windows(options):
    try:
        return ask([options.windows_tables])
    except NotMeasured as reason:
        return {"error": str(reason)}
