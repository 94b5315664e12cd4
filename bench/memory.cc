/* What the machine's memory gives: a triad over arrays far larger than the caches, by one thread
 * and by all. A block of steps of a large population is bound to it (docs/performance.md).
 *   bytes_per_second  two arrays read, one written */
#include "bench/bench.h"

#include <benchmark/benchmark.h>

extern "C" {
#include "base/cpu.h"
}

#include <set>
#include <string>

namespace
{
constexpr std::size_t COUNT = std::size_t{1} << 25; /* floats: 128 MiB an array */

void triad(benchmark::State &state, int threads)
{
    const std::unique_ptr<float[]> a(new float[COUNT]), b(new float[COUNT]), c(new float[COUNT]);
    float *to = a.get(), *from = b.get(), *more = c.get();
    /* First touched by the thread that will use them. */
#pragma omp parallel for num_threads(threads) schedule(static)
    for (std::size_t i = 0; i < COUNT; i++) {
        to[i] = 0.0f;
        from[i] = 1.0f;
        more[i] = 2.0f;
    }
    std::vector<double> seconds;
    for (auto _ : state) {
        seconds.push_back(seconds_of([&] {
#pragma omp parallel for simd num_threads(threads) schedule(static)
            for (std::size_t i = 0; i < COUNT; i++)
                to[i] = from[i] + 3.0f * more[i];
        }));
        benchmark::ClobberMemory();
        state.SetIterationTime(seconds.back());
    }
    state.counters["bytes_per_second"] = 3 * COUNT * sizeof(float) / median(seconds);
}
} // namespace

void register_memory()
{
    for (int threads : std::set<int>{1, cpu_threads_allowed()})
        benchmark::RegisterBenchmark(("memory/triad/threads:" + std::to_string(threads)).c_str(),
                                     [=](benchmark::State &state) { triad(state, threads); })
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond);
}
