/* Projections against the connections that NEST's rules made (tests/data/nest/nest_wiring.csv):
 * in-degrees, out-degrees, multiplicities of pairs, autapses and delays of both, by two-sample
 * chi-squared. */
#include "helpers/wiring_checks.h"

enum { SEEDS = 300, VALUES_MOST = 512 }; /* NEST's are 30 seeds */

enum what { INDEGREE, OUTDEGREE, MULTIPLICITY, AUTAPSES, DELAY, WHATS };
static const char *const names[WHATS] = {"indegree", "outdegree", "multiplicity", "autapses",
                                         "delay"};

struct histograms {
    uint64_t count[WHATS][VALUES_MOST];
};

enum { NEST_SOURCES = 500, NEST_TARGETS = 400, FIRST_TARGET = 100 };

struct round {
    struct histograms *histograms;
    uint64_t in[NEST_TARGETS], out[NEST_SOURCES], pairs[NEST_TARGETS][NEST_SOURCES];
};

static void note(void *context, const struct wiring_batch *batch)
{
    struct round *round = context;
    for (size_t i = 0; i < batch->count; i++) {
        round->in[batch->target[i]]++;
        round->out[batch->source[i]]++;
        round->pairs[batch->target[i]][batch->source[i]]++;
        round->histograms->count[DELAY][batch->delay[i]]++;
    }
}

static void add_round(struct round *round)
{
    struct histograms *h = round->histograms;
    uint64_t autapses = 0;
    for (size_t t = 0; t < NEST_TARGETS; t++) {
        h->count[INDEGREE][round->in[t]]++;
        autapses += round->pairs[t][t + FIRST_TARGET];
        for (size_t s = 0; s < NEST_SOURCES; s++)
            if (round->pairs[t][s] > 0)
                h->count[MULTIPLICITY][round->pairs[t][s]]++;
    }
    for (size_t s = 0; s < NEST_SOURCES; s++)
        h->count[OUTDEGREE][round->out[s]]++;
    h->count[AUTAPSES][autapses]++;
}

/* "fixed_indegree/yes/no": the rule, autapses, multapses. */
static struct histograms ours(const char *name)
{
    static const char *const keys[][2] = {{"fixed_indegree", "indegree = 50\n"},
                                          {"fixed_outdegree", "outdegree = 40\n"},
                                          {"fixed_total_number", "N = 20000\n"},
                                          {"pairwise_bernoulli", "p = 0.1\n"},
                                          {"pairwise_poisson", "pairwise_avg_num_conns = 0.1\n"}};
    static struct round round;
    struct histograms h = {0};
    char rule[100];
    const char *autapses = strchr(name, '/') + 1, *multapses = strchr(autapses, '/') + 1;
    size_t length = (size_t)(autapses - name) - 1, k = 0;
    while (strncmp(name, keys[k][0], length) != 0)
        k++;
    snprintf(rule, sizeof rule, "rule = %s\n%s", keys[k][0], keys[k][1]);
    const struct rule_law law = {rule, OF_ALL, 0, *autapses == 'y', *multapses == 'y'};
    struct config *config =
        read_lists(&law, "500", "100:500",
                   "weight = 1 mV\ndelay = normal_clipped(1.5 ms, 0.75 ms, 0.05 ms, 10 ms)\n");
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        memset(&round, 0, sizeof round);
        round.histograms = &h;
        draw_all(config, seed, WIRING_ALL, note, &round);
        add_round(&round);
    }
    config_free(config);
    return h;
}

/* Adds neighbouring values up until NEST has at least 20 of them; compares these bins. */
static void compare(const uint64_t *a, const uint64_t *b, const char *what)
{
    double na = 0, nb = 0, chi2 = 0, x = 0, y = 0;
    int bins = 0;
    for (size_t i = 0; i < VALUES_MOST; i++)
        na += (double)a[i], nb += (double)b[i];
    double left = nb;
    for (size_t i = 0; i < VALUES_MOST; i++) {
        x += (double)a[i];
        y += (double)b[i];
        left -= (double)b[i];
        if (i + 1 < VALUES_MOST && (y < 20 || left < 20))
            continue;
        double far = x * sqrt(nb / na) - y * sqrt(na / nb);
        chi2 += x + y > 0 ? far * far / (x + y) : 0;
        bins++;
        x = y = 0;
    }
    if (bins > 1)
        expect_chi2(chi2, bins - 1, what);
}

struct moments {
    double count, mean, variance;
};

static struct moments moments_of(const uint64_t *histogram)
{
    double n = 0, sum = 0, square = 0;
    for (size_t i = 0; i < VALUES_MOST; i++) {
        n += (double)histogram[i];
        sum += (double)histogram[i] * (double)i;
        square += (double)histogram[i] * (double)(i * i);
    }
    return (struct moments){n, sum / n, square / n - sum / n * (sum / n)};
}

/* Means, also where there are few rounds, or but one value. */
static void compare_means(const uint64_t *a, const uint64_t *b, const char *what)
{
    struct moments x = moments_of(a), y = moments_of(b);
    double variance = x.variance / x.count + y.variance / y.count;
    if (variance < 1e-12)
        assert_true(fabs(x.mean - y.mean) < 1e-9);
    else
        expect_z((x.mean - y.mean) / sqrt(variance), what);
}

static void compare_all(const char *name, const struct histograms *nest)
{
    struct histograms h = ours(name);
    for (int what = 0; what < WHATS; what++) {
        char text[100];
        snprintf(text, sizeof text, "%s %s", name, names[what]);
        compare(h.count[what], nest->count[what], text);
        compare_means(h.count[what], nest->count[what], text);
    }
}

static int what_of(const char *name)
{
    int what = 0;
    while (strcmp(name, names[what]) != 0)
        what++;
    return what;
}

static void connections_are_as_nests(void **state)
{
    (void)state;
    FILE *file = fopen("tests/data/nest/nest_wiring.csv", "r");
    char line[200], name[100], what[100], current[100] = "";
    unsigned long long value, count;
    struct histograms nest = {0};
    int cases = 0;
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fscanf(file, "%99[^,],%99[^,],%llu,%llu\n", name, what, &value, &count) == 4) {
        if (strcmp(name, current) != 0) {
            if (cases++ > 0)
                compare_all(current, &nest);
            nest = (struct histograms){0};
            strcpy(current, name);
        }
        nest.count[what_of(what)][value] = count;
    }
    compare_all(current, &nest);
    fclose(file);
    assert_int_equal(cases, 14);
    expect_end();
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_are_as_nests),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
