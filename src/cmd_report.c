#include "cmd_report.h"

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
        snprintf(text, 32, "%.0f h %02d min", floor(seconds / 3600),
                 (int)fmod(seconds / 60, 60));
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

void report_progress(const struct mlif_progress *p)
{
    enum { WIDTH = 24 };
    char bar[WIDTH + 1], speed[32], left[32], spikes[32];
    bool terminal = isatty(STDERR_FILENO);
    double share = p->model_ms / p->duration_ms;
    if (p->steps_done == 0 || p->elapsed_s < shown_at + (terminal ? 0.1 : 30.0))
        return;
    if (!terminal && shown_at < 0 && p->elapsed_s < 5.0)
        return; /* short runs need no word in a log */
    shown_at = p->elapsed_s;
    draw_bar(share, bar, WIDTH);
    fprintf(stderr, terminal ? "\r\033[K[%s] %3.0f %%  " : "megalif: [%s] %3.0f %%  ", bar,
            100 * share);
    fprintf(stderr, "%.5g of %.5g ms  %sneuron-steps/s  %.3gx real time  %s spikes  %s left",
            p->model_ms, p->duration_ms,
            scaled((double)p->neurons * (double)p->steps_done / p->elapsed_s, speed),
            p->model_ms * 1e-3 / p->elapsed_s, scaled((double)p->spikes, spikes),
            duration(p->elapsed_s * (1 - share) / share, left));
    fputs(terminal ? "" : "\n", stderr);
    fflush(stderr);
    line_is_open = terminal;
}

void report_progress_end(void)
{
    if (line_is_open)
        fputs("\r\033[K", stderr);
    line_is_open = false;
}

void report_lines(const char *kind, const struct mlif_messages *messages)
{
    for (size_t i = 0; i < messages->count; i++)
        fprintf(stderr, "megalif: %s: %s\n", kind, messages->line[i]);
}

static void phase(const char *name, double seconds, const struct mlif_report *r, const char *note)
{
    fprintf(stderr, "  %-10s %9.3f s  %5.1f %%  %s\n", name, seconds, 100 * seconds / r->wall_s,
            note);
}

static void text_speed(const struct mlif_report *r)
{
    char speed[32];
    fprintf(stderr, "  %sneuron-steps/s, %.3gx real time, %.3g ns per neuron-step and thread\n",
            scaled(r->neuron_steps_per_s, speed), r->realtime_factor,
            1e9 * r->threads / r->neuron_steps_per_s);
}

static void text_populations(const struct mlif_report *r)
{
    char spikes[32], size[32], recorded[32];
    for (size_t i = 0; i < r->population_count; i++) {
        const struct mlif_population_report *p = &r->population[i];
        fprintf(stderr, "  %-16s %s neurons, %s spikes, %.4g Hz", p->name, grouped(p->size, size),
                grouped(p->spikes, spikes), p->mean_rate_Hz);
        if (p->recorded < p->spikes)
            fprintf(stderr, ", %s spikes recorded", grouped(p->recorded, recorded));
        fputc('\n', stderr);
    }
}

void report_text(const struct mlif_report *r)
{
    char neurons[32], steps[32], written[160];
    double megabytes = (double)r->stored_bytes * 1e-6;
    fprintf(stderr, "%s: %s neurons x %s steps, %s, %s precision, %d thread%s\n", r->output,
            grouped(r->neurons, neurons), grouped(r->steps, steps), r->isa, r->precision,
            r->threads, r->threads == 1 ? "" : "s");
    snprintf(written, sizeof written, "%.4g MB of spikes (%.4g MB raw), writer %.3g s at %.4g MB/s",
             megabytes, (double)r->raw_bytes * 1e-6, r->write_s,
             r->write_s > 0 ? (double)r->raw_bytes * 1e-6 / r->write_s : 0.0);
    phase("build", r->build_s, r, "config, parameters");
    phase("step", r->simulate_s - r->record_s, r, "");
    phase("record", r->record_s, r, "spikes to the writer, waits included");
    phase("finish", r->finish_s, r, "last spikes, provenance, closing");
    text_speed(r);
    text_populations(r);
    fprintf(stderr, "  %s; %" PRIu64 " stalls, %.3g s; peak memory %.4g MB\n", written, r->stalls,
            r->stall_s, (double)r->peak_rss_bytes * 1e-6);
    fprintf(stderr, "  digest %s\n", r->digest);
}

/* A JSON string; names and paths may hold anything. */
static void json_string(const char *key, const char *text)
{
    printf("\"%s\": \"", key);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c == '"' || *c == '\\')
            printf("\\%c", *c);
        else if (*c < 0x20)
            printf("\\u%04x", *c);
        else
            putchar(*c);
    printf("\", ");
}

static void json_populations(const struct mlif_report *r)
{
    printf("\"populations\": [");
    for (size_t i = 0; i < r->population_count; i++) {
        const struct mlif_population_report *p = &r->population[i];
        printf("%s{", i > 0 ? ", " : "");
        json_string("name", p->name);
        printf("\"size\": %" PRIu64 ", \"spikes\": %" PRIu64 ", \"recorded\": %" PRIu64
               ", \"mean_rate_Hz\": %.17g}",
               p->size, p->spikes, p->recorded, p->mean_rate_Hz);
    }
    printf("]");
}

void report_json(const struct mlif_report *r)
{
    putchar('{');
    json_string("output", r->output);
    json_string("digest", r->digest);
    json_string("isa", r->isa);
    json_string("precision", r->precision);
    json_string("version", mlif_version());
    printf("\"numerics\": %d, \"neurons\": %" PRIu64 ", \"steps\": %" PRIu64
           ", \"threads\": %d, \"tile\": %zu, \"block\": %zu, ",
           mlif_numerics(), r->neurons, r->steps, r->threads, r->tile, r->block);
    printf("\"spikes\": %" PRIu64 ", \"recorded\": %" PRIu64 ", \"duration_ms\": %.17g, ", r->spikes,
           r->recorded, r->duration_ms);
    printf("\"build_s\": %.6g, \"simulate_s\": %.6g, \"record_s\": %.6g, \"finish_s\": %.6g, "
           "\"wall_s\": %.6g, ",
           r->build_s, r->simulate_s, r->record_s, r->finish_s, r->wall_s);
    printf("\"neuron_steps_per_s\": %.6g, \"realtime_factor\": %.6g, \"raw_bytes\": %" PRIu64
           ", \"stored_bytes\": %" PRIu64 ", \"write_s\": %.6g, \"stalls\": %" PRIu64
           ", \"stall_s\": %.6g, \"peak_rss_bytes\": %" PRIu64 ", ",
           r->neuron_steps_per_s, r->realtime_factor, r->raw_bytes, r->stored_bytes, r->write_s,
           r->stalls, r->stall_s, r->peak_rss_bytes);
    json_populations(r);
    puts("}");
}

static bool is_plain(const char *text)
{
    return *text && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789_-+=./:,@%") == strlen(text);
}

char *report_command_line(int argc, char **argv)
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
