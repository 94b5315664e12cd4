/* The engine without recording: neurons x threads x drive, and the instruction sets and precisions
 * at a million neurons. One iteration is one block of steps; figures are of the median block.
 * Between two blocks the limit is timed: what any implementation would need for these neuron-steps
 * one by one (leaps may take less), on a tile that stays in the L1 cache (limits.h). For constant
 * currents that is a step of neurons that never spike; for white and OU noise the normal numbers
 * alone, as our kernel makes them; for Poisson input the random bits alone.
 *   items_per_second  neuron-steps/s of wall time
 *   ns      wall time per neuron-step and thread
 *   cpu_ns  processor time per neuron-step: the better figure on a shared machine, with one thread
 *   limit   ns per neuron-step that the limit takes
 *   ratio   cpu_ns / limit with one thread, ns / limit with several
 *   Hz      mean rate of the neurons, to see that the work is what it should be
 * MEGALIF_ISA, MEGALIF_TILE and MEGALIF_BLOCK act as they do in a run.
 * MEGALIF_BENCH_NEURONS=1e8 sets the largest population (1e7); it takes about 11 bytes a neuron.
 */
#include "bench/bench.h"
#include "bench/environment.h"
#include "bench/limits.h"

#include <benchmark/benchmark.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow" /* C has functions named like structs */
extern "C" {
#include "config/read.h"
#include "engine/engine.h"
}
#pragma GCC diagnostic pop

#include <cmath>
#include <ctime>
#include <memory>
#include <string>

namespace
{
constexpr double DT_MS = 0.1, DURATION_MS = 1e6;

enum class limit { STEP, STEP_SAME, NORMALS, BITS };

struct drive_text {
    const char *name;
    double first, last; /* I_e over the ids, pA */
    enum limit limit;
    const char *input;
};

/* 20 to 30 Hz each, but for the Poisson drive, which is at threshold in the mean. */
constexpr drive_text DRIVES[] = {
    {"dc", 200, 260, limit::STEP, ""},
    {"dc_same", 225, 225, limit::STEP_SAME, ""},
    {"white_noise", 170, 230, limit::NORMALS,
     "[input.noise]\ntarget = p\ntype = white_noise\nmean = 0 pA\nstd = 500 pA\n"},
    {"ou_noise", 180, 240, limit::NORMALS,
     "[input.noise]\ntarget = p\ntype = ou_noise\nmean = 0 pA\nstd = 60 pA\ntau = 5 ms\n"},
    {"poisson", 0, 0, limit::BITS,
     "[input.background]\ntarget = p\ntype = poisson\nrate = 5 kHz\nweight = 0.15 mV\n"},
};

struct setting {
    const drive_text *drive;
    long neurons;
    int threads;
    enum isa isa;
    int bits;

    std::string name() const
    {
        return std::string("engine/") + drive->name + "/" + cpu_isa_name(isa) + "/f" +
               std::to_string(bits) + "/neurons:" + std::to_string(neurons) +
               "/threads:" + std::to_string(threads);
    }
};

std::string current_text(const drive_text &drive)
{
    std::string first = std::to_string(drive.first), last = std::to_string(drive.last);
    return drive.first < drive.last ? "linspace(" + first + ", " + last + ")" : first;
}

std::string config_text(const setting &s)
{
    return "[simulation]\ndt = 0.1 ms\nseed = 42\nduration = " +
           std::to_string(static_cast<long>(DURATION_MS)) +
           " ms\nprecision = " + (s.bits == 64 ? "double" : "single") +
           "\n[population.p]\nsize = " + std::to_string(s.neurons) +
           "\ntau_m = 20 ms\nC_m = 250 pF\nE_L = -65 mV\nV_th = -50 mV\nV_reset = -65 mV\n"
           "t_ref = 2 ms\nV_m = uniform(-65 mV, -50 mV)\nI_e = " +
           current_text(*s.drive) + "\n" + s.drive->input;
}

/* Neurons under constant current begin anywhere in their interval, evenly: the rate is the same
 * from the first step on, however few steps a large population gets. */
template <class Real> void spread_phases(struct population *p, const drive_text &drive)
{
    constexpr double R = 0.08, DISTANCE = 15.0, TAU = 20.0, T_REF = 2.0,
                     GOLDEN = 0.6180339887498949;
    auto *u = static_cast<Real *>(p->state[MODEL_U]);
    double each = (drive.last - drive.first) / static_cast<double>(p->size);
    for (std::uint64_t i = 0; i < p->size; i++) {
        double drop = R * (drive.first + each * static_cast<double>(i)), whole;
        double climb = TAU * std::log(drop / (drop - DISTANCE));
        double phase = std::modf(GOLDEN * static_cast<double>(i), &whole);
        double time = std::max(0.0, phase * (climb + T_REF) - T_REF);
        u[i] = static_cast<Real>(drop * -std::expm1(-time / TAU) - DISTANCE);
    }
}

/* Of all threads of the process: what a machine shared with others does not stretch. */
double cpu_seconds()
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct simulation {
    std::string name, problem;
    struct config *config = nullptr;
    struct engine *engine = nullptr;

    explicit simulation(const setting &s) : name(s.name())
    {
        struct messages errors = {}, warnings = {};
        struct error err = {};
        const std::string text = config_text(s);
        struct engine_settings settings = {}; /* nothing is recorded */
        settings.isa = s.isa;
        settings.threads = s.threads;
        settings.tile = environment_read().tile;
        settings.block = environment_read().block;
        enum status status = config_read_text(text.data(), text.size(), "benchmark", nullptr, 0,
                                              &drive_config_types, &config, &errors);
        if (!status)
            status = engine_open(&engine, config, &settings, &errors, &warnings, &err);
        if (!status && !*s.drive->input && s.bits == 32)
            spread_phases<float>(engine_population(engine, 0), *s.drive);
        if (!status && !*s.drive->input && s.bits == 64)
            spread_phases<double>(engine_population(engine, 0), *s.drive);
        if (status)
            problem = errors.count > 0 ? errors.line[0] : err.text;
        messages_free(&errors);
        messages_free(&warnings);
    }
    simulation(const simulation &) = delete;
    simulation &operator=(const simulation &) = delete;
    ~simulation()
    {
        engine_close(engine);
        config_free(config);
    }
    bool has_room() const
    {
        return engine_steps_done(engine) + engine_block(engine) <= config->steps;
    }
};

/* Repetitions go on with the engine of the one before: building it may take longer than they do. */
simulation &simulation_for(const setting &s)
{
    static std::unique_ptr<simulation> last;
    if (!last || last->name != s.name() || (last->engine && !last->has_room())) {
        last.reset(); /* first: two of them may not fit */
        last = std::make_unique<simulation>(s);
        for (int block = 0; last->engine && block < 2; block++)
            engine_advance(last->engine, engine_block(last->engine));
    }
    return *last;
}

/* The limit of a drive, on neurons far below threshold. */
class drive_limit
{
  public:
    explicit drive_limit(const setting &s)
        : kind(s.drive->limit), loops(limits_for(s.isa, s.bits)),
          kernels(kernels_for(s.isa, s.bits)),
          count(ROW_BYTES * 8 / static_cast<std::size_t>(s.bits)), u(make_row(s.bits, -7.0)),
          d(make_row(s.bits, DRIFT))
    {
    }

    /* Nanoseconds per neuron-step, of some tenths of a millisecond. */
    double ns()
    {
        const int calls = kind == limit::STEP || kind == limit::STEP_SAME ? 1024 : 128;
        double seconds = seconds_of([&] {
            for (int i = 0; i < calls; i++)
                once();
        });
        return 1e9 * seconds / (calls * static_cast<double>(count));
    }

  private:
    static constexpr double DECAY = 0.005, DRIFT = -0.025;

    void once()
    {
        static const struct philox_key KEY = {{0x2a, 0x17}};
        if (kind == limit::NORMALS)
            kernels->normals(u.get(), count, KEY, step++, 0);
        else if (kind == limit::BITS)
            loops.random(u.get(), count, KEY.word, step++);
        else
            benchmark::DoNotOptimize(loops.step(u.get(), nullptr,
                                                kind == limit::STEP ? d.get() : nullptr, nullptr,
                                                DECAY, DRIFT, count));
        benchmark::ClobberMemory();
    }

    enum limit kind;
    const limit_loops &loops;
    const struct kernels *kernels;
    std::size_t count;
    row u, d;
    std::uint64_t step = 0;
};

void measure(benchmark::State &state, const setting &s)
{
    drive_limit limit(s);
    simulation *now = &simulation_for(s);
    if (!now->problem.empty())
        return state.SkipWithError(now->problem.c_str());
    const std::size_t block = engine_block(now->engine);
    const double neuron_steps = static_cast<double>(block) * static_cast<double>(s.neurons);
    std::vector<double> wall, cpu, least;
    std::uint64_t spikes = 0;
    for (auto _ : state) {
        if (!now->has_room())
            now = &simulation_for(s);
        std::uint64_t before = engine_digest(now->engine).spikes;
        double cpu_before = cpu_seconds();
        wall.push_back(seconds_of([&] { engine_advance(now->engine, block); }));
        cpu.push_back(cpu_seconds() - cpu_before);
        spikes += engine_digest(now->engine).spikes - before;
        least.push_back(limit.ns());
        state.SetIterationTime(wall.back());
    }
    const int threads = engine_threads(now->engine);
    const double ns = 1e9 * median(wall) * threads / neuron_steps;
    const double cpu_ns = 1e9 * median(cpu) / neuron_steps;
    state.counters["items_per_second"] = neuron_steps / median(wall);
    state.counters["ns"] = ns;
    state.counters["limit"] = median(least);
    /* A block is long enough to be preempted, the limit's loops are not. */
    state.counters["ratio"] = (threads == 1 ? cpu_ns : ns) / median(least);
    state.counters["cpu_ns"] = cpu_ns;
    state.counters["Hz"] = static_cast<double>(spikes) /
                           (static_cast<double>(wall.size()) * neuron_steps * DT_MS * 1e-3);
}

void add(const setting &s)
{
    benchmark::RegisterBenchmark(s.name().c_str(),
                                 [s](benchmark::State &state) { measure(state, s); })
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
}
} // namespace

void register_engine()
{
    const double most = environment_read().neurons;
    const enum isa best = environment_read().isa;
    for (const drive_text &drive : DRIVES)
        for (long neurons = 1000; static_cast<double>(neurons) <= most; neurons *= 10)
            for (int threads = 1; threads <= std::min(2, cpu_threads_allowed()); threads++)
                if (threads == 1 || neurons > 1000) /* else a second one has no work */
                    add({&drive, neurons, threads, best, 32});
    for (int isa = 0; isa < ISA_COUNT; isa++)
        for (int bits : {32, 64})
            if (kernels_for(static_cast<enum isa>(isa), bits) && (isa != best || bits != 32))
                add({&DRIVES[0], 1000000, 1, static_cast<enum isa>(isa), bits});
}
