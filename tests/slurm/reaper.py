"""reaper.py COMMAND...: runs a daemon and takes up the orphans of its descendants, as init does.

In a container whose first process is no init they would stay as zombies, and Slurm would wait in
vain for the end of their jobs. The daemon ends with this process."""
import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
libc = ctypes.CDLL(None)


def die_with_parent():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main():
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    daemon = os.fork()
    if daemon == 0:
        die_with_parent()
        os.execvp(sys.argv[1], sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: os.kill(daemon, signal.SIGTERM))
    while os.wait()[0] != daemon:
        pass


if __name__ == "__main__":
    main()
