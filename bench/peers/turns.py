"""What all kinds of work have in common: runs in turns, what is left of them, and their spread."""
import contextlib
import shutil
import statistics
import sys
import time


class Plan:
    """What is left to measure, told before each measurement with the time that it may take: that of
    the same before, else of the same simulator at other work, else the mean of all."""

    def __init__(self, rows, clock=time.monotonic):
        """rows: (work, name, how often)."""
        self.left = {(work, name): times for work, name, times in rows}
        self.took = {}
        self.clock = clock

    def drop(self, work, *names):
        """Will not be measured; without names, nothing more of this work."""
        for key in list(self.left):
            if key[0] == work and (not names or key[1] in names):
                del self.left[key]

    def seconds(self):
        """About, of all that is left; None where nothing has been measured."""
        def mean(wanted):
            some = [s for key, times in self.took.items() if wanted(key) for s in times]
            return statistics.mean(some) if some else None

        def one(key):
            return (mean(lambda k: k == key) or mean(lambda k: k[1] == key[1])
                    or mean(lambda k: True))
        return sum(times * one(key) for key, times in self.left.items()) if self.took else None

    @contextlib.contextmanager
    def measuring(self, work, name):
        count, seconds = sum(self.left.values()), self.seconds()
        about = "" if seconds is None else f", about {duration(seconds)}"
        say(f"{work}: {name}; {count} measurement{'s' if count != 1 else ''} left{about}")
        start = self.clock()
        try:
            yield
        finally:
            self.took.setdefault((work, name), []).append(self.clock() - start)
            if (work, name) in self.left:
                self.left[work, name] -= 1


def duration(seconds):
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def say(line):
    """On a terminal in place of the line before, elsewhere below it."""
    if sys.stderr.isatty():
        print(f"\r{line[:shutil.get_terminal_size().columns - 1]}\033[K", end="", file=sys.stderr,
              flush=True)
    elif line:
        print(line, file=sys.stderr, flush=True)


def in_turns(work, names, measure, repeat, failures, reasons, plan):
    """measure(name) of all names, interleaved and repeated: {name: [runs]} of those that are not in
    `reasons`, where the first failure of one is put down."""
    runs = {name: [] for name in names}
    for _ in range(repeat):
        for name in runs:
            if name in reasons:
                plan.drop(work, name, spikes_of(name))
                continue
            try:
                with plan.measuring(work, name):
                    runs[name].append(measure(name))
            except failures as reason:
                reasons[name] = str(reason)
                plan.drop(work, name, spikes_of(name))
    return {name: found for name, found in runs.items() if name not in reasons}


def spikes_of(name):
    """What the check of a peer's spikes is called in a plan."""
    return f"{name}'s spikes, by megalif"


def spread(values):
    values = list(values)
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}
