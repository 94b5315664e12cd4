/* What delivery in networks is measured against (network.cc): scattered additions, and lists read
 * from main memory. */
#ifndef MEGALIF_BENCH_NETWORK_LIMITS_H
#define MEGALIF_BENCH_NETWORK_LIMITS_H

#include "bench/bench.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

namespace network_limits
{
using std::int16_t;
using std::int32_t;
using std::size_t;
using std::uint16_t;
using std::uint32_t;
using std::uint64_t;

constexpr size_t KIB = 1024, MIB = 1024 * KIB;

/* Large memory as the program's, in huge pages where there are any. */
template <class T> class array
{
  public:
    explicit array(size_t items) : bytes(items * sizeof(T)), memory(memory_alloc(bytes))
    {
        std::memset(memory, 0, bytes);
    }
    array(const array &) = delete;
    array &operator=(const array &) = delete;
    ~array() { memory_free(memory, bytes); }
    T *data() { return static_cast<T *>(memory); }
    T &operator[](size_t i) { return data()[i]; }

  private:
    size_t bytes;
    void *memory;
};

inline std::mt19937_64 &random_bits()
{
    static std::mt19937_64 generator(42);
    return generator;
}

inline uint64_t below(uint64_t bound)
{
    return random_bits()() % bound;
}

/* ---- scattered additions */

/* Four targets in a register: the loads of ids are a quarter of all. */
inline void add_same(const uint16_t *target, size_t count, int32_t *sum)
{
    for (size_t i = 0; i < count; i += 4) {
        uint64_t four;
        std::memcpy(&four, target + i, sizeof four);
        sum[four & 0xffff]++;
        sum[four >> 16 & 0xffff]++;
        sum[four >> 32 & 0xffff]++;
        sum[four >> 48]++;
    }
}

/* target << 16 | weight */
inline void add_weights(const uint32_t *synapse, size_t count, int32_t *sum)
{
    for (size_t i = 0; i < count; i += 2) {
        uint64_t two;
        std::memcpy(&two, synapse + i, sizeof two);
        sum[two >> 16 & 0xffff] += static_cast<int16_t>(two);
        sum[two >> 48] += static_cast<int16_t>(two >> 32);
    }
}

inline void add_far(const uint32_t *target, size_t count, int32_t *sum)
{
    for (size_t i = 0; i < count; i++)
        sum[target[i]]++;
}

enum class synapse { TARGET, WEIGHT, FAR };

/* Adds a list that stays in the L2 cache to so many sums. */
class additions
{
  public:
    additions(synapse synapses, size_t targets)
        : kind(synapses), count(std::min<size_t>(targets, 32 * KIB)), narrow(count), wide(count),
          sum(targets)
    {
        for (size_t i = 0; i < count; i++) {
            const uint64_t target = below(targets);
            narrow[i] = static_cast<uint16_t>(target);
            wide[i] = static_cast<uint32_t>(kind == synapse::FAR ? target
                                                                 : target << 16 | below(0x10000));
        }
    }

    /* Nanoseconds of one addition. */
    double ns()
    {
        const size_t calls = 256 * KIB / count;
        const double seconds = seconds_of([&] {
            for (size_t i = 0; i < calls; i++)
                once();
        });
        return 1e9 * seconds / static_cast<double>(calls * count);
    }

  private:
    void once()
    {
        if (kind == synapse::TARGET)
            add_same(narrow.data(), count, sum.data());
        else if (kind == synapse::WEIGHT)
            add_weights(wide.data(), count, sum.data());
        else
            add_far(wide.data(), count, sum.data());
        benchmark::ClobberMemory();
    }

    synapse kind;
    size_t count;
    array<uint16_t> narrow;
    array<uint32_t> wide;
    array<int32_t> sum;
};

/* ---- streams */

/* Reads segments of a memory far larger than the caches, as whole lines of them lie there. */
class stream
{
  public:
    stream(size_t synapse_bytes, size_t synapses)
        : length(synapses), words(length * synapse_bytes / sizeof(uint64_t)),
          memory(SIZE / sizeof(uint64_t)), place(PIECE / (length * synapse_bytes))
    {
    }

    /* Nanoseconds of one synapse; other segments each time. */
    double ns()
    {
        for (size_t &at : place)
            at = below(SIZE / (words * sizeof(uint64_t))) * words;
        const double seconds = seconds_of([&] {
            uint64_t all = 0;
            for (size_t i = 0; i < place.size(); i++) {
                if (i + AHEAD < place.size())
                    ask(memory.data() + place[i + AHEAD]);
                all += total(memory.data() + place[i]);
            }
            benchmark::DoNotOptimize(all);
        });
        return 1e9 * seconds / static_cast<double>(place.size() * length);
    }

  private:
    static constexpr size_t SIZE = 256 * MIB, PIECE = 8 * MIB, AHEAD = 24, LINE = 64;

    /* All lines of short segments; of long ones the processor finds the rest itself. */
    void ask(const uint64_t *segment) const
    {
        const size_t bytes = std::min<size_t>(words * sizeof(uint64_t), 4 * LINE);
        for (size_t i = 0; i < bytes; i += LINE)
            __builtin_prefetch(reinterpret_cast<const char *>(segment) + i);
    }

    uint64_t total(const uint64_t *segment) const
    {
        uint64_t sum = 0;
        for (size_t i = 0; i < words; i++)
            sum += segment[i];
        return sum;
    }

    size_t length, words;
    array<uint64_t> memory;
    std::vector<size_t> place;
};
} // namespace network_limits

#endif
