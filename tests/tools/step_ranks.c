/* Acts on a simulation of two populations, a and source, between its steps, alone or as one of
 * several ranks, and prints what it reads: tests/mpi/test_stepwise.py compares them.
 *
 *   step_ranks CONFIG OUTPUT [apart | read]
 *
 * apart: rank 1 sets another number than the others, once; read: it reads of a population that is
 * not there. Both are to be refused. */
#include <megalif/megalif.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEURONS = 1500, SOURCES = 300 };

static struct mlif_messages errors;

/* Ends the program, with what was said, unless a call succeeded. */
static void must(enum mlif_status status)
{
    if (status == MLIF_OK)
        return;
    fprintf(stderr, "%s\n", errors.count > 0 ? errors.line[0] : "failed");
    exit((int)status);
}

static void act(struct mlif_simulation *s, int round)
{
    static double number[NEURONS];
    uint64_t ids[40];
    const uint64_t begin = 100 * (uint64_t)round, end = begin + 700;
    for (uint64_t i = 0; i < 40; i++)
        ids[i] = (i * 7919 + 13 * (uint64_t)round) % SOURCES;
    must(mlif_inject_spikes(s, 1, ids, 40, &errors));
    for (uint64_t i = 0; i < NEURONS; i++)
        number[i] = -70.0 + (double)(i % 21);
    must(mlif_set_V_m(s, 0, begin, end, number, &errors));
    for (uint64_t i = 0; i < NEURONS; i++)
        number[i] = 300.0 + (double)(i % 200);
    must(mlif_set_same_current(s, "stimulus", 0, 100, round % 2 ? 1400 : 190, 310.0, &errors));
    must(mlif_set_current(s, "stimulus", 0, begin + 200, begin + 201 + 100 * (uint64_t)round,
                          number, &errors));
    must(mlif_set_rate(s, "background", 0, begin, end, number, &errors));
    must(mlif_set_rate(s, NULL, 1, 30 * (uint64_t)round, SOURCES, number, &errors));
}

static void show(const struct mlif_simulation *s)
{
    static double V[NEURONS];
    uint64_t hash = 0, bits;
    char digest[33];
    must(mlif_read_V_m(s, 0, 1, NEURONS, V));
    for (size_t i = 0; i < NEURONS; i++) {
        memcpy(&bits, &V[i], sizeof bits);
        hash = hash * 1099511628211u + bits;
    }
    mlif_digest(s, digest);
    printf("%s %016llx %.17g\n", digest, (unsigned long long)hash, V[700]);
}

/* To be refused: ranks do not give the same number. */
static void set_apart(struct mlif_simulation *s, int rank)
{
    const double V_m = -60.0 - rank;
    double V[2];
    must(mlif_set_V_m(s, 0, 5, 6, &V_m, &errors));
    must(mlif_read_V_m(s, 0, 5, 6, V));
}

/* Likewise, where one rank asks for what there is not: the others do not wait for it. */
static void read_apart(struct mlif_simulation *s, int rank)
{
    double V[2];
    must(mlif_read_V_m(s, rank ? 1000 : 0, 5, 6, V));
}

int main(int arguments, char **argument)
{
    struct mlif_options options = mlif_default_options();
    struct mlif_ranks *ranks;
    struct mlif_simulation *s;
    must(mlif_ranks_open(&ranks, &errors));
    options.ranks = ranks;
    options.config = argument[1];
    options.output = argument[2];
    options.threads = 1;
    must(mlif_open(&s, &options, &errors, NULL));
    for (int round = 0; round < 6; round++) {
        must(mlif_advance(s, 7 + 10 * (uint64_t)round, &errors));
        show(s);
        if (arguments > 3 && round == 2)
            (strcmp(argument[3], "read") == 0 ? read_apart : set_apart)(s, mlif_ranks_rank(ranks));
        act(s, round);
        show(s);
    }
    must(mlif_advance(s, mlif_steps(s), &errors));
    must(mlif_finish(s, &errors));
    mlif_close(&s);
    mlif_ranks_close(&ranks);
    return 0;
}
