"""SONATA report files made with h5py alone, and the membrane they show, for the tests."""
import h5py
import numpy as np


def membrane(current, dt=0.1, tau_m=20.0, C_m=250.0, E_L=-65.0, V_th=-50.0, V_reset=-65.0,
             t_ref=2.0):
    """Held currents [steps][neurons] (pA) through exact steps: V at steps 0, 1, ..., and spikes."""
    decay, refractory = -np.expm1(-dt / tau_m), round(t_ref / dt)
    V = np.full(current.shape[1], E_L)
    free, trace, spikes = np.zeros(len(V), int), [V], []
    for k, now in enumerate(current):
        V = np.where(free <= k, V + decay * (E_L - V + tau_m / C_m * now), V)
        crossed = (free <= k) & (V >= V_th)
        spikes += [(k + 1, int(i)) for i in np.flatnonzero(crossed)]
        V = np.where(crossed, V_reset, V)
        free[crossed] = k + 1 + refractory
        trace.append(V)
    return np.array(trace), spikes


def report(path, populations, variable="V_m", units="mV", interval=0.1, start=0.0):
    """populations: {name: (ids, values[rows][ids])}"""
    with h5py.File(path, "w") as file:
        for name, (ids, values) in populations.items():
            data = file.create_dataset(f"report/{name}/data", data=np.asarray(values, "f4"))
            data.attrs.update({"units": units, "variable": variable})
            mapping = file.create_group(f"report/{name}/mapping")
            mapping["node_ids"] = np.asarray(ids, "u8")
            mapping["index_pointers"] = np.arange(len(ids) + 1, dtype="u8")
            mapping["element_ids"] = np.zeros(len(ids), "u4")
            mapping["element_pos"] = np.zeros(len(ids), "f4")
            mapping["time"] = [start, start + len(values) * interval, interval]
            mapping["time"].attrs["units"] = "ms"
    return path
