/* What networks cost, beside loops that any implementation would need for them.
 *   network/add/      scattered additions: sums of 32 bits, far more of them than are added to at
 *                     once; of one weight for all (targets of 16 bits) or one each (and weights of
 *                     16 bits), to sums that lie in the L1 cache, in L2, or beyond (targets of 32
 *                     bits)
 *   network/stream/   segments of synapses read from main memory, in random order, asked for ahead
 *   network/barrier/  a task that does nothing, by all threads of a team
 *   network/delivery/ our delivery of spikes (net/deliver.h), one thread: lists of which all delays
 *                     are the same, and lists with a segment for each delay
 *   network/procedural/
 *                     a projection whose synapses are drawn anew for each spike, delivered
 *                     as in runs (net/net.h), one thread; lists is the ns of the same one in lists
 *   network/bitmaps/  our delivery from bitmaps (net/deliver_bits.h); ratio is ns / stream, the
 *                     reading of the same lines in words of 64 bits
 * items_per_second are synapses' events, or barriers; ns is the time of one. Between two pieces of
 * delivery its limits are timed: `limit`, the scattered additions to as many sums, and `stream`,
 * the reading of as long lists, which with a segment for each delay are read bit by bit; ratio is
 * ns / limit. Medians. */
#include "bench/bench.h"
#include "bench/network_limits.h"

#include <benchmark/benchmark.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow" /* C has functions named like structs */
extern "C" {
#include "base/cpu.h"
#include "base/team.h"
#include "config/read.h"
#include "net/deliver.h"
#include "net/deliver_bits.h"
#include "net/net.h"
}
#pragma GCC diagnostic pop

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>
#include <string>

namespace
{
using namespace network_limits;

/* ---- delivery */

struct lists {
    const char *name;
    synapse_kind kind;
    size_t sources, segments, length; /* 1 segment: one delay for all */
    size_t spikes;                    /* in a step */

    size_t synapses() const { return segments * length; }
    size_t bytes() const { return synapse_element_bytes(kind); }
};

/* A cell of as many neurons as there can be, and spikes of one population into it. */
class network
{
  public:
    static constexpr size_t TARGETS = 65536;

    explicit network(const lists &lists)
        : given(lists), first(given.sources + 1),
          list((elements() * given.sources * given.bytes() + sizeof(uint64_t) - 1) /
               sizeof(uint64_t)),
          sum(RECEPTORS_MOST * TARGETS), count(TARGETS)
    {
        table.synapses.form = {STORAGE_LISTS, given.kind, 0, 1, given.segments > 1, 1};
        table.synapses.sources = given.sources;
        table.synapses.places.first = first.data();
        table.synapses.list = list.data();
        table.synapses.longest = static_cast<uint32_t>(given.segments);
        for (size_t i = 0; i <= given.sources; i++)
            first[i] = static_cast<uint32_t>(i * elements());
        for (size_t i = 0; i < given.sources; i++)
            fill(i);
        struct error err = {};
        history_open(&history, 1, given.segments + 1, &err);
        for (size_t i = 0; i < 2 * given.segments; i++)
            advance(); /* until as many spikes are under way as will be */
    }
    network(const network &) = delete;
    network &operator=(const network &) = delete;
    ~network()
    {
        flights_close(&flights);
        history_close(&history);
    }

    /* Events of a step; only its delivery is timed. */
    uint64_t advance()
    {
        const struct delivery delivery = {&table,
                                          1,
                                          &history,
                                          TARGETS,
                                          4,
                                          kernels_for(kernels_best_isa(), 32),
                                          cpu_evicts_slowly() ? count.data() : nullptr};
        uint64_t events[RECEPTORS_MOST] = {};
        struct error err = {};
        seconds +=
            seconds_of([&] { deliver(&delivery, &flights, step, step, sum.data(), events, &err); });
        spike();
        step++;
        return events[0];
    }

    double seconds = 0;

  private:
    size_t elements() const
    {
        return given.synapses() +
               (given.segments > 1 ? given.segments * synapse_head(given.kind) : 0);
    }

    void put(size_t at, uint64_t value)
    {
        if (given.kind == SYNAPSE_TARGET)
            reinterpret_cast<uint16_t *>(list.data())[at] = static_cast<uint16_t>(value);
        else
            reinterpret_cast<uint32_t *>(list.data())[at] = static_cast<uint32_t>(value);
    }

    /* A head of a delay and a number of synapses, then these, for each delay. */
    void fill(size_t source)
    {
        size_t at = first[source];
        for (size_t delay = 1; delay <= given.segments; delay++) {
            if (given.segments > 1 && given.kind == SYNAPSE_TARGET)
                put(at++, delay);
            if (given.segments > 1)
                put(at++, given.kind == SYNAPSE_TARGET ? given.length : delay << 16 | given.length);
            for (size_t i = 0; i < given.length; i++)
                put(at++, random_bits()() & (given.kind == SYNAPSE_TARGET ? 0xffff : 0xffffffff));
        }
    }

    void spike()
    {
        struct error err = {};
        history_resize(&history, 0, step, given.spikes, &err);
        struct step_spikes *spikes = history_at(&history, 0, step);
        for (size_t i = 0; i < given.spikes; i++)
            spikes->ids[i] = static_cast<uint32_t>(below(given.sources));
        std::sort(spikes->ids, spikes->ids + given.spikes);
    }

    lists given;
    array<uint32_t> first;
    array<uint64_t> list;
    array<int32_t> sum;
    array<uint8_t> count;
    struct delivery_table table = {};
    struct flights flights = {};
    struct history history = {};
    uint64_t step = 0;
};

/* ---- procedural synapses */

struct sizes {
    const char *name;
    size_t sources, outdegree, spikes; /* spikes: in a step */
};

/* Some of 262,144 neurons onto all of them, which are four whole cells. */
class projection
{
  public:
    projection(const sizes &sizes, const char *storage) : given(sizes)
    {
        const std::string text =
            "[simulation]\ndt = 0.1 ms\nduration = 1 s\n[population.p]\nsize = 262144\n"
            "[projection.p]\ntarget = p\nrule = fixed_outdegree\nweight = 0.01 mV\ndelay = 0.1 ms\n"
            "storage = " +
            std::string(storage) + "\nsource = p[0:" + std::to_string(given.sources) +
            "]\noutdegree = " + std::to_string(given.outdegree) + "\n";
        struct net_settings settings = {};
        settings.kernels = kernels_for(kernels_best_isa(), 32);
        settings.tile = TILE;
        settings.block = settings.threads = 1;
        struct messages errors = {};
        struct error err = {};
        if (config_read_text(text.data(), text.size(), "benchmark", nullptr, 0, &drive_config_types,
                             &config, &errors) ||
            net_open(&net, config, &settings, &err) || net_scratch_open(&scratch, net, &err))
            std::abort();
        messages_free(&errors);
    }
    projection(const projection &) = delete;
    projection &operator=(const projection &) = delete;
    ~projection()
    {
        net_scratch_close(&scratch);
        net_close(net);
        config_free(config);
    }

    /* Nanoseconds of an event: without what steps take in which nothing arrives. */
    double ns()
    {
        scratch.events = 0;
        const double silent = seconds_of_steps(0);
        const double seconds = seconds_of_steps(given.spikes) - silent;
        return 1e9 * seconds / static_cast<double>(scratch.events);
    }

  private:
    static constexpr size_t TILE = 1024;
    static constexpr int STEPS = 20;

    double seconds_of_steps(size_t spikes)
    {
        double seconds = 0;
        for (int i = 0; i < STEPS; i++) {
            spike(spikes);
            step++;
            seconds += seconds_of([&] {
                for (size_t cell = 0; cell < net_cells(net); cell++)
                    net_deliver(net, cell, step, 1, &scratch);
            });
        }
        return seconds;
    }

    void spike(size_t spikes)
    {
        struct error err = {};
        history_resize(net_history(net), 0, step, spikes, &err);
        uint32_t *ids = history_at(net_history(net), 0, step)->ids;
        for (size_t i = 0; i < spikes; i++)
            ids[i] = static_cast<uint32_t>(below(given.sources));
        std::sort(ids, ids + spikes);
    }

    sizes given;
    struct config *config = nullptr;
    struct net *net = nullptr;
    struct net_scratch scratch = {};
    uint64_t step = 0;
};

struct projections {
    const sizes *given;
    projection anew, kept;

    explicit projections(const sizes &sizes)
        : given(&sizes), anew(sizes, "procedural"), kept(sizes, "lists")
    {
        anew.ns();
        kept.ns();
    }
};

/* Kept for the next repetition: making them takes longer. */
projections &projections_for(const sizes &given)
{
    static std::unique_ptr<projections> last;
    if (!last || last->given != &given) {
        last.reset(); /* first: two of them are large */
        last = std::make_unique<projections>(given);
    }
    return *last;
}

/* ---- bitmaps */

struct dense {
    const char *name;
    size_t percent, spikes; /* of pairs that are connected; in a step */
};

/* A population of 10,000 onto a cell of 12,544 neurons: 16 MB. */
class bitmaps
{
  public:
    explicit bitmaps(const dense &dense)
        : given(dense), count(SOURCES), row((SOURCES + 1) * storage_row_bytes(TARGETS)),
          sum(TARGETS), ids(given.spikes)
    {
        synapses.form.weight = 1;
        synapses.bits = {row.data(),  storage_row_bytes(TARGETS), 0, SOURCES, 0, TARGETS,
                         count.data()};
        for (size_t s = 0; s < SOURCES; s++)
            fill(s);
    }

    /* Nanoseconds of an event: of our delivery, and of reading as many rows. */
    double ns()
    {
        const struct kernels *kernels = kernels_for(kernels_best_isa(), 32);
        return per_event(
            [&](const step_spikes &s) { return deliver_bits(kernels, &synapses, &s, sum.data()); });
    }
    double read_ns()
    {
        return per_event([&](const step_spikes &s) {
            uint64_t events = 0, all = 0;
            for (size_t i = 0; i < s.count; i++)
                events += count[s.ids[i]];
            for (size_t at = 0; at < synapses.bits.stride; at += STORAGE_LINE)
                for (size_t i = 0; i < s.count; i++)
                    all += total(s.ids[i] * synapses.bits.stride + at);
            benchmark::DoNotOptimize(all);
            return events;
        });
    }

  private:
    static constexpr uint32_t SOURCES = 10000, TARGETS = 12544;
    static constexpr int STEPS = 200;

    void fill(size_t source)
    {
        for (uint32_t t = 0; t < TARGETS; t++)
            if (below(100) < given.percent) {
                uint8_t &byte = row[source * synapses.bits.stride + t / 8];
                byte = static_cast<uint8_t>(byte | 1 << t % 8);
                count[source]++;
            }
    }

    /* Of a line; what comes in the row is asked for. */
    uint64_t total(size_t at)
    {
        uint64_t all = 0, line[STORAGE_LINE / sizeof(uint64_t)];
        __builtin_prefetch(row.data() + at + 4 * STORAGE_LINE);
        std::memcpy(line, row.data() + at, sizeof line);
        for (uint64_t word : line)
            all += word;
        return all;
    }

    template <class Deliver> double per_event(Deliver &&deliver)
    {
        double seconds = 0;
        uint64_t events = 0;
        for (int i = 0; i < STEPS; i++) {
            for (uint32_t &id : ids)
                id = static_cast<uint32_t>(below(SOURCES));
            std::sort(ids.begin(), ids.end());
            const step_spikes spikes = {ids.data(), ids.size(), ids.size()};
            seconds += seconds_of([&] { events += deliver(spikes); });
        }
        return 1e9 * seconds / static_cast<double>(events);
    }

    dense given;
    array<uint32_t> count;
    array<uint8_t> row;
    array<int32_t> sum;
    std::vector<uint32_t> ids;
    struct synapses synapses = {};
};

/* ---- as benchmarks */

template <class Loop> void measure_loop(benchmark::State &state, Loop &&loop)
{
    std::vector<double> ns;
    loop.ns();
    for (auto _ : state) {
        const double start = seconds_now();
        ns.push_back(loop.ns());
        state.SetIterationTime(seconds_now() - start);
    }
    state.counters["ns"] = median(ns);
    state.counters["items_per_second"] = 1e9 / median(ns);
}

void nothing(void *, int, int) {}

void measure_barrier(benchmark::State &state, int threads)
{
    constexpr int CALLS = 100;
    std::vector<double> ns;
    for (auto _ : state) {
        const double seconds = seconds_of([&] {
            for (int i = 0; i < CALLS; i++)
                team_run(threads, nothing, nullptr);
        });
        ns.push_back(1e9 * seconds / CALLS);
        state.SetIterationTime(seconds);
    }
    state.counters["ns"] = median(ns);
    state.counters["items_per_second"] = 1e9 / median(ns);
}

void measure_delivery(benchmark::State &state, const lists &given)
{
    constexpr int STEPS = 20;
    network made(given);
    additions add(given.kind == SYNAPSE_TARGET ? synapse::TARGET : synapse::WEIGHT,
                  network::TARGETS);
    stream read(given.bytes(), given.synapses());
    std::vector<double> ns, limit, streams;
    for (auto _ : state) {
        uint64_t events = 0;
        made.seconds = 0;
        for (int i = 0; i < STEPS; i++)
            events += made.advance();
        ns.push_back(1e9 * made.seconds / static_cast<double>(events));
        limit.push_back(add.ns());
        streams.push_back(read.ns());
        state.SetIterationTime(made.seconds);
    }
    state.counters["ns"] = median(ns);
    state.counters["items_per_second"] = 1e9 / median(ns);
    state.counters["limit"] = median(limit);
    state.counters["stream"] = median(streams);
    state.counters["ratio"] = median(ns) / median(limit);
}

void measure_procedural(benchmark::State &state, const sizes &given)
{
    projections &made = projections_for(given);
    additions add(synapse::TARGET, NET_CELL_MOST);
    std::vector<double> ns, lists, limit;
    for (auto _ : state) {
        const double start = seconds_now();
        ns.push_back(made.anew.ns());
        lists.push_back(made.kept.ns());
        limit.push_back(add.ns());
        state.SetIterationTime(seconds_now() - start);
    }
    state.counters["ns"] = median(ns);
    state.counters["items_per_second"] = 1e9 / median(ns);
    state.counters["lists"] = median(lists);
    state.counters["limit"] = median(limit);
    state.counters["ratio"] = median(ns) / median(limit);
}

void measure_bitmaps(benchmark::State &state, const dense &given)
{
    bitmaps made(given);
    std::vector<double> ns, read;
    for (auto _ : state) {
        const double start = seconds_now();
        ns.push_back(made.ns());
        read.push_back(made.read_ns());
        state.SetIterationTime(seconds_now() - start);
    }
    state.counters["ns"] = median(ns);
    state.counters["items_per_second"] = 1e9 / median(ns);
    state.counters["stream"] = median(read);
    state.counters["ratio"] = median(ns) / median(read);
}

template <class Function> void add_benchmark(const std::string &name, Function function)
{
    benchmark::RegisterBenchmark(("network/" + name).c_str(), function)->UseManualTime();
}
} // namespace

void register_network()
{
    /* 16 KiB and 256 KiB of sums; 16 MiB where targets have 32 bits. */
    for (size_t targets : {4 * KIB, 64 * KIB}) {
        const std::string of = "/targets:" + std::to_string(targets);
        add_benchmark("add/same" + of, [=](benchmark::State &state) {
            measure_loop(state, additions(synapse::TARGET, targets));
        });
        add_benchmark("add/weights" + of, [=](benchmark::State &state) {
            measure_loop(state, additions(synapse::WEIGHT, targets));
        });
    }
    add_benchmark("add/far/targets:" + std::to_string(4 * MIB), [](benchmark::State &state) {
        measure_loop(state, additions(synapse::FAR, 4 * MIB));
    });
    for (size_t bytes : {sizeof(uint16_t), sizeof(uint32_t)})
        for (size_t length : {size_t{48}, size_t{1000}})
            add_benchmark(
                "stream/bytes:" + std::to_string(bytes) + "/segment:" + std::to_string(length),
                [=](benchmark::State &state) { measure_loop(state, stream(bytes, length)); });
    for (int threads : std::set<int>{1, cpu_threads_allowed()})
        add_benchmark("barrier/threads:" + std::to_string(threads),
                      [=](benchmark::State &state) { measure_barrier(state, threads); });
    /* Long lists of one delay; short ones, as where cells are many; delays from 1 to 40 steps, as
     * in the cortical microcircuit. */
    static const lists CASES[] = {
        {"same/segment:1000", SYNAPSE_TARGET, 100000, 1, 1000, 40},
        {"same/segment:64", SYNAPSE_TARGET, 1000000, 1, 64, 400},
        {"delays/segment:48", SYNAPSE_TARGET, 40000, 40, 48, 25},
        {"delays_weights/segment:48", SYNAPSE_WEIGHT_16, 40000, 40, 48, 25},
    };
    for (const lists &given : CASES)
        add_benchmark(std::string("delivery/") + given.name,
                      [&given](benchmark::State &state) { measure_delivery(state, given); });
    /* As long in each cell as the lists of one delay above. */
    static const sizes SIZES[] = {
        {"segment:1000", 16384, 4000, 40},
        {"segment:62", 262144, 250, 400},
    };
    for (const sizes &given : SIZES)
        add_benchmark(std::string("procedural/") + given.name,
                      [&given](benchmark::State &state) { measure_procedural(state, given); });
    /* As many as spike in a step of Brunel's network, and fewer; dense and less so. */
    static const dense DENSE[] = {
        {"percent:10/spikes:32", 10, 32},
        {"percent:10/spikes:4", 10, 4},
        {"percent:5/spikes:32", 5, 32},
    };
    for (const dense &given : DENSE)
        add_benchmark(std::string("bitmaps/") + given.name,
                      [&given](benchmark::State &state) { measure_bitmaps(state, given); });
}
