# SPDX-License-Identifier: Apache-2.0
"""A sensor without a collector ends indicators by a clock that is kept from run to run, and never runs back.

    load                  sensor
    l0 ────────────────── m1  ◄─ quaywatch-sensor -i m1, twice, with one state folder

Nobody can set the machine's clock back here; so the second run finds a kept clock that is two hours ahead of it.
"""
import datetime
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from kit import Sensor, Wire, check, main, udp_frame, wait_for  # noqa: E402

ENDS, STAYS = "10.9.0.2", "10.9.0.3"


def indicators():
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    return {"list.csv": f"type,value,valid_until\nip,{ENDS},{end:%Y-%m-%dT%H:%M:%SZ}\nip,{STAYS},\n"}


def meets(wire, sensor, seen_from):
    """Both are met; what alerted.  The one that stays comes last: when it is told, the other was looked at."""
    for host in (ENDS, STAYS):
        wire.send(udp_frame("10.9.0.1", host, seen_from, 9, b"probe"))
    wait_for(f"the alert on {STAYS}", lambda: sensor.indicators(STAYS))
    return bool(sensor.indicators(ENDS))


def test(stage):
    stage.namespace("load"), stage.namespace("sensor")
    stage.cable("load", "l0", "sensor", "m1")
    wire, files = Wire(stage, "load", "l0"), indicators()

    first = Sensor(stage, "sensor", ["m1"], files, "-w", "1")
    first.working(1)
    check(meets(wire, first, 4000), "it has an hour still, and does not alert")
    first.stop()
    kept = first.path / "state" / "clock"
    check(kept.exists(), "the clock is not kept without a collector")
    check(abs(int(kept.read_text()) / 1e9 - time.time()) < 60, f"kept is another time than now: {kept.read_text()}")

    kept.write_text(f"{int((time.time() + 7200) * 1e9)}\n")
    second = Sensor(stage, "sensor", ["m1"], files, "-w", "1", "--set", f'state.folder="{first.path}/state"')
    second.working(1)
    wait_for("the sensor says that the system's clock is behind", lambda: "CLOCK-BACK" in second.said())
    check(not meets(wire, second, 4001), "what had ended came to life, for the system's clock was set back")
    second.stop()
    ahead = int(kept.read_text()) / 1e9 - time.time()
    check(7100 < ahead < 7300, f"the kept clock went back with the system's: it is {ahead:.0f} s ahead")
    print("ended by the kept clock, with no collector")


main(test)
