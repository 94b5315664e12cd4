/* What the environment says to the benchmarks, as it does to a run (docs/performance.md). */
#ifndef MEGALIF_BENCH_ENVIRONMENT_H
#define MEGALIF_BENCH_ENVIRONMENT_H

#include <cstddef>

extern "C" {
#include "base/cpu.h"
}

struct environment {
    enum isa isa;            /* MEGALIF_ISA, or the widest */
    std::size_t tile, block; /* MEGALIF_TILE, MEGALIF_BLOCK; 0: chosen */
    double neurons;          /* MEGALIF_BENCH_NEURONS: of the largest population */
};

/* Read once. A value that cannot be is told of and ends the program with 2: figures of something
 * else than what was asked for would be worse than none. */
const environment &environment_read();

#endif
