"""What all kinds of work have in common: runs in turns, and their spread."""
import statistics
import sys


def in_turns(title, names, measure, repeat, failures, reasons):
    """measure(name) of all names, interleaved and repeated: {name: [runs]} of those that are not in
    `reasons`, where the first failure of one is put down."""
    runs = {name: [] for name in names}
    for turn in range(repeat):
        for name in runs:
            if name in reasons:
                continue
            print(f"\r{title}: {turn + 1}/{repeat} {name:30}", end="", file=sys.stderr, flush=True)
            try:
                runs[name].append(measure(name))
            except failures as reason:
                reasons[name] = str(reason)
    return {name: found for name, found in runs.items() if name not in reasons}


def end_line():
    """Clears the line that in_turns has written."""
    print(f"\r{'':79}\r", end="", file=sys.stderr)


def spread(values):
    values = list(values)
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}
