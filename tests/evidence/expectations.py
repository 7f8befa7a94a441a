"""What an index says of a sample, in its words, as questions with an answer.

A clause is a pattern and what follows from it. Clauses take their words out of the text; what is left
and is no known remark has not been understood, and that is a failure: an expectation that is passed
over is worse than none.
"""

import re
from collections import namedtuple

# check(answers): what is wrong, as a list of sentences.
Expectation = namedtuple("Expectation", "sentence check")

STATES = {
    "LISTENING": "listen", "ESTABLISHED": "established", "TIME_WAIT": "time_wait",
    "CLOSE_WAIT": "close_wait", "FIN_WAIT_1": "fin_wait1", "FIN_WAIT_2": "fin_wait2",
    "SYN_SENT": "syn_sent", "BOUND": "bound",
    "ABHÖREN": "listen", "HERGESTELLT": "established", "WARTEND": "time_wait",
    "SCHLIESSEN_WARTEN": "close_wait", "FIN_WARTEN_2": "fin_wait2",
}
STATE = "|".join(sorted(STATES, key=len, reverse=True))

# The kinds of artefact that a file of a section may be recognised as.
KINDS = {"etl": r"etl", "evtx": r"evtx", "eventtext": r"event", "netstat": r"netstat",
         "netsh": r"netsh", "powershell": r"Get-Net|PowerShell|Group-Object"}


def differs(what, wanted, got):
    return [] if wanted == got else [f"{what}: {wanted} wanted, {got} told"]


def number(word):
    return 1 if word == "one" else int(word.replace(",", ""))


# ---- of every kind ----

def is_recognised(kind, fewest):
    def check(answers):
        wrong = [f"{row['file']} is taken for {row['kind']}: {row['why_not']}"
                 for row in answers.artefacts if not re.search(KINDS[kind], row["kind"] or "")]
        records = sum(row["records"] for row in answers.artefacts)
        if records < fewest:
            wrong.append(f"{records} records were taken from it")
        return wrong

    return Expectation(f"is recognised as {kind}" + (", with some records" if fewest else ""), check)


# ---- traces ----

def buffers(found):
    wanted = number(found[1])
    return Expectation(f"{wanted} buffers",
                       lambda answers: differs("buffers", wanted, answers.trace["buffers"]))


def records_of_type(found):
    wanted, kind = number(found[1]), "0x%02x" % int(found[2], 16)
    return Expectation(f"{wanted} records of type {kind}", lambda answers: differs(
        kind, wanted, answers.trace["records"].get(kind, 0)))


def records_by_event(found):
    wanted = {int(event): int(count) for event, count in re.findall(r"(\d+):(\d+)", found[0])}

    def check(answers):
        got = {}
        for counts in answers.trace["events"].values():
            for event, count in counts.items():
                got[int(event)] = got.get(int(event), 0) + count
        return differs("events", wanted, got)

    return Expectation("events " + " ".join(f"{event}:{wanted[event]}" for event in wanted), check)


def extended_items(found):
    wanted, kind = int(found[1]), found[2]
    return Expectation(f"{wanted} extended items of type {kind}", lambda answers: differs(
        "extended items", {kind: wanted}, answers.trace["extended_items"]))


def items_of_types(found):
    kinds = {found[1], found[2]}
    return Expectation(f"extended items of types {' and '.join(sorted(kinds))}",
                       lambda answers: differs("types", kinds,
                                               set(answers.trace["extended_items"])))


def owner_of_connections(found):
    pid, ports = int(found[1]), int(found[3])
    events = sum(int(count) for count in found[2].split("+"))

    def check(answers):
        rows = [(row["tcp_events"], row["local_ports"]) for row in answers.trace["processes"]
                if row["pid"] == pid]
        return differs(f"events and ports of process {pid}", [(events, ports)], rows)

    return Expectation(f"process {pid} has {events} events of TCP, on {ports} ports", check)


def span_of_time(found):
    def check(answers):
        first, last = (answers.trace[key] or "" for key in ("first", "last"))
        return (differs("first", f"{found[1]}T{found[2]}", first[:19]) +
                differs("last", f"{found[1]}T{found[3]}", last[:19]))

    return Expectation(f"from {found[1]} {found[2]} to {found[3]} UTC", check)


def rules_nothing_out(answers):
    """A trace without events of Winsock-AFD neither confirms exhaustion nor rules it out."""
    if answers.trace["afd_events"]:
        return []
    return differs("verdict", "unknown", answers.check["verdict"])


# ---- logs ----

def logged(found):
    records, recovered = number(found[1]), int(found[2] or 0)
    return Expectation(
        f"{records} records and {recovered} recovered",
        lambda answers: differs("records", records, answers.log["records"]) +
        (differs("recovered", recovered, answers.log["recovered"]) if found[2] else []))


def no_tcpip(_):
    return Expectation("no event of Tcpip", lambda answers: [
        f"{row['provider']} {row['id']}" for row in answers.check["evidence"]["events"]
        if (row["provider"] or "").lower() == "tcpip"])


def log_cleared(_):
    return Expectation("the log was cleared", lambda answers: differs(
        "cleared", True, answers.log["cleared"]))


def one_event(found):
    event = int(found[1])
    return Expectation(f"event {event} is told of, of an excerpt", lambda answers: differs(
        f"events {event}", 1, answers.events(event)) + differs(
            "excerpt", True, answers.log["excerpt"]))


# ---- sockets ----

def in_state(found):
    state, wanted = STATES[found["state"]], int(found["count"])
    return Expectation(f"TCP {found['state']} {wanted}", lambda answers: differs(
        state, wanted, answers.states.get(("tcp", state), 0)))


def of_udp(found):
    wanted = int(found[1])
    return Expectation(f"UDP {wanted}", lambda answers: differs("UDP", wanted, sum(
        count for (protocol, _), count in answers.states.items() if protocol == "udp")))


def waits_unowned(_):
    return Expectation("TIME_WAIT is nobody's", lambda answers: [
        f"port {row['local_port']} is of process {row['pid']}" for row in answers.sockets
        if row["state"] == "time_wait" and row["pid"]])


def udp_connected(_):
    def check(answers):
        rows = [row for row in answers.sockets if row["protocol"] == "udp" and row["remote_port"]]
        return [] if len(rows) > 1 else [f"{len(rows)} UDP sockets have a remote address"]

    return Expectation("several UDP sockets have a remote address", check)


def no_owners(_):
    return Expectation("no process is named", lambda answers: [
        f"port {row['local_port']} is of process {row['pid']}" for row in answers.sockets
        if row["pid"] is not None])


# ---- ranges ----

def told_ranges(answers, protocol, families):
    return [row for row in answers.ranges["ranges"]
            if (not protocol or row["protocol"] == protocol) and row["family"] in families]


def some_range(found):
    first, ports = int(found[1]), int(found[2])
    return Expectation(f"a range of {ports} ports from {first}", lambda answers: [] if any(
        (row["first"], row["ports"]) == (first, ports) for row in answers.ranges["ranges"])
        else [f"there are {answers.ranges['ranges']}"])


def range_of(found):
    protocol, first, ports = found[1], int(found[2]), int(found[3])
    families = ("ipv4", "ipv6") if found[4] else ("ipv4",)

    def check(answers):
        rows = [row for row in answers.ranges["ranges"]
                if row["protocol"] == protocol and row["family"] in families]
        return differs("ranges", [(first, ports)] * len(families),
                       [(row["first"], row["ports"]) for row in rows])

    return Expectation(f"{protocol} {first} / {ports} of {' and '.join(families)}", check)


def excluded_ranges(found):
    wanted = int(found[1])
    return Expectation(f"{wanted} excluded ranges", lambda answers: differs(
        "records", wanted, sum(row["records"] for row in answers.artefacts)))


def nothing_excluded(_):
    return Expectation("an empty list", lambda answers: differs(
        "records", 0, sum(row["records"] for row in answers.artefacts)))


def one_socket_each(_):
    """A connection that is listed as Bound and as Established, too, holds its port once."""
    def check(answers):
        ports = [row["local_port"] for row in answers.sockets]
        return [f"port {port} is counted {ports.count(port)} times"
                for port in sorted(set(ports)) if ports.count(port) > 1]

    return Expectation("a connection that is two rows is counted once", check)


# ---- the language of an index ----

CLAUSES = {
    "etl": (
        (r"(\d+) buffers( \(on-disk sizes [\d, ]+\))?", buffers),
        (r"(one|\d+) (?:of |records? |events? )?(?:of type )?(0x[0-9a-f]{2})(?: records?)?\b",
         records_of_type),
        (r"events? \d+:\d+( \d+:\d+)*", records_by_event),
        (r"(\d+) of them with ONE extended item \(type (\d+), [^)]*\)", extended_items),
        (r"with items (\d+) and (\d+)", items_of_types),
        (r"\(TraceLogging, items (\d+) then (\d+)\)", items_of_types),
        (r"Payload PID (\d+) owns all ([\d+]+) v4 TCP events and uses (\d+) local ports \([^)]*\)",
         owner_of_connections),
        (r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)\.\.(\d\d:\d\d:\d\d) UTC", span_of_time),
    ),
    "evtx": (
        (r"(\d+) records?(?:(?: \+|,) (\d+) recovered)?", logged),
        (r"no Tcpip( record)?", no_tcpip),
        (r"Eventlog 104 \([^)]*\)", log_cleared),
    ),
    "eventtext": ((r'Event Viewer "copy" of a real Tcpip (\d+) with its XML', one_event),),
    "netstat": (
        (rf"(?:TCP )?(?P<state>{STATE}) (?P<count>\d+)", in_state),
        (r"UDP (\d+)", of_udp),
        (r"\(all PID 0(, no owner line)?\)", waits_unowned),
        (r"several with a REAL remote address", udp_connected),
        (r"No PID column", no_owners),
    ),
    "netsh": (
        (r"^(\d+) / (\d+)", some_range),
        (r"(tcp|udp) (\d+)/(\d+)( v4 and v6)?", range_of),
        (r"(\d+) ranges, one starred", excluded_ranges),
        (r"an EMPTY list", nothing_excluded),
    ),
    "powershell": (
        (r"one connection = two rows \(Bound \+ Established, same port and PID\)", one_socket_each),
    ),
}

# Said besides, without a number that could be asked for.
REMARKS = {
    "etl": (r"\(classic EVENT_TRACE_HEADER64\)", r"Events are NOT in time order in the file"),
    "evtx": (r"Records 405 and 407 are NetBT 4321, written through the very driver-log path Tcpip "
             r"uses \(same XML shape, Binary 40 bytes with the event code at offset 12\)",),
    "netstat": (r"\(addresses longer than the column\)",),
    "netsh": (r"set by a Visual Studio install", r"with prompts", r"a host whose reservations sit low",
              r"Spanish, title and footer missing, star lost by the user"),
    "powershell": (r"Format-List with a localised CreationTime",
                   r"table without the OwningProcess column",
                   r"Bound rows with and without a connection",
                   r"narrow columns, ragged right edge, empty AppliedSetting",
                   r"output of the article's own Group-Object pipeline in a real exhaustion"),
}


def take_remarks(kind, text):
    for pattern in REMARKS.get(kind, ()):
        text = re.sub(pattern, " ", text)
    return text


def take(kind, text):
    """The expectations in the text, and what is left of it that nobody understands."""
    found, text = [], take_remarks(kind, text)
    for pattern, make in CLAUSES.get(kind, ()):
        for match in re.finditer(pattern, text):
            found.append(make(match))
        text = re.sub(pattern, " ", text)
    left = re.sub(r"\b(and|TCP)\b", " ", text)
    return found, " ".join(left.split()) if re.search(r"\w", left) else ""


def of_sample(sample):
    """All that is to be asked about it, and what of its line was not understood."""
    found, left = take(sample.kind, sample.what)
    is_empty = any(each.sentence == "an empty list" for each in found)
    found.insert(0, is_recognised(sample.kind, 0 if is_empty else 1))
    if sample.kind == "etl":
        found.append(Expectation("without events of AFD nothing is ruled out", rules_nothing_out))
    return found, left
