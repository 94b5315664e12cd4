/* What the benchmarks share. Each register_* adds its benchmarks under a first name of its own, so
 * that --benchmark_filter=^engine/ picks one kind. */
#ifndef MEGALIF_BENCH_BENCH_H
#define MEGALIF_BENCH_BENCH_H

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

extern "C" {
#include "base/memory.h"
}

void register_kernels();  /* kernels.cc */
void register_engine();   /* engine.cc */
void register_recorder(); /* recorder.cc */
void register_memory();   /* memory.cc */
void register_network();  /* network.cc */

inline double seconds_now()
{
    using namespace std::chrono;
    return duration<double>(steady_clock::now().time_since_epoch()).count();
}

/* Wall seconds of one call. */
template <class Function> double seconds_of(Function function)
{
    double start = seconds_now();
    function();
    return seconds_now() - start;
}

inline double median(std::vector<double> values)
{
    auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return values.empty() ? 0.0 : *middle;
}

/* A row of a tile: reals of 32 or 64 bits, all of one value at first. */
constexpr std::size_t ROW_BYTES = 8192; /* four rows fit a 32 KiB L1 cache */

struct row_deleter {
    void operator()(void *memory) const { memory_free(memory, ROW_BYTES); }
};
using row = std::unique_ptr<void, row_deleter>;

inline row make_row(int bits, double value)
{
    row made(memory_alloc(ROW_BYTES));
    for (std::size_t i = 0; i < ROW_BYTES * 8 / static_cast<std::size_t>(bits); i++)
        if (bits == 32)
            static_cast<float *>(made.get())[i] = static_cast<float>(value);
        else
            static_cast<double *>(made.get())[i] = value;
    return made;
}

#endif
