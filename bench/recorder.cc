/* The raster writer: rows of a million neurons at 25 Hz through reserve, commit and drain into the
 * page cache (closing and fsync are not timed), against write() of the same bytes, in turn.
 *   bytes_per_second  raw: 16 bytes a spike, of the median
 *   limit             bytes/s of write()
 *   ratio             writer's time / write()'s time (medians)
 *   stored            bytes in the file / raw bytes
 * The files lie in TMPDIR, or /tmp. */
#include "bench/bench.h"

#include <benchmark/benchmark.h>

extern "C" {
#include "sonata/raster_writer.h"
}

#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <random>
#include <string>
#include <unistd.h>

namespace
{
constexpr std::size_t ROWS = std::size_t{1} << 21; /* 32 MiB */

struct rows {
    std::vector<std::uint64_t> ids;
    std::vector<double> times;
};

/* 25 Hz of a million neurons: 2,500 spikes a step, in order, their ids some 400 apart. */
const rows &sample_rows()
{
    static rows made;
    if (!made.ids.empty())
        return made;
    std::mt19937_64 random(42);
    std::exponential_distribution<double> gap(1.0 / 400.0);
    double id = 0.0;
    for (std::uint64_t step = 1; made.ids.size() < ROWS;) {
        id += 1.0 + gap(random);
        if (id >= 1e6) {
            id = 0.0;
            step++;
            continue;
        }
        made.ids.push_back(static_cast<std::uint64_t>(id));
        made.times.push_back(static_cast<double>(step) / 10.0);
    }
    return made;
}

struct written {
    double seconds;
    struct raster_statistics statistics;
    bool failed;
};

void copy_rows(const void *context, std::uint64_t first, std::size_t rows_wanted,
               std::uint64_t *node_ids, double *timestamps)
{
    const rows &all = *static_cast<const rows *>(context);
    std::memcpy(node_ids, &all.ids[first], rows_wanted * sizeof all.ids[0]);
    std::memcpy(timestamps, &all.times[first], rows_wanted * sizeof all.times[0]);
}

written write_raster(const std::string &path, bool deflate, struct error *err)
{
    const char *name = "p";
    const struct raster_settings settings = {path.c_str(), true, deflate, &name, 1, 1,
                                             false,        false};
    const rows &all = sample_rows();
    struct raster_writer *writer;
    written w = {};
    hid_t file;
    double start = seconds_now();
    w.failed = raster_create(&writer, &settings, 16, err) != STATUS_OK;
    if (w.failed)
        return w;
    w.failed =
        raster_append(writer, 0, ROWS, copy_rows, &all, err) || raster_drain(writer, &file, err);
    w.seconds = seconds_now() - start;
    if (w.failed)
        raster_abandon(writer);
    else
        w.failed = raster_finish(writer, &w.statistics, err) != STATUS_OK;
    unlink(path.c_str());
    return w;
}

/* Seconds; negative: failed. */
double write_plain(const std::string &path)
{
    constexpr std::size_t PIECE = std::size_t{1} << 20;
    const rows &all = sample_rows();
    bool failed = false;
    double start = seconds_now();
    int fd = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    for (const void *data :
         {static_cast<const void *>(all.ids.data()), static_cast<const void *>(all.times.data())})
        for (std::size_t done = 0; done < ROWS * 8; done += PIECE)
            failed |= write(fd, static_cast<const char *>(data) + done, PIECE) != PIECE;
    double seconds = seconds_now() - start;
    close(fd);
    unlink(path.c_str());
    return failed ? -1.0 : seconds;
}

void measure(benchmark::State &state, bool deflate)
{
    const auto folder = std::filesystem::temp_directory_path();
    const std::string stem = (folder / ("megalif-bench-" + std::to_string(getpid()))).string();
    std::vector<double> ours, theirs;
    struct error err = {};
    written w = {};
    for (auto _ : state) {
        theirs.push_back(write_plain(stem + ".raw"));
        w = write_raster(stem + ".h5", deflate, &err);
        if (w.failed || theirs.back() < 0.0)
            return state.SkipWithError(w.failed ? err.text : "cannot write to TMPDIR");
        ours.push_back(w.seconds);
        state.SetIterationTime(w.seconds);
    }
    /* A counter, as SetBytesProcessed shows powers of 1024 and takes the mean. */
    state.counters["bytes_per_second"] = static_cast<double>(ROWS * 16) / median(ours);
    state.counters["limit"] = static_cast<double>(ROWS * 16) / median(theirs);
    state.counters["ratio"] = median(ours) / median(theirs);
    state.counters["stored"] = static_cast<double>(w.statistics.stored_bytes) /
                               static_cast<double>(w.statistics.raw_bytes);
}
} // namespace

void register_recorder()
{
    for (bool deflate : {false, true})
        benchmark::RegisterBenchmark(deflate ? "recorder/deflate" : "recorder/none",
                                     [=](benchmark::State &state) { measure(state, deflate); })
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond);
}
