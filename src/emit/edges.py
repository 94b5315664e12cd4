# ---- synapses -------------------------------------------------------------------------------------
def edges():
    """Synapses as megalif has drawn them, some million at a time: the populations of their ends, then of
    each synapse source, target, weight (mV, pA or nS, by the target's model) and delay in steps."""
    if EDGES is None:
        return
    import h5py
    with h5py.File(EDGES) as file:
        for group in file["edges"].values():
            ends = [group[f"{end}_node_id"] for end in ("source", "target")]
            names = [end.attrs["node_population"] for end in ends]
            for begin in range(0, len(ends[0]), 2_000_000):
                part = slice(begin, begin + 2_000_000)
                source, target = (end[part].astype(int) for end in ends)
                delay = numpy.rint(group["0/delay"][part] / DT).astype(int)
                yield *names, source, target, group["0/syn_weight"][part], delay


