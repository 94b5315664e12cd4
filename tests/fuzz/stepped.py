"""Steps a config in pieces, by the Python package.

usage: stepped.py CONFIG OUTPUT THREADS cut | whole STEPS...

`whole` goes on to the end. `cut` leaves a checkpoint after the last piece and no file, so that
`run --resume` goes on from there; but where max_rate has ended the run, nothing is left to do."""
import sys

import megalif


def main(config, output, threads, end, *pieces):
    with megalif.Simulation(config, output=output, threads=int(threads),
                            checkpoint=end == "cut") as simulation:
        try:
            for steps in pieces:
                simulation.advance(steps=int(steps))
            if end == "cut":
                simulation.checkpoint()
                return
            simulation.advance()
        except megalif.RangeError:
            pass
        simulation.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
