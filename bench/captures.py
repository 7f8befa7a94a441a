"""Writes large files such as another machine leaves, with a known number of records.

All of it is invented: the machine, its processes, its addresses (RFC 5737).
"""

import datetime
import random

MIB = 1 << 20

HEADING = "\r\nActive Connections\r\n\r\n  Proto  Local Address          Foreign Address        State           PID\r\n"
BODIES = 8  # listings that differ; a long file repeats them
ESTABLISHED, TIME_WAIT, LISTENING, UDP, LEAK = 8_000, 8_000, 400, 1_500, 250


def tcp(local, port, remote, state, pid):
    return f"  TCP    {f'{local}:{port}':<22} {remote:<22} {state:<15} {pid}\r\n"


def listing(chance, leaked):
    """The rows of one `netstat -ano`: a web server's, and a program that leaks connections."""
    rows = [tcp("0.0.0.0", port, "0.0.0.0:0", "LISTENING", chance.randrange(4, 9000, 4))
            for port in range(1, LISTENING + 1)]
    ports = chance.sample(range(1024, 65536), ESTABLISHED + TIME_WAIT + leaked)
    for index, port in enumerate(ports):
        remote = f"198.51.100.{chance.randrange(1, 40)}:{chance.choice((443, 1433, 8080))}"
        if index < ESTABLISHED:
            rows.append(tcp("192.0.2.10", port, remote, "ESTABLISHED",
                            chance.randrange(1000, 9000, 4)))
        elif index < ESTABLISHED + TIME_WAIT:
            rows.append(tcp("192.0.2.10", port, remote, "TIME_WAIT", 0))
        else:
            rows.append(tcp("192.0.2.10", port, "203.0.113.7:5672", "CLOSE_WAIT", 4712))
    rows += [f"  UDP    {f'192.0.2.10:{port}':<22} {'*:*':<38} {chance.randrange(1000, 9000, 4)}\r\n"
             for port in chance.sample(range(1024, 65536), UDP)]
    return "".join(rows).encode("ascii"), len(rows)


def write_netstat(path, size):
    """A loop's file: `%date% %time%` and `netstat -ano`, again and again. Returns how many rows there are."""
    chance = random.Random(1)
    bodies = [listing(chance, LEAK * index) for index in range(BODIES)]
    time, written, rows = datetime.datetime(2025, 1, 22), 0, 0
    with open(path, "wb") as file:
        while written < size:
            body, count = bodies[rows // bodies[0][1] % BODIES]
            stamp = time.strftime("%a %m/%d/%Y %H:%M:%S.00")
            written += file.write(f"{stamp} \r\n{HEADING}".encode("ascii")) + file.write(body)
            time += datetime.timedelta(minutes=1)
            rows += count
    return rows
