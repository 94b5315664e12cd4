/* Lines of progress, and the report of a run as text. */
#include "cli/cli_report.h"

#include "cli/cli_errors.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static double shown_at = -1.0; /* elapsed_s when progress was last shown */
static bool line_is_open;

/* 1234567 -> "1,234,567"; text: >= 28 bytes. */
static const char *grouped(uint64_t number, char *text)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, number), out = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[out++] = ',';
        text[out++] = digits[i];
    }
    text[out] = '\0';
    return text;
}

/* 12.3 s, 4 min 05 s, 3 h 20 min; text: >= 32 bytes. */
static const char *duration(double seconds, char *text)
{
    if (seconds < 60)
        snprintf(text, 32, "%.1f s", seconds);
    else if (seconds < 3600)
        snprintf(text, 32, "%d min %02d s", (int)(seconds / 60), (int)fmod(seconds, 60));
    else
        snprintf(text, 32, "%.0f h %02d min", floor(seconds / 3600), (int)fmod(seconds / 60, 60));
    return text;
}

/* 8.41e9 -> "8.41 G". text: >= 32 bytes. */
static const char *scaled(double value, char *text)
{
    static const char *const prefix[] = {"", " k", " M", " G", " T", " P"};
    int i = 0;
    for (; value >= 999.5 && i < 5; i++)
        value /= 1000;
    snprintf(text, 32, "%.3g%s", value, prefix[i]);
    return text;
}

static void draw_bar(double share, char *bar, int width)
{
    int full = (int)(share * width);
    for (int i = 0; i < width; i++)
        bar[i] = i < full ? '#' : '.';
    bar[width] = '\0';
}

/* Is it time to show progress? In a log, where short runs need no word, a line a minute. */
static bool is_due(double elapsed_s, bool terminal)
{
    const double first = terminal ? 0.0 : 5.0, pause = terminal ? 0.1 : 60.0;
    return elapsed_s >= (shown_at < 0 ? first : shown_at + pause);
}

static void show_steps(const struct mlif_progress *p)
{
    enum { WIDTH = 24 };
    char bar[WIDTH + 1], speed[32], left[32], spikes[32];
    bool terminal = isatty(STDERR_FILENO);
    double share = p->model_ms / p->duration_ms;
    double stepped = (double)(p->steps_done - p->first_step); /* by this process ... */
    double here = stepped / (double)p->steps_done;            /* ... of all steps done */
    if (p->steps_done == p->first_step || !is_due(p->elapsed_s, terminal))
        return;
    shown_at = p->elapsed_s;
    draw_bar(share, bar, WIDTH);
    fprintf(stderr, terminal ? "\r\033[K[%s] %3.0f %%  " : "megalif: [%s] %3.0f %%  ", bar,
            100 * share);
    fprintf(stderr,
            "%.5g of %.5g ms  %sneuron-steps/s  %.3g s per model second  %s spikes  %s left",
            p->model_ms, p->duration_ms, scaled((double)p->neurons * stepped / p->elapsed_s, speed),
            p->elapsed_s / (p->model_ms * 1e-3 * here), scaled((double)p->spikes, spikes),
            duration(p->elapsed_s * (1 - share) / (share * here), left));
    if (p->checkpoint_ms > 0)
        fprintf(stderr, "  safe up to %.5g ms", p->checkpoint_ms);
    fputs(terminal ? "" : "\n", stderr);
    fflush(stderr);
    line_is_open = terminal;
}

/* While synapses are made. */
static void show_synapses(const struct mlif_progress *p)
{
    enum { WIDTH = 24 };
    char bar[WIDTH + 1], made[32], all[32];
    bool terminal = isatty(STDERR_FILENO);
    double share = (double)p->synapses_made / (double)p->synapses;
    if (!is_due(p->elapsed_s, terminal))
        return;
    shown_at = p->elapsed_s;
    draw_bar(share, bar, WIDTH);
    fprintf(stderr, terminal ? "\r\033[K[%s] %3.0f %%  " : "megalif: [%s] %3.0f %%  ", bar,
            100 * share);
    fprintf(stderr, "%s of %s synapses made in %.3g s%s", scaled((double)p->synapses_made, made),
            scaled((double)p->synapses, all), p->elapsed_s, terminal ? "" : "\n");
    fflush(stderr);
    line_is_open = terminal;
}

/* Each has a clock of its own. */
void cli_report_progress(const struct mlif_progress *p)
{
    static bool made = true;
    bool was_made = made;
    made = p->steps_done > 0 || p->synapses_made >= p->synapses;
    if (made && !was_made)
        shown_at = -1;
    if (made)
        show_steps(p);
    else
        show_synapses(p);
}

void cli_report_points(size_t ended, size_t all, size_t failed, double elapsed_s)
{
    enum { WIDTH = 24 };
    char bar[WIDTH + 1], left[32];
    bool terminal = isatty(STDERR_FILENO);
    if (!is_due(elapsed_s, terminal))
        return;
    shown_at = elapsed_s;
    draw_bar((double)ended / (double)all, bar, WIDTH);
    fprintf(stderr, terminal ? "\r\033[K[%s]  " : "megalif: [%s]  ", bar);
    fprintf(stderr, "%zu of %zu points", ended, all);
    if (failed)
        fprintf(stderr, ", %zu failed", failed);
    fprintf(stderr, "  %s left%s",
            duration(elapsed_s * (double)(all - ended) / (double)ended, left),
            terminal ? "" : "\n");
    fflush(stderr);
    line_is_open = terminal;
}

void cli_report_share(const char *what, double share, double elapsed_s)
{
    enum { WIDTH = 24 };
    char bar[WIDTH + 1], left[32];
    bool terminal = isatty(STDERR_FILENO);
    if (!(share > 0) || !is_due(elapsed_s, terminal))
        return;
    shown_at = elapsed_s;
    draw_bar(share, bar, WIDTH);
    fprintf(stderr, terminal ? "\r\033[K[%s] %3.0f %%  " : "megalif: [%s] %3.0f %%  ", bar,
            100 * share);
    fprintf(stderr, "%s  %s left%s", what, duration(elapsed_s * (1 - share) / share, left),
            terminal ? "" : "\n");
    fflush(stderr);
    line_is_open = terminal;
}

void cli_report_progress_end(void)
{
    if (line_is_open)
        fputs("\r\033[K", stderr);
    line_is_open = false;
}

void cli_report_lines(const char *kind, const struct mlif_messages *messages)
{
    char before[32];
    snprintf(before, sizeof before, "megalif: %s: ", kind);
    for (size_t i = 0; i < messages->count; i++)
        (strcmp(kind, "warning") == 0 ? cli_errors_warning : cli_errors_line)(before,
                                                                              messages->line[i]);
}

static void phase(const char *name, double seconds, const struct mlif_report *r, const char *note)
{
    fprintf(stderr, "  %-10s %9.3f s  %5.1f %%  %s\n", name, seconds, 100 * seconds / r->wall_s,
            note);
}

static void text_speed(const struct mlif_report *r)
{
    char speed[32];
    if (!isfinite(r->neuron_steps_per_s)) /* no step was taken */
        return;
    fprintf(stderr,
            "  %sneuron-steps/s, %.3g s per model second, %.3g ns per neuron-step and thread\n",
            scaled(r->neuron_steps_per_s, speed), r->realtime_factor,
            1e9 * r->threads * r->ranks / r->neuron_steps_per_s);
}

/* Where nobody fires, the least current that fires the first. */
static void text_rheobase(const struct mlif_population_report *p)
{
    if (isfinite(p->rheobase_pA[0]))
        fprintf(stderr, "; none fires: with nothing else it takes %s%.4g pA (the rheobase)",
                p->rheobase_pA[1] > p->rheobase_pA[0] ? "at least " : "", p->rheobase_pA[0]);
}

static void text_synapses(const struct mlif_report *r)
{
    char synapses[32], events[32], speed[32];
    if (r->projection_count == 0)
        return;
    fprintf(stderr, "  %s synapses made in %.3g s, %.4g MB, %.3g bytes each\n",
            grouped(r->synapses, synapses), r->synapses_s, (double)r->synapse_bytes * 1e-6,
            r->synapses > 0 ? (double)r->synapse_bytes / (double)r->synapses : 0.0);
    if (isfinite(r->events_per_s))
        fprintf(stderr, "  %sevents/s, %s events in all\n", scaled(r->events_per_s, speed),
                scaled((double)r->events, events));
}

static void text_populations(const struct mlif_report *r)
{
    const char *after = r->warmup_ms > 0 ? " after the warmup" : "";
    char spikes[32], size[32], recorded[32];
    for (size_t i = 0; i < r->population_count; i++) {
        const struct mlif_population_report *p = &r->population[i];
        fprintf(stderr, "  %-16s %s neuron%s, %s spikes", p->name, grouped(p->size, size),
                p->size == 1 ? "" : "s", grouped(p->spikes, spikes));
        if (isfinite(p->mean_rate_Hz)) /* all of it may have been warmup */
            fprintf(stderr, ", %.4g Hz%s", p->mean_rate_Hz, after);
        text_rheobase(p);
        if (p->recorded < p->spikes)
            fprintf(stderr, ", %s spikes recorded", grouped(p->recorded, recorded));
        fputc('\n', stderr);
    }
}

static void text_checkpoints(const struct mlif_report *r)
{
    if (r->resumed_ms > 0)
        fprintf(stderr, "  went on from %.10g ms\n", r->resumed_ms);
    if (r->checkpoints > 0)
        fprintf(stderr, "  %" PRIu64 " checkpoint%s in %.3g s, the last one %.4g MB\n",
                r->checkpoints, r->checkpoints == 1 ? "" : "s", r->checkpoint_s,
                (double)r->checkpoint_bytes * 1e-6);
}

/* A run without a raster has written nothing. */
static void text_resources(const struct mlif_report *r)
{
    double stored = (double)r->stored_bytes * 1e-6, rss = (double)r->peak_rss_bytes * 1e-6;
    if (r->raw_bytes > 0)
        fprintf(stderr,
                "  %.4g MB of spikes (%.4g MB raw), writer %.3g s at %.4g MB/s; %" PRIu64
                " stalls, %.3g s; ",
                stored, (double)r->raw_bytes * 1e-6, r->write_s,
                r->write_s > 0 ? stored / r->write_s : 0.0, r->stalls, r->stall_s);
    fprintf(stderr, "%speak memory %.4g MB\n", r->raw_bytes > 0 ? "" : "  ", rss);
}

void cli_report_text(const struct mlif_report *r)
{
    if (r->complete_before) {
        fprintf(stderr,
                "%s is complete already, %.10g ms; with a longer simulation.duration --resume goes "
                "on\n",
                r->output, r->duration_ms);
        return;
    }
    char neurons[32], steps[32], note[100], ranks[32] = "";
    if (r->ranks > 1)
        snprintf(ranks, sizeof ranks, "%d ranks of ", r->ranks);
    fprintf(stderr, "%s: %s neuron%s x %s step%s, %s, %s precision, %s%d thread%s\n", r->output,
            grouped(r->neurons, neurons), r->neurons == 1 ? "" : "s", grouped(r->steps, steps),
            r->steps == 1 ? "" : "s", r->isa, r->precision, ranks, r->threads,
            r->threads == 1 ? "" : "s");
    phase("build", r->build_s, r,
          r->projection_count > 0 ? "config, parameters, synapses" : "config, parameters");
    snprintf(note, sizeof note, "all neurons, all steps; threads waited %.3g s for each other",
             r->wait_s);
    if (r->threads == 1)
        snprintf(note, sizeof note, "all neurons, all steps");
    phase("step", r->simulate_s - r->record_s - r->exchange_s, r, note);
    snprintf(note, sizeof note, "spikes to other ranks, waiting; they stepped for %.3g to %.3g s",
             r->rank_step_s[0], r->rank_step_s[1]);
    if (r->ranks > 1)
        phase("exchange", r->exchange_s, r, note);
    phase("record", r->record_s, r, "spikes to the writer, waits included");
    phase("finish", r->finish_s, r, "last spikes, provenance, closing");
    text_speed(r);
    text_synapses(r);
    text_populations(r);
    for (size_t i = 0; i < r->trace_count; i++)
        fprintf(stderr, "  %s: %s rows\n", r->traces[i].path, grouped(r->traces[i].rows, steps));
    text_resources(r);
    text_checkpoints(r);
    fprintf(stderr, "  digest %s\n", r->digest);
    if (r->projection_count > 0)
        fprintf(stderr, "  connectivity %s\n", r->connectivity);
    if (r->ended_early[0])
        fprintf(stderr, "  ended early, at %.10g ms: %s\n", r->duration_ms, r->ended_early);
}

static bool is_plain(const char *text)
{
    return *text && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789_-+=./:,@%") == strlen(text);
}

char *cli_report_command_line(int argc, char **argv)
{
    size_t length = sizeof "megalif";
    for (int i = 0; i < argc; i++)
        length += 4 * strlen(argv[i]) + 3;
    char *line = malloc(length), *out = line;
    if (!line)
        return NULL;
    out = stpcpy(out, "megalif");
    for (int i = 0; i < argc; i++) {
        out = stpcpy(out, is_plain(argv[i]) ? " " : " '");
        for (const char *c = argv[i]; *c; c++)
            out = *c == '\'' ? stpcpy(out, "'\\''") : (*out = *c, out + 1);
        out = stpcpy(out, is_plain(argv[i]) ? "" : "'");
    }
    *out = '\0';
    return line;
}
