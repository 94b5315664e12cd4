# ---- spikes: out as CSV, and against a file of megalif ---------------------------------------------
def replayed():
    """The spikes of populations that are only sources, which are those of megalif."""
    return {name: (source["steps"].astype(int), source["ids"].astype(int))
            for name, source in SOURCES.items()}


def write_csv(path, spikes):
    with open(path, "w") as file:
        file.write("population,step,id\n")
        for name, (steps, ids) in spikes.items():
            order = numpy.lexsort((ids, steps))
            file.writelines(f"{name},{s},{i}\n" for s, i in zip(steps[order], ids[order]))


class Raster:
    """What a file of megalif holds of a population."""

    def __init__(self, group, about, counts, end):
        self.steps = numpy.rint(group["timestamps"][:] / DT).astype(int)
        self.ids = group["node_ids"][:].astype(int)
        self.whole = bool(about["recorded"])  # all spikes were recorded
        self.end = end  # the run's last step
        self.counted = None  # (mean rate, its standard error), (mean CV, None): of all neurons
        if counts:
            self.counted = [(about["mean_rate_Hz"], about["rate_standard_error_Hz"]), (about["mean_cv"], None)]


def read_megalif(path):
    import h5py
    with h5py.File(path) as file:
        end = round(file["megalif"].attrs["duration_ms"] / DT)
        return {name: Raster(group, file[f"megalif/populations/{name}"].attrs,
                             f"megalif/counts/{name}" in file, end)
                for name, group in sorted(file["spikes"].items())}


def recorded(name, here, there):
    """The spikes here that the file would hold: of the steps that are recorded, and of the neurons that are in
    it, where it has some only."""
    steps, ids = here
    after, last = RECORDED[name]
    keep = (steps > after) & (steps <= min(last, there.end))
    if not there.whole:
        keep &= numpy.isin(ids, there.ids)
    return steps[keep], ids[keep]


def same(name, here, there):
    """Step for step: whether the two rasters are equal, None where both are silent, and what is said of them."""
    here = collections.Counter((int(s), int(i)) for s, i in zip(*recorded(name, here, there)))
    there = collections.Counter((int(s), int(i)) for s, i in zip(there.steps, there.ids))
    if here == there:
        return (True, f"{name}: {here.total()} spikes in the file, all on the same steps here") if here else (
            None, f"{name}: silent, here and in the file")
    step, neuron = min((here - there) | (there - here))
    return False, (f"{name}: {here.total()} spikes here and {there.total()} in the file, {(here & there).total()} of "
                   f"them the same; the first that is not: step {step}, neuron {neuron}")


def statistics(steps, ids, end, size):
    """Means over neurons of rate (Hz) and CV of intervals after warmup, each with its standard error."""
    keep = (steps > WARMUP) & (steps <= end)
    steps, ids = steps[keep], ids[keep].astype(int)
    order = numpy.lexsort((steps, ids))
    steps, ids = steps[order], ids[order]
    rates = numpy.bincount(ids, minlength=size) / ((end - WARMUP) * DT * 1e-3)
    intervals = [numpy.diff(train) for train in numpy.split(steps, numpy.searchsorted(ids, range(1, size)))]
    cvs = numpy.array([i.std() / i.mean() for i in intervals if len(i) >= 10])
    return [(x.mean(), x.std(ddof=1) / len(x)**0.5) if len(x) > 1 else None for x in (rates, cvs)]


def alike(name, here, there):
    """Random numbers differ: rate and CV within five standard errors of their difference. Where the file
    has spikes of some neurons only, by its counts, which are of all; None where there are none."""
    fine, said, size = True, [], {**CELLS, **SOURCES}[name]["size"]
    if not there.whole and not there.counted:
        return None, (f"{name}: the file has spikes of some neurons only, and no counts of all; record all, or "
                      "add a recorder with what = counts")
    theirs = statistics(there.steps, there.ids, there.end, size) if there.whole else there.counted
    for what, a, b in zip(("rate (Hz)", "CV"), statistics(*here, there.end, size), theirs):
        if a and b and numpy.isfinite(b[0]):
            error = a[1] if b[1] is None else b[1]
            fine &= bool(abs(a[0] - b[0]) <= 5 * (a[1]**2 + error**2)**0.5 + 1e-12)
            said.append(f"{what} {a[0]:.5g} +- {a[1]:.2g} here, {b[0]:.5g} +- {error:.2g} in the file")
    return (fine if said else None), f"{name}: " + ("; ".join(said) or "nothing to compare")


def compare(spikes, path):
    """Prints what is found; 0 where the two agree, 1 where they do not, 2 where nothing could be compared."""
    found = []
    for name, there in read_megalif(path).items():
        fine, said = (alike if RANDOM else same)(name, spikes[name], there)
        found.append(fine)
        print(said)
    if False in found:
        print("THEY DIFFER" + PRECISION_NOTE)
        return 1
    print("they agree" if True in found else "NOTHING COULD BE COMPARED" if found else "no spikes recorded")
    return 0 if True in found else 2


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
