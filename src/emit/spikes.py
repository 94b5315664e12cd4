# ---- spikes: out as CSV, and against a file of megalif ---------------------------------------------
def write_csv(path, spikes):
    with open(path, "w") as file:
        file.write("population,step,id\n")
        for name, (steps, ids) in spikes.items():
            order = numpy.lexsort((ids, steps))
            file.writelines(f"{name},{s},{i}\n" for s, i in zip(steps[order], ids[order]))


def read_megalif(path):
    """{population: (steps, ids, whether all spikes were recorded, the run's last step)}"""
    import h5py
    with h5py.File(path) as file:
        end = round(file["megalif"].attrs["duration_ms"] / DT)
        return {name: (numpy.rint(group["timestamps"][:] / DT).astype(int), group["node_ids"][:].astype(int),
                       bool(file[f"megalif/populations/{name}"].attrs["recorded"]), end)
                for name, group in sorted(file["spikes"].items())}


def recorded(here, there):
    """The spikes here that the file would hold: of the neurons that are in it, where it has some only."""
    steps, ids, everything, end = there
    keep = (here[0] > RECORDED_AFTER) & (here[0] <= end)
    if not everything:
        keep &= numpy.isin(here[1], ids)
    return here[0][keep], here[1][keep]


def same(name, here, there):
    """Step for step: whether the two rasters are equal, and what is said of them."""
    here, there = ({(int(s), int(i)) for s, i in zip(*spikes[:2])} for spikes in (recorded(here, there), there))
    if here == there:
        return bool(here), f"{name}: {len(here)} spikes in the file, all on the same steps here"
    step, neuron = min(here ^ there)
    return False, (f"{name}: {len(here)} spikes here and {len(there)} in the file, {len(here & there)} of "
                   f"them the same; the first that is not: step {step}, neuron {neuron}")


def statistics(spikes, size):
    """Means over neurons of rate (Hz) and CV of intervals, each with its standard error."""
    order = numpy.lexsort(spikes)
    steps, ids = spikes[0][order], spikes[1][order].astype(int)
    rates = numpy.bincount(ids, minlength=size) / (STEPS * DT * 1e-3)
    intervals = [numpy.diff(train) for train in numpy.split(steps, numpy.searchsorted(ids, range(1, size)))]
    cvs = numpy.array([i.std() / i.mean() for i in intervals if len(i) >= 10])
    return [(x.mean(), x.std(ddof=1) / len(x)**0.5) if len(x) > 1 else None for x in (rates, cvs)]


def alike(name, here, there):
    """Random numbers differ: rate and CV within five standard errors of their difference."""
    fine, said, size = True, [], CELLS[name]["size"]
    if RECORDED_AFTER or not there[2]:
        return False, f"{name}: the file does not hold all its spikes; statistics need all"
    for what, a, b in zip(("rate (Hz)", "CV"), statistics(here, size), statistics(there[:2], size)):
        if a and b:
            fine &= bool(abs(a[0] - b[0]) <= 5 * (a[1]**2 + b[1]**2)**0.5 + 1e-12)
            said.append(f"{what} {a[0]:.5g} +- {a[1]:.2g} here, {b[0]:.5g} +- {b[1]:.2g} in the file")
    return fine and bool(said), f"{name}: " + ("; ".join(said) or "nothing to compare")


def compare(spikes, path):
    """Prints what is found; 0 where the two agree, else 1."""
    rasters = read_megalif(path)
    agree = bool(rasters)
    for name, there in rasters.items():
        fine, said = (alike if RANDOM else same)(name, spikes[name], there)
        agree &= fine
        print(said)
    print("they agree" if agree else "THEY DIFFER" + PRECISION_NOTE if rasters else "no spikes recorded")
    return 0 if agree else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("-o", "--output", metavar="CSV", help="write the spikes: population,step,id")
    parser.add_argument("--compare", metavar="FILE", help="an output file of megalif run (needs h5py)")
    options = parser.parse_args()
    spikes = simulate()
    for name, (steps, _) in spikes.items():
        print(f"{name}: {len(steps)} spikes")
    if options.output:
        write_csv(options.output, spikes)
    return compare(spikes, options.compare) if options.compare else 0


if __name__ == "__main__":
    sys.exit(main())
