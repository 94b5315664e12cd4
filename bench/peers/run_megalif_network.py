"""megalif through its Python package, so that only the timed part counts; all spikes in memory."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))
import megalif  # noqa: E402
import net_work  # noqa: E402


def main():
    given = net_work.given()
    before, begin = net_work.resident(), net_work.seconds()
    simulation = megalif.Simulation(given["network"]["config"], threads=given["threads"], set={
        "simulation.seed": given["seed"], "simulation.warmup": "0 ms",
        "simulation.duration": f"{given['warmup'] + given['duration']} ms"})
    built, grown = net_work.seconds(), net_work.resident() - before
    simulation.advance(given["warmup"])
    start = net_work.seconds()
    spikes = simulation.advance(given["duration"])
    end = net_work.seconds()
    net_work.report(version=f"{megalif.__version__} ({simulation.report.isa})",
                    build_s=built[0] - begin[0], wall_s=end[0] - start[0], cpu_s=end[1] - start[1],
                    network_bytes=grown,
                    spikes={name: len(found) for name, found in spikes.items()})


main()
