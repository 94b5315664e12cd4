/* Reads the rows of all fed inputs and populations ahead of the engine: while it steps through one
 * window, a thread fills the other. */
#include "setup/feed_rows.h"

#include "base/memory.h"
#include "drive/drive.h"
#include "setup/feed.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A block's rows: so many bytes, unless a single row is larger; and so many steps. */
enum { WINDOW_BYTES = 64 << 20, WINDOW_STEPS = 1024 };

/* The rows of all inputs for some steps. */
struct window {
    uint64_t first, steps;
    void **data; /* [feeds] */
};

struct feed_rows {
    const struct config *config;
    size_t real_bytes;
    struct feed **feed;      /* [inputs, then populations]; NULL: one that reads no file */
    struct input_rows *list; /* likewise */
    uint64_t longest;        /* steps there is room for in a window */
    struct window window[2];
    int present;      /* the window that the engine reads */
    bool ahead;       /* the other one is being filled */
    pthread_t thread; /* by this thread, if it runs */
    bool running;
    enum status status; /* of the filling */
    struct error error;
};

static size_t feed_count(const struct feed_rows *rows)
{
    return rows->config->input_count + rows->config->population_count;
}

static uint64_t row_bytes(const struct feed_rows *rows, size_t index)
{
    const struct feed *feed = rows->feed[index];
    if (!feed)
        return 0;
    return feed_per_neuron(feed) ? feed_columns(feed) * rows->real_bytes : sizeof(double);
}

static uint64_t all_row_bytes(const struct feed_rows *rows)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < feed_count(rows); i++)
        bytes += row_bytes(rows, i);
    return bytes;
}

uint64_t feed_rows_bytes(const struct feed_rows *rows)
{
    uint64_t bytes = rows ? 2 * rows->longest * all_row_bytes(rows) : 0;
    for (size_t i = 0; rows && i < feed_count(rows); i++)
        bytes += rows->feed[i] ? feed_bytes(rows->feed[i]) : 0;
    return bytes;
}

static bool is_fed(const struct config *config, size_t index)
{
    return index < config->input_count ? drive_is_fed(&config->input[index])
                                       : config->population[index - config->input_count].model->fed;
}

static struct feed_owner owner_of(const struct config *config, size_t index)
{
    return index < config->input_count
               ? feed_owner_of_input(config, index)
               : feed_owner_of_population(config, index - config->input_count);
}

static enum status open_feeds(struct feed_rows *rows, struct setup_files *files,
                              struct messages *errors, struct messages *warnings)
{
    enum status worst = STATUS_OK;
    for (size_t i = 0; i < feed_count(rows); i++) {
        if (!is_fed(rows->config, i))
            continue;
        const struct feed_owner owner = owner_of(rows->config, i);
        enum status status = feed_open(&rows->feed[i], &owner, files, errors, warnings);
        worst = status > worst ? status : worst;
    }
    return worst;
}

static enum status allocate_windows(struct feed_rows *rows, struct messages *errors)
{
    uint64_t bytes = all_row_bytes(rows);
    rows->longest = WINDOW_BYTES / bytes;
    rows->longest = rows->longest < 1              ? 1
                    : rows->longest > WINDOW_STEPS ? WINDOW_STEPS
                                                   : rows->longest;
    for (size_t i = 0; i < feed_count(rows); i++) {
        const struct feed *feed = rows->feed[i];
        for (int w = 0; feed && w < 2; w++) {
            rows->window[w].data[i] = memory_alloc(rows->longest * row_bytes(rows, i));
            if (!rows->window[w].data[i]) {
                messages_add(errors, "not enough memory for the rows of files");
                return STATUS_MEMORY;
            }
        }
        if (feed)
            rows->list[i] = (struct input_rows){.per_neuron = feed_per_neuron(feed),
                                                .stride = feed_columns(feed)};
    }
    return STATUS_OK;
}

static bool any_fed(const struct config *config)
{
    for (size_t i = 0; i < config->input_count + config->population_count; i++)
        if (is_fed(config, i))
            return true;
    return false;
}

enum status feed_rows_open(struct feed_rows **out, const struct config *config,
                           struct setup_files *files, struct messages *errors,
                           struct messages *warnings)
{
    *out = NULL;
    if (!any_fed(config))
        return STATUS_OK;
    struct feed_rows *rows = calloc(1, sizeof *rows);
    enum status status = STATUS_OK;
    if (!rows) {
        messages_add(errors, "not enough memory for the inputs' files");
        return STATUS_MEMORY;
    }
    rows->config = config;
    rows->real_bytes = config->precision == PRECISION_DOUBLE ? sizeof(double) : sizeof(float);
    rows->feed = calloc(feed_count(rows), sizeof *rows->feed);
    rows->list = calloc(feed_count(rows), sizeof *rows->list);
    for (int w = 0; w < 2; w++)
        rows->window[w].data = calloc(feed_count(rows), sizeof *rows->window[w].data);
    if (!rows->feed || !rows->list || !rows->window[0].data || !rows->window[1].data) {
        messages_add(errors, "not enough memory for the inputs' files");
        status = STATUS_MEMORY;
    }
    if (!status)
        status = open_feeds(rows, files, errors, warnings);
    if (!status)
        status = allocate_windows(rows, errors);
    if (status)
        feed_rows_close(rows);
    else
        *out = rows;
    return status;
}

const struct input_rows *feed_rows_list(const struct feed_rows *rows)
{
    return rows ? rows->list : NULL;
}

const struct input_rows *feed_rows_sources(const struct feed_rows *rows)
{
    return rows ? rows->list + rows->config->input_count : NULL;
}

uint32_t feed_rows_most(const struct feed_rows *rows, size_t population)
{
    const struct feed *feed = rows ? rows->feed[rows->config->input_count + population] : NULL;
    return feed ? feed_most(feed) : 0;
}

/* ---- filling the windows ---- */

static void *fill_window(void *argument)
{
    struct feed_rows *rows = argument;
    const struct window *window = &rows->window[1 - rows->present];
    rows->status = STATUS_OK;
    for (size_t i = 0; !rows->status && i < feed_count(rows); i++)
        if (rows->feed[i])
            rows->status = feed_fill(rows->feed[i], window->first, window->steps, rows->real_bytes,
                                     window->data[i], &rows->error);
    return NULL;
}

/* Begins to fill the window that the engine does not read; the thread takes no signals. Without a
 * thread it is filled at once. */
static void begin_filling(struct feed_rows *rows, uint64_t first, uint64_t steps)
{
    sigset_t all, before;
    struct window *window = &rows->window[1 - rows->present];
    window->first = first;
    window->steps = steps;
    rows->ahead = true;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rows->running = pthread_create(&rows->thread, NULL, fill_window, rows) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!rows->running)
        fill_window(rows);
}

static void end_filling(struct feed_rows *rows)
{
    if (rows->running)
        pthread_join(rows->thread, NULL);
    rows->running = rows->ahead = false;
}

/* The filled window becomes the one that the engine reads. */
static void present(struct feed_rows *rows)
{
    rows->present = 1 - rows->present;
    const struct window *window = &rows->window[rows->present];
    for (size_t i = 0; i < feed_count(rows); i++) {
        rows->list[i].data = window->data[i];
        rows->list[i].first = window->first;
        rows->list[i].steps = window->steps;
    }
}

static bool covers(const struct window *window, uint64_t step)
{
    return step >= window->first && step - window->first < window->steps;
}

enum status feed_rows_next(struct feed_rows *rows, uint64_t step, uint64_t most, uint64_t *steps,
                           struct error *err)
{
    *steps = most;
    if (!rows)
        return STATUS_OK;
    uint64_t wanted = most < rows->longest ? most : rows->longest;
    if (!covers(&rows->window[rows->present], step)) {
        bool expected = rows->ahead && rows->window[1 - rows->present].first == step;
        end_filling(rows);
        if (!expected) {
            begin_filling(rows, step, wanted);
            end_filling(rows);
        }
        if (rows->status) {
            rows->window[0].steps = rows->window[1].steps = 0;
            return error_set(err, rows->status, "%s", rows->error.text);
        }
        present(rows);
        uint64_t next = step + rows->window[rows->present].steps;
        uint64_t left = next < rows->config->steps ? rows->config->steps - next : 0;
        if (left > 0)
            begin_filling(rows, next, left < wanted ? left : wanted);
    }
    const struct window *window = &rows->window[rows->present];
    uint64_t there = window->first + window->steps - step;
    *steps = there < most ? there : most;
    return STATUS_OK;
}

void feed_rows_close(struct feed_rows *rows)
{
    if (!rows)
        return;
    end_filling(rows);
    for (size_t i = 0; i < feed_count(rows); i++) {
        for (int w = 0; w < 2; w++)
            if (rows->window[w].data && rows->feed && rows->feed[i])
                memory_free(rows->window[w].data[i], rows->longest * row_bytes(rows, i));
        if (rows->feed)
            feed_close(rows->feed[i]);
    }
    free(rows->window[0].data);
    free(rows->window[1].data);
    free(rows->feed);
    free(rows->list);
    free(rows);
}
