/* All benchmarks in one program; options are Google Benchmark's. */
#include "bench/bench.h"
#include "bench/environment.h"

#include <benchmark/benchmark.h>

extern "C" {
#include "base/version.h"
}

#include <string>

int main(int argc, char **argv)
{
    /* Ours come before the user's: three repetitions, so that compare.py sees a spread. */
    std::string ours[] = {"--benchmark_repetitions=3", "--benchmark_min_time=0.1"};
    std::vector<char *> arguments(argv, argv + argc);
    for (std::string &option : ours)
        arguments.insert(arguments.begin() + 1, option.data());
    int count = static_cast<int>(arguments.size());
    benchmark::AddCustomContext("megalif", version_number());
    const environment &given = environment_read();
    benchmark::AddCustomContext("isa", cpu_isa_name(given.isa));
    if (given.tile > 0)
        benchmark::AddCustomContext("MEGALIF_TILE", std::to_string(given.tile));
    if (given.block > 0)
        benchmark::AddCustomContext("MEGALIF_BLOCK", std::to_string(given.block));
    benchmark::AddCustomContext("threads", std::to_string(cpu_threads_allowed()));
    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data()))
        return 1;
    register_kernels();
    register_engine();
    register_recorder();
    register_memory();
    register_network();
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
