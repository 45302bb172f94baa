# SPDX-License-Identifier: Apache-2.0
"""Who may not listen is told so in one line that says what to do; exit status 77.

    as nobody: quaywatch-sensor -i m1
"""
import os
import pathlib
import pwd
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from kit import Missing, check, equal, main, subprocess  # noqa: E402

NOT_PERMITTED = 77


def run_as_nobody(stage, program, *options):
    user = pwd.getpwnam("nobody")
    command = stage.prefix("sensor") + ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
                                        "--inh-caps=-all", "--bounding-set=-all", program, *options]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=20, cwd="/")


def test(stage):
    if not shutil.which("setpriv"):
        raise Missing("setpriv (package util-linux) is missing")
    stage.namespace("sensor")
    stage.cable("sensor", "m0", "sensor", "m1")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        program = shutil.copy(os.environ["QW_SENSOR"], folder) # where nobody may read it
        done = run_as_nobody(stage, program, "-i", "m1")
    print(done.stderr.strip())
    equal(done.returncode, NOT_PERMITTED, f"exit status, having said {done.stderr!r}")
    equal(len(done.stderr.splitlines()), 1, f"lines of {done.stderr!r}")
    for word in ("m1", "permitted", "CAP_NET_RAW"):
        check(word in done.stderr, f"{word} is not in {done.stderr!r}")


main(test)
