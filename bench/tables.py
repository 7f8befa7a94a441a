"""The results as text."""

from tools import COUNT_TOLERANCE, OWNERS, SETUPS

OTHERS_TOLERANCE = 0.25  # of the processors' time, while a tool runs
DISTURBED = 1.25  # what only computes takes its own time, and little more


def number(value, width, digits=2):
    return f"{'-':>{width}}" if value is None else f"{value:{width},.{digits}f}"


def print_tool(name, result):
    if "error" in result:
        print(f"{name:26} {result['error']}")
        return
    ratio = f"{result['ratio']:.1f} x" if "ratio" in result else "-"
    print(f"{name:26} {result['wall_s']:8.2f} {result['cpu_s']:8.2f} {result['rss_mib']:8.1f} "
          f"{number(result.get('memory_mib'), 9, 1)} {result['sockets']:9,} "
          f"{result['expected']:9,} {ratio:>9}  {result.get('source', '')}".rstrip())


def print_load(load):
    about = load["about"]
    spread = (f"in {about['namespaces']:,} network namespaces" if about["namespaces"] > 1 else
              "in one network namespace")
    print(f"\nUnder load: {about['connections']:,} connections held by {about['processes']:,} "
          f"processes, {about['time_wait']:,} TIME_WAIT,\n{spread}, {about['destinations']} + "
          f"{about['destinations']} destinations in each, made in {about['made_in_s']:.1f} s\n")
    print(f"{'tool':26} {'wall s':>8} {'CPU s':>8} {'RSS MiB':>8} {'+maps MiB':>9} "
          f"{'sockets':>9} {'of':>9} {'ratio':>9}  source")
    for name, result in load["tools"].items():
        print_tool(name, result)


def print_loads(results):
    loads = [results["loads"][setup.key] for setup in SETUPS if setup.key in results["loads"]]
    for load in loads:
        print_load(load)
    if not loads:
        return
    print(f"\nratio: wall time against the portroom command with the same task ({OWNERS}: with "
          f"owners);\nnone where a tool's sockets are more than {COUNT_TOLERANCE:.0%} off what the "
          "kernel counted (of).\nlsof shows only sockets that a process holds, so no TIME_WAIT.")
    others = max((result.get("others", 0) for load in loads for result in load["tools"].values()),
                 default=0)
    if others > OTHERS_TOLERANCE:
        print(f"DISTURBED: other work took {others:.0%} of the processors while a tool ran; "
              "measure again.")


def print_evidence(results):
    if not results["evidence"]:
        return
    print("\nFiles of another machine\n")
    print(f"{'file':22} {'MB':>7} {'wall s':>8} {'CPU s':>7} {'MB/s':>8} {'RSS MiB':>8} {'of 1/4':>7} "
          f"{'records':>11} {'of':>11}  beside")
    for key, result in results["evidence"].items():
        ours, small, theirs = (result.get(part, {}) for part in ("portroom", "small", "against"))
        if "error" in ours:
            print(f"{key:22} {ours['error']}")
            continue
        ratio = f", {result['ratio']:.2f} x" if "ratio" in result else ""
        beside = theirs.get("error") or (f"{theirs['mb_s']:.1f} MB/s{ratio}" if theirs else "")
        print(f"{key:22} {result['bytes'] / 1e6:7.0f} {ours['wall_s']:8.2f} {ours['cpu_s']:7.2f} "
              f"{ours['mb_s']:8.1f} {ours['rss_mib']:8.1f} {number(small.get('rss_mib'), 7, 1)} {ours['records']:11,} "
              f"{ours['expected']:11,}  {theirs.get('name', '')} {beside}".rstrip())
    if any(result["portroom"].get("wall_s", 0) > DISTURBED * result["portroom"].get("cpu_s", 1)
           for result in results["evidence"].values()):
        print("DISTURBED: portroom waited for the processors, or the disk; measure again.")


def print_windows(results):
    result = results["windows"]
    if not result:
        return
    print("\nTables of Windows, from a buffer\n")
    if "error" in result:
        print(f"not measured: {result['error']}")
        return
    print(f"{result['rows']:,} rows of GetExtendedTcpTable: {result['convert_ms']:.1f} ms to rows, "
          f"{result['ms']:.1f} ms to {result['sockets']:,} sockets of a snapshot")


def print_quiet(results):
    if not results["quiet"]:
        return
    print(f"\nQuiet machine ({results['quiet_idle']:.0%} idle), start to finish\n")
    print(f"{'tool':30} {'median ms':>10} {'max ms':>8} {'runs':>5}  source")
    for name, result in results["quiet"].items():
        if "error" in result:
            print(f"{name:30} {result['error']}")
        else:
            print(f"{name:30} {result['median_ms']:10.1f} {result['max_ms']:8.1f} "
                  f"{result['runs']:5}  {result['source'] or ''}".rstrip())


def print_ledger(results):
    result = results["ledger"]
    if not result:
        return
    print("\nConnect, accept, close on loopback while portroom check --sample runs\n")
    if "error" in result:
        print(f"not measured: {result['error']}")
        return
    print(f"BPF {result['bpf_us']:.2f} us a cycle, in {result['calls']:.1f} calls; of an empty "
          f"program the kernel says {result['empty_us']:.2f} us")
    print(f"the cycle takes {result['cycle_us']:.1f} us of CPU, without portroom "
          f"{result['cycle_alone_us']:.1f} us")
    print(f"medians of {result['runs']} runs, {result['cycles']:,} cycles\n")
    for name, us in result["programs_us"].items():
        print(f"  {name:24} {us:.2f} us")


def print_syscalls(results):
    if not results["syscalls"]:
        return
    print("\nAn unrelated system call (getppid)\n")
    print(f"{'beside':26} {'alone ns':>9} {'beside ns':>9} {'added ns':>9} {'noise ns':>9} "
          f"{'added/noise':>11}")
    for name, result in results["syscalls"].items():
        if "error" in result:
            print(f"{name:26} not measured: {result['error']}")
        else:
            print(f"{name:26} {result['control_ns']:9.1f} {result['beside_ns']:9.1f} "
                  f"{result['added_ns']:9.1f} {result['noise_ns']:9.1f} {result['ratio']:11.1f}")


def print_figures(results):
    print(f"\n{'figure':36} {'wanted':>11} {'measured':>11}  verdict")
    for row in results["figures"]:
        sign = ">=" if row["bound"] == "at least" else "<="
        wanted = f"{sign} {row['limit']:g} {row['unit']}"
        measured = "-" if row["measured"] is None else f"{row['measured']:.2f} {row['unit']}"
        why = f": {row['why_not']}" if row["why_not"] else ""
        print(f"{row['figure']:36} {wanted:>11} {measured:>11}  {row['verdict']}{why}")


def print_all(results):
    print_loads(results)
    print_evidence(results)
    print_windows(results)
    print_quiet(results)
    print_ledger(results)
    print_syscalls(results)
    print_figures(results)
