/* megalif digest: does a raster still hold what was simulated? */
#include "base/decimal.h"
#include "base/digest.h"
#include "cmd.h"
#include "cmd_file.h"
#include "cmd_options.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { OPTION_DT };

static const struct cmd_syntax syntax = {
    "digest",
    "FILE [options]",
    "Computes the digest of a spike file: it changes when any spike does, whatever their order. "
    "Where\n"
    "the file holds all spikes of its simulation the digest is compared with the stored one; "
    "otherwise\n"
    "the stored one is printed. Times and their order are checked, too.\n"
    "The first line of the output is the digest, two blanks, and FILE. Exit codes: 0 fine, 2 "
    "usage,\n"
    "3 FILE cannot be read or is damaged.\n",
    1,
    {{"dt", 0, "TIME", "the time step (0.1, 100us) of a file that does not say it itself"}},
    false,
};

/* The state of a scan over one population's rows. */
struct scan {
    const struct cmd_population *population;
    double dt;
    struct decimal exact_dt; /* mantissa 0: timestamps need not be the doubles nearest to steps */
    struct digest digest;
    uint64_t stream, step, key, last_id;
    double last_time;
    uint64_t disorder_row, time_row; /* the first rows that break the rule; UINT64_MAX: none */
    bool time_goes_back;             /* at disorder_row */
    double bad_time;
};

/* A new time: its step and key. */
static bool enter_step(struct scan *s, double time)
{
    bool is_step = cmd_file_step(time, s->dt, &s->step);
    if (is_step && s->exact_dt.mantissa != 0)
        is_step = decimal_times_steps(s->exact_dt, s->step) == time;
    s->key = digest_key(s->stream, s->step);
    return is_step;
}

static void check_order(struct scan *s, uint64_t row, uint64_t id, double time)
{
    bool later = time > s->last_time || (time == s->last_time && id > s->last_id);
    if (row > 0 && !later && s->disorder_row == UINT64_MAX) {
        s->disorder_row = row;
        s->time_goes_back = time < s->last_time;
    }
}

static bool visit(const struct cmd_piece *piece, void *context)
{
    struct scan *s = context;
    for (size_t i = 0; i < piece->rows; i++) {
        uint64_t row = piece->first_row + i, id = piece->ids[i];
        double time = piece->times[i];
        check_order(s, row, id, time);
        if ((row == 0 || time != s->last_time) && !enter_step(s, time)) {
            s->time_row = row;
            s->bad_time = time;
            return false;
        }
        digest_add(&s->digest, s->key, id);
        s->last_id = id;
        s->last_time = time;
    }
    return true;
}

/* The timestamps we write are exact: the double nearest to the decimal. */
static struct decimal exact_step(const struct cmd_file *file)
{
    char text[32] = "";
    struct decimal dt = {0, 0};
    if (file->ours)
        double_format(file->dt, text);
    decimal_parse(text, (int)strlen(text), &dt);
    return dt;
}

static enum status bad_time(const struct cmd_file *file, const struct scan *s, struct error *err)
{
    return error_set(err, STATUS_OUTPUT,
                     "%s: population %s, row %" PRIu64
                     ": time %.17g ms is no multiple of dt = %.6g ms",
                     file->path, s->population->name, s->time_row, s->bad_time, s->dt);
}

/* Disorder is damage where order is claimed, and else only worth a word. */
static enum status report_order(const struct cmd_file *file, const struct scan *s)
{
    bool damage = s->population->sorted_by_time && (file->ours || s->time_goes_back);
    if (s->disorder_row == UINT64_MAX)
        return STATUS_OK;
    fprintf(stderr,
            "megalif digest: %s: population %s is not sorted by (time, id): first at row %" PRIu64
            "%s\n",
            file->path, s->population->name, s->disorder_row,
            damage ? ", though the file says it is" : "");
    return damage ? STATUS_OUTPUT : STATUS_OK;
}

/* The population part of the stream's name is hashed in two goes: it may be any name. */
static enum status scan_population(const struct cmd_file *file, const struct cmd_population *p,
                                   struct scan *s, struct error *err)
{
    s->population = p;
    s->stream = fnv1a64_continue(fnv1a64("population."), p->name);
    s->disorder_row = s->time_row = UINT64_MAX;
    enum status status = cmd_file_scan(file, p, 0, p->rows, visit, s, err);
    return !status && s->time_row != UINT64_MAX ? bad_time(file, s, err) : status;
}

static void print_summary(const struct cmd_file *file, uint64_t rows, bool compared)
{
    if (compared)
        printf("%" PRIu64 " spikes; equal to the digest stored in the file\n", rows);
    else if (file->digest)
        printf("the stored digest, of all %" PRIu64 " spikes of the simulation; only %" PRIu64
               " are in the file, so that it cannot be computed again\n",
               file->spikes, rows);
    else
        printf("%" PRIu64 " spikes; the file stores no digest to compare with\n", rows);
}

static int conclude(const struct cmd_file *file, const struct digest *digest)
{
    char text[33];
    bool compare = file->digest && file->complete;
    digest_format(digest, text);
    printf("%s  %s\n", file->digest && !compare ? file->digest : text, file->path);
    if (!compare || strcmp(text, file->digest) == 0) {
        print_summary(file, digest->spikes, compare);
        return 0;
    }
    fflush(stdout);
    fprintf(stderr,
            "megalif digest: %s is damaged: the digest stored in it is %s, of %" PRIu64
            " spikes; its %" PRIu64 " spikes give %s\n",
            file->path, file->digest, file->spikes, digest->spikes, text);
    return STATUS_OUTPUT;
}

static int digest_file(const struct cmd_file *file, double dt)
{
    struct error err;
    struct scan s = {.dt = dt, .exact_dt = exact_step(file)};
    enum status disorder = STATUS_OK;
    for (size_t i = 0; i < file->population_count; i++) {
        if (scan_population(file, &file->population[i], &s, &err))
            return cmd_file_error(syntax.name, &err);
        enum status status = report_order(file, &s);
        disorder = status ? status : disorder;
    }
    int code = conclude(file, &s.digest);
    return code ? code : (int)disorder;
}

/* The file's own dt, or the option's. */
static int choose_dt(const struct cmd_file *file, const char *option, double *dt)
{
    *dt = file->dt;
    if (option && (!cmd_options_time(option, dt) || !(*dt > 0)))
        return cmd_options_error(&syntax, "--dt takes a time such as 0.1 or 100us, not %s", option);
    if (option && file->ours && *dt != file->dt)
        return cmd_options_error(&syntax, "--dt %s: %s says itself that its dt is %.6g ms", option,
                                 file->path, file->dt);
    if (!option && !file->ours)
        return cmd_options_error(&syntax, "%s does not say its time step: give it, as in --dt 0.1",
                                 file->path);
    return CMD_GO_ON;
}

int cmd_digest(int argc, char **argv)
{
    struct cmd_arguments arguments;
    struct cmd_file file;
    struct error err;
    double dt;
    int code = cmd_options_parse(&syntax, argc, argv, &arguments);
    if (code != CMD_GO_ON)
        return code;
    if (cmd_file_open(&file, arguments.file[0], &err)) {
        code = cmd_file_error(syntax.name, &err);
    } else {
        code = choose_dt(&file, arguments.option[OPTION_DT], &dt);
        if (code == CMD_GO_ON)
            code = digest_file(&file, dt);
    }
    cmd_file_close(&file);
    return code;
}
