#!/usr/bin/env python3
"""The dynamic port range, set by a stand-in for netsh: Wine's says that it is done and does nothing.

    test_range_change.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR] [NAME...]

What is seen of it here is portroom's side: that the commands are the documented ones, and that whatever netsh does
the rows are read back and there is a way back.
"""

import os
import shutil
import signal
import sys
import time

from netsh import DEFAULT, ROWS, WIDE, Netsh, all_of, fits
from wine import Tap, end_server, enter, guard


# ---- what is set ----

def try_set(tap, netsh):
    netsh.begin()
    answer = netsh.range("set", *WIDE)
    tap.ok(answer.status == 0 and "read back" in answer.out, "four rows are set", answer)
    tap.ok(netsh.rows() == all_of((10000, 65535)), "and are what was asked for", netsh.rows())
    tap.ok(netsh.rows("persistent") == all_of(DEFAULT), "until the next start only", netsh.rows("persistent"))
    tap.ok(netsh.sets()[0] == "int ipv4 set dynamicport tcp start=10000 num=55536 store=active",
           "by the documented command", netsh.sets())
    answer = netsh.range()
    tap.ok("10000-65535; back by: portroom range undo" in answer.out, "show tells what was changed", answer)
    answer = netsh.range("set", *WIDE)
    tap.ok(answer.status == 0 and "it is so already" in answer.out, "what is so already is left", answer)
    answer = netsh.range("undo")
    tap.ok(answer.status == 0 and netsh.rows() == all_of(DEFAULT), "undo sets back all four", answer, netsh.rows())
    answer = netsh.range("undo")
    tap.ok(answer.status == 1 and "changed no range" in answer.err, "there is one step back", answer)

    answer = netsh.range("set", *WIDE, "--udp", "--ipv6", "--persist", "--json")
    document = answer.json()
    tap.ok(document["changed"] and document["store"] == "persistent", "--persist is netsh's persistent store", answer)
    fits(tap, answer, "the document of a change is of the schema")
    changed = [row for row, values in netsh.rows("persistent").items() if values != DEFAULT]
    tap.ok(changed == [("udp", "ipv6")] and [row for row, values in netsh.rows().items() if values != DEFAULT] ==
           changed, "one row alone is set where one was chosen", netsh.rows())
    answer = netsh.range("reset", "--persist")
    tap.ok(answer.status == 0 and netsh.rows() == netsh.rows("persistent") == all_of(DEFAULT),
           "reset --persist is the default for good", answer)
    answer = netsh.range("undo", "--json")
    fits(tap, answer, "the document of an undo is of the schema")
    tap.ok(netsh.rows("persistent")["udp", "ipv6"] == (10000, 65535), "undo takes back a reset, too", netsh.rows())


def try_stores(tap, netsh):
    """What the next start of Windows sets is another value than what is set now."""
    later = "persistent %s %s 30000 10000"
    netsh.begin(*(later % row for row in ROWS))
    answer = netsh.range("set", *WIDE, "--persist")
    tap.ok(answer.status == 0 and netsh.rows() == netsh.rows("persistent") == all_of((10000, 65535)),
           "--persist sets both stores", answer)
    answer = netsh.range("undo")
    tap.ok(answer.status == 0 and netsh.rows() == all_of(DEFAULT) and netsh.rows("persistent") == all_of((30000, 39999)),
           "undo sets each back to what it had", answer, netsh.rows(), netsh.rows("persistent"))
    tap.ok("tcp ipv4, at the next boot: 10000-65535 -> 30000-39999, read back" in answer.out, "and tells both", answer)

    netsh.begin(*("active %s %s 10000 55536" % row for row in ROWS))
    answer = netsh.range("set", *WIDE, "--persist")
    tap.ok(answer.status == 0 and netsh.rows("persistent") == all_of((10000, 65535)), "what is set already is made lasting",
           answer)
    answer = netsh.range()
    tap.ok("at the next boot tcp ipv4, tcp ipv6, udp ipv4, udp ipv6 49152-65535 -> 10000-65535" in answer.out,
           "show tells that it is for the next boot", answer)
    answer = netsh.range("undo", "--json")
    fits(tap, answer, "the document tells the store of the next boot")
    tap.ok(answer.json()["rows"][3]["next_after"] == {"first": 49152, "last": 65535} and
           netsh.rows() == all_of((10000, 65535)) and netsh.rows("persistent") == all_of(DEFAULT),
           "undo takes back that alone", answer)

    netsh.begin()
    netsh.range("try", *WIDE, "--for", "60s", "--udp")
    answer = netsh.range("confirm", "--persist", options="stuck=3")
    tap.ok(answer.status == 1 and "not for the next boot" in answer.err and
           "could not be set back for the next boot, which sets 10000-65535" in answer.err,
           "a confirmation that netsh does not take for the next boot is told", answer)
    answer = netsh.range("undo")
    tap.ok(answer.status == 0 and netsh.rows() == netsh.rows("persistent") == all_of(DEFAULT), "and undone", answer)

    netsh.begin()
    netsh.range("set", *WIDE, "--persist", options="storeless")
    answer = netsh.range("undo", options="storeless")
    tap.ok(answer.status == 0 and netsh.rows() == netsh.rows("persistent") == all_of(DEFAULT) and
           "netsh did not tell what was set for the next boot" in answer.out,
           "where netsh does not tell the other store that is told", answer)


def try_strangers(tap, netsh):
    netsh.begin()
    netsh.range("set", *WIDE)
    netsh.wine.run(["netsh", "int", "ipv4", "set", "dynamicport", "udp", "start=20000", "num=1000"],
                   env=netsh.env("en"), standins=["netsh.exe"])
    answer = netsh.range("undo")
    rows = netsh.rows()
    tap.ok(answer.status == 1 and "somebody else has set udp ipv4" in answer.err and
           rows["udp", "ipv4"] == (20000, 20999), "undo leaves what somebody else has set since", answer, rows)
    tap.ok(all(rows[row] == DEFAULT for row in ROWS if row != ("udp", "ipv4")), "and sets back the others", rows)


def try_refusing_netsh(tap, netsh):
    for options, words in (("refuse=udp/ipv4", "udp ipv4: netsh ended with status 1 and said: The parameter"),
                           ("nothing", "tcp ipv4 was not taken"),
                           ("denied", "requires elevation"),
                           ("stall", "no answer within")):
        netsh.begin()
        answer = netsh.range("set", *WIDE, options=options)
        tap.ok(answer.status == 1 and words in answer.err, "option %s of the stand-in: a sentence says so" % options,
               answer)
        tap.ok(netsh.rows() == all_of(DEFAULT) and netsh.record() is None,
               "option %s: all rows are as before, and nothing is noted" % options, netsh.rows(), netsh.record())
    netsh.begin()
    answer = netsh.range("set", *WIDE, options="refuse=udp/ipv4")
    tap.ok("was set back" in answer.err and len(netsh.sets()) == 5, "of the rows before it that is told", answer,
           netsh.sets())
    answer = netsh.range("try", *WIDE, "--for", "60s", options="refuse=udp/ipv4")
    tap.ok(answer.status == 1 and netsh.rows() == all_of(DEFAULT) and netsh.record() is None,
           "so it is with try, whose guard has nothing to guard then", answer)

    netsh.begin()
    answer = netsh.range("set", *WIDE, options="stuck=2")
    tap.ok(answer.status == 1 and "could not be set back" in answer.err, "what could not be set back is told", answer)
    answer = netsh.range()
    tap.ok("broken off: the range is 49152-65535 again" in answer.err and netsh.rows() == all_of(DEFAULT),
           "and the next portroom sets it back", answer)

    netsh.begin()
    answer = netsh.range("set", *WIDE, "--tcp", "--ipv4", options="slow=7000")
    tap.ok(answer.status == 0 and netsh.rows()["tcp", "ipv4"] == (10000, 65535),
           "what a netsh did that was ended before it said so is read back, and counts", answer, netsh.rows())

    netsh.begin()
    answer = netsh.range("set", *WIDE, "--tcp", "--ipv4", options="joined")
    tap.ok("tcp ipv6 was not asked for and is 10000-65535 now, too" in answer.out,
           "a row that changed unasked is told", answer)
    answer = netsh.range("undo", options="joined")
    tap.ok(answer.status == 0 and netsh.rows() == all_of(DEFAULT), "undo takes that back as well", answer)


# ---- for a time ----

def wait_for(condition, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.2)
    return condition()


def try_trial(tap, netsh):
    netsh.begin()
    began = time.monotonic()
    answer = netsh.range("try", *WIDE, "--for", "10s")
    tap.ok(answer.status == 0 and "portroom range confirm" in answer.out and "restart" in answer.out,
           "try says how long, and what a restart does", answer)
    tap.ok(netsh.rows() == all_of((10000, 65535)), "the rows are set", netsh.rows())
    answer = netsh.range("set", "--first", "20000", "--last", "65535", "--shrink")
    tap.ok(answer.status == 1 and "on trial" in answer.err and answer.out == "", "another change has to wait, and is not shown",
           answer)
    tap.ok(wait_for(lambda: netsh.record() is None, 40) and netsh.rows() == all_of(DEFAULT),
           "its guard rolls it back by itself", netsh.rows(), netsh.record())
    tap.ok(time.monotonic() - began >= 10, "and not before its time")
    answer = netsh.range("confirm")
    tap.ok(answer.status == 1 and "changed no range" in answer.err, "then it cannot be confirmed", answer)

    netsh.begin()
    netsh.range("try", *WIDE, "--for", "10s", "--tcp")
    guard_pid = netsh.record()["guard"]
    answer = netsh.range("confirm", "--persist", "--json")
    fits(tap, answer, "the document of a confirmation is of the schema")
    tap.ok(answer.json()["what"] == "confirmed" and netsh.rows("persistent")["tcp", "ipv6"] == (10000, 65535),
           "confirm --persist keeps it for good", answer, netsh.rows("persistent"))
    tap.ok(wait_for(lambda: guard_pid not in [line.split(",")[1].strip() for line in
                                              netsh.wine.run(["tasklist"]).out.splitlines() if "," in line], 10),
           "the guard ends when it is confirmed")
    time.sleep(11)
    tap.ok(netsh.rows()["tcp", "ipv4"] == (10000, 65535), "past its time it is there still", netsh.rows())
    tap.ok(netsh.rows("persistent")["udp", "ipv4"] == DEFAULT, "rows that were not tried are not made lasting")

    netsh.begin()
    netsh.range("try", *WIDE, "--for", "60s")
    answer = netsh.range("undo")
    tap.ok(answer.status == 0 and netsh.rows() == all_of(DEFAULT), "a trial can be undone before its time", answer)


def try_killing(tap, netsh):
    netsh.begin()
    front = netsh.popen("set", *WIDE, options="slow=1500")
    wait_for(lambda: len(netsh.sets()) >= 2, 30)
    front.send_signal(signal.SIGKILL)
    front.wait()
    half = netsh.rows()
    tap.ok(half != all_of(DEFAULT) and half != all_of((10000, 65535)) and netsh.record()["changing"] == "1",
           "portroom that is killed in the middle leaves a record", half, netsh.record())
    time.sleep(2)
    answer = netsh.range()
    tap.ok("a change to 10000-65535 was broken off" in answer.err and netsh.rows() == all_of(DEFAULT),
           "the next portroom tells it and sets it back", answer, netsh.rows())
    tap.ok(netsh.record() is None and netsh.range().err == "", "once", netsh.record())

    netsh.begin()
    netsh.range("try", *WIDE, "--for", "12s")
    netsh.wine.run(["taskkill", "/f", "/pid", netsh.record()["guard"]])
    time.sleep(13)
    tap.ok(netsh.rows() == all_of((10000, 65535)), "a guard that was killed rolls nothing back", netsh.rows())
    answer = netsh.range()
    tap.ok("not confirmed in time: the range is 49152-65535 again" in answer.err and
           netsh.rows() == all_of(DEFAULT), "the next portroom does", answer)


def try_restart(tap, netsh):
    """Wine's server ends as Windows does: what was volatile is gone."""
    netsh.begin()
    netsh.range("try", *WIDE, "--for", "300s")
    end_server(netsh.wine.prefix)
    with open(netsh.state, "w", encoding="ascii") as file:  # what a restart does to the active store
        file.write("")
    answer = netsh.range()
    tap.ok(answer.status == 0 and answer.err == "" and netsh.record() is None,
           "what a restart has rolled back is forgotten", answer, netsh.record())
    tap.ok(not [line for line in netsh.sets() if "49152" in line], "and nothing is set for it", netsh.sets())


def try_foreign_record(tap, netsh):
    netsh.begin()
    # As a folder is that an administrator makes by hand for portroom.conf: %ProgramData% hands down that all may add files.
    configured = netsh.wine.drive_c("ProgramData/portroom")
    os.makedirs(configured, exist_ok=True)
    os.chmod(configured, 0o777)
    answer = netsh.range("set", *WIDE)
    tap.ok(answer.status == 0, "the folder of the configuration file is not that of the record", answer)
    os.chmod(configured, 0o755)
    folder = netsh.wine.drive_c("ProgramData/portroom.range")
    os.chmod(folder, 0o777)
    answer = netsh.range("undo")
    tap.ok(answer.status == 1 and "others could write to it" in answer.err,
           "a folder that everybody may write to is not believed", answer)
    os.chmod(folder, 0o755)
    answer = netsh.range("set", "--first", "9000", "--last", "65535")
    tap.ok(answer.status == 1 and "could hinder the way back" in answer.err,
           "in one that everybody may read nothing begins", answer)
    answer = netsh.range("undo")
    tap.ok(answer.status == 0 and netsh.rows() == all_of(DEFAULT), "and what has begun can be undone", answer)
    shutil.rmtree(folder)
    answer = netsh.range("set", *WIDE)
    tap.ok(answer.status == 0 and os.stat(folder).st_mode & 0o7 == 0, "one that portroom makes nobody else can open", answer,
           oct(os.stat(folder).st_mode))
    netsh.range("undo")


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        netsh = Netsh(wine)
        for sentence, test in (("set", try_set), ("stores", try_stores), ("strangers", try_strangers), ("a refusing netsh", try_refusing_netsh),
                               ("trial", try_trial), ("killing", try_killing),
                               ("foreign record", try_foreign_record), ("restart", try_restart)):
            if not wine.rest or sentence in wine.rest:
                guard(tap, sentence, test, tap, netsh)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
