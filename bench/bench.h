/* What the benchmarks share. Each register_* adds its benchmarks under a first name of its own, so
 * that --benchmark_filter=^engine/ picks one kind. */
#ifndef MEGALIF_BENCH_BENCH_H
#define MEGALIF_BENCH_BENCH_H

#include <algorithm>
#include <chrono>
#include <vector>

void register_kernels();  /* kernels.cc */
void register_engine();   /* engine.cc */
void register_recorder(); /* recorder.cc */

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

#endif
