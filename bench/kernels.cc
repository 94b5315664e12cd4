/* The kernels on one tile that stays in the L1 cache, per instruction set and precision; beside
 * each a limit (limits.h), called in turn with it so that both see the same machine.
 *   items_per_second  neuron-steps/s of the kernel
 *   limit             neuron-steps/s of the limit
 *   ratio             kernel's time / limit's time (medians)
 * The limit is the cheapest loop for the same work, but for clamp and bridge/far: they have a plain
 * step beside them, to see what they add to one. */
#include "bench/bench.h"
#include "bench/limits.h"

#include <benchmark/benchmark.h>

extern "C" {
#include "kernel/kernel.h"
#include "neuron/poisson_table.h"
}

#include <cmath>
#include <functional>
#include <memory>
#include <string>

extern const limit_loops limits_scalar_32, limits_scalar_64;
#ifdef HAVE_AVX2
extern const limit_loops limits_avx2_32, limits_avx2_64;
#endif
#ifdef HAVE_AVX512
extern const limit_loops limits_avx512_32, limits_avx512_64;
#endif

const limit_loops &limits_for(enum isa isa, int bits)
{
#ifdef HAVE_AVX512
    if (isa == ISA_AVX512)
        return bits == 64 ? limits_avx512_64 : limits_avx512_32;
#endif
#ifdef HAVE_AVX2
    if (isa == ISA_AVX2)
        return bits == 64 ? limits_avx2_64 : limits_avx2_32;
#endif
    return bits == 64 ? limits_scalar_64 : limits_scalar_32;
}

namespace
{
constexpr double DECAY = 0.005, DRIFT = -0.025, JUMP = -0.001;
const struct philox_key KEY = {{0x2a, 0x17}};

/* A tile of neurons far below threshold, and what the kernels want beside it. */
struct tile {
    const struct kernels *kernels;
    const limit_loops *limit;
    int bits;
    std::size_t count;
    row u, e, d, jump;
    std::vector<std::uint16_t> group, ids;
    std::vector<std::uint64_t> crossed;
    std::uint64_t step = 0;

    tile(enum isa isa, int width)
        : kernels(kernels_for(isa, width)), limit(&limits_for(isa, width)), bits(width),
          count(ROW_BYTES * 8 / static_cast<std::size_t>(width)), u(make_row(width, -7.0)),
          e(make_row(width, DECAY)), d(make_row(width, DRIFT)), jump(make_row(width, JUMP)),
          group(count / 64), ids(count + LEAP_SLACK), crossed(count / 64)
    {
    }
    double real(double value) const { return bits == 32 ? static_cast<float>(value) : value; }
};

using work = std::function<void(tile &)>;

void measure(benchmark::State &state, enum isa isa, int bits, const work &kernel, const work &limit)
{
    constexpr int CALLS = 32;
    tile t(isa, bits);
    std::vector<double> ours, theirs;
    auto calls = [&t](const work &one) {
        return seconds_of([&] {
            for (int i = 0; i < CALLS; i++)
                one(t);
        });
    };
    calls(kernel);
    calls(limit);
    for (auto _ : state) {
        theirs.push_back(calls(limit));
        ours.push_back(calls(kernel));
        state.SetIterationTime(ours.back());
    }
    double items = static_cast<double>(t.count) * CALLS;
    state.counters["items_per_second"] = items / median(ours); /* preempted calls do not count */
    state.counters["limit"] = items / median(theirs);
    state.counters["ratio"] = median(ours) / median(theirs);
}

work step_kernel(bool e, bool d, bool jump)
{
    return [=](tile &t) {
        const struct step_arguments arguments = {t.u.get(),
                                                 {e ? t.e.get() : nullptr, t.real(DECAY)},
                                                 {d ? t.d.get() : nullptr, t.real(DRIFT)},
                                                 jump ? t.jump.get() : nullptr,
                                                 nullptr,
                                                 t.count,
                                                 t.group.data(),
                                                 t.crossed.data()};
        benchmark::DoNotOptimize(t.kernels->step(&arguments));
        benchmark::ClobberMemory();
    };
}

work step_limit(bool e, bool d, bool jump)
{
    return [=](tile &t) {
        benchmark::DoNotOptimize(
            t.limit->step(t.u.get(), e ? t.e.get() : nullptr, d ? t.d.get() : nullptr,
                          jump ? t.jump.get() : nullptr, DECAY, DRIFT, t.count));
        benchmark::ClobberMemory();
    };
}

/* The noise is made in the step; the neurons stay below threshold. z lies in e's place. */
work noisy_step_kernel(bool remembers)
{
    return [=](tile &t) {
        const struct noise noise = {
            KEY, t.step++, 0, {nullptr, t.real(0.001)}, remembers ? t.e.get() : nullptr, 0.02};
        const struct step_arguments arguments = {t.u.get(),
                                                 {nullptr, t.real(DECAY)},
                                                 {t.d.get(), t.real(DRIFT)},
                                                 nullptr,
                                                 &noise,
                                                 t.count,
                                                 t.group.data(),
                                                 t.crossed.data()};
        benchmark::DoNotOptimize(t.kernels->step(&arguments));
        benchmark::ClobberMemory();
    };
}

/* Bits go to a row that the kernel leaves alone. */
void other_random_limit(tile &t)
{
    t.limit->random(t.jump.get(), t.count, KEY.word, t.step++);
    benchmark::ClobberMemory();
}

/* LEAP_STEPS steps at once, to and fro between two arrays. */
void leap_kernel(tile &t)
{
    void *from = t.step++ % 2 ? t.jump.get() : t.u.get();
    void *to = from == t.u.get() ? t.jump.get() : t.u.get();
    const struct leap_arguments arguments = {from,
                                             to,
                                             {nullptr, t.real(DECAY)},
                                             {t.d.get(), t.real(DRIFT)},
                                             t.count,
                                             t.crossed.data(),
                                             t.ids.data()};
    benchmark::DoNotOptimize(t.kernels->leap(&arguments));
    benchmark::ClobberMemory();
}

void leap_limit(tile &t)
{
    const work step = step_limit(false, true, false);
    for (int i = 0; i < LEAP_STEPS; i++)
        step(t);
}

void accumulate_kernel(tile &t)
{
    t.kernels->accumulate(t.u.get(), {t.d.get(), 0.0}, {nullptr, t.real(DECAY)}, {t.e.get(), 0.0},
                          t.count);
    benchmark::ClobberMemory();
}

void accumulate_limit(tile &t)
{
    t.limit->accumulate(t.u.get(), t.d.get(), t.e.get(), DECAY, t.count);
    benchmark::ClobberMemory();
}

void normals_kernel(tile &t)
{
    t.kernels->normals(t.u.get(), t.count, KEY, t.step++, 0);
    benchmark::ClobberMemory();
}

void random_limit(tile &t)
{
    t.limit->random(t.u.get(), t.count, KEY.word, t.step++);
    benchmark::ClobberMemory();
}

void clamp_kernel(tile &t)
{
    t.kernels->clamp(t.u.get(), {nullptr, t.real(-20.0)}, t.count);
    benchmark::ClobberMemory();
}

/* The neurons are 7 mV below threshold, from where `strength` lets them cross now and then or not
 * at all. */
work bridge_kernel(double strength)
{
    return [=](tile &t) {
        const struct bridge_arguments arguments = {
            t.u.get(),      t.u.get(),       {nullptr, t.real(strength)}, t.count, KEY, t.step++, 0,
            t.group.data(), t.crossed.data()};
        benchmark::DoNotOptimize(t.kernels->bridge(&arguments));
        benchmark::ClobberMemory();
    };
}

/* 32 bits a neuron. */
void twice_random_limit(tile &t)
{
    other_random_limit(t);
    other_random_limit(t);
}

work counts_kernel(double mean)
{
    struct poisson_table *table;
    struct error err;
    if (poisson_table_open(&table, mean, &err))
        return nullptr;
    std::shared_ptr<struct poisson_table> owned(table, poisson_table_close);
    return [owned](tile &t) {
        t.kernels->counts(t.u.get(), t.count, &owned->counts, KEY, t.step++, 0);
        benchmark::ClobberMemory();
    };
}

struct pair {
    std::string name;
    work kernel, limit;
};
} // namespace

void register_kernels()
{
    std::vector<pair> pairs = {
        {"step", step_kernel(false, false, false), step_limit(false, false, false)},
        {"step/d", step_kernel(false, true, false), step_limit(false, true, false)},
        {"step/e/d", step_kernel(true, true, false), step_limit(true, true, false)},
        {"step/d/jump", step_kernel(false, true, true), step_limit(false, true, true)},
        {"step/d/noise", noisy_step_kernel(false), other_random_limit},
        {"step/d/noise/z", noisy_step_kernel(true), other_random_limit},
        {"leap/d", leap_kernel, leap_limit},
        {"accumulate", accumulate_kernel, accumulate_limit},
        {"normals", normals_kernel, random_limit},
        {"clamp", clamp_kernel, step_limit(false, false, false)},
        {"bridge/far", bridge_kernel(1.0), step_limit(false, true, false)},
        {"bridge/near", bridge_kernel(0.2), twice_random_limit},
    };
    for (double mean : {0.05, 0.5, 5.0, 100.0}) {
        std::string text = std::to_string(mean);
        text.erase(text.find_last_not_of("0.") + 1);
        pairs.push_back(
            {"counts/mean:" + (mean < 100.0 ? text : "100"), counts_kernel(mean), random_limit});
    }
    for (int bits : {32, 64})
        for (int isa = 0; isa < ISA_COUNT; isa++)
            for (const pair &p : pairs)
                if (kernels_for(static_cast<enum isa>(isa), bits) && p.kernel)
                    benchmark::RegisterBenchmark(
                        ("kernel/" + p.name + "/" + cpu_isa_name(static_cast<enum isa>(isa)) +
                         "/f" + std::to_string(bits))
                            .c_str(),
                        [=](benchmark::State &state) {
                            measure(state, static_cast<enum isa>(isa), bits, p.kernel, p.limit);
                        })
                        ->UseManualTime()
                        ->Unit(benchmark::kMicrosecond);
}
