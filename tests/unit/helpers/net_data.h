/* A network of tests/data/net (README.md there) as NEST ran it: its synapses, neurons, spikes and
 * traces, and a config for its neurons without the synapses between them. */
#ifndef MEGALIF_TESTS_NET_DATA_H
#define MEGALIF_TESTS_NET_DATA_H

#include "config/config.h"
#include "simulate.h"

enum { NET_COLUMNS = 16, NET_TEXT = 4096 };

/* A CSV file of numbers; a column of words is NaN. */
struct net_table {
    char name[NET_COLUMNS][24];
    size_t columns, rows;
    double *value[NET_COLUMNS];
};

struct net_data {
    struct net_table edges, neurons, spikes, trace;
    size_t steps; /* of the run */
};

/* The columns of edges.csv; of spikes.csv and trace.csv: neuron, step. */
enum { NET_SOURCE, NET_TARGET, NET_WEIGHT, NET_DELAY };
enum { NET_NEURON, NET_STEP };

static inline size_t net_integer(const struct net_table *t, size_t column, size_t row)
{
    return (size_t)t->value[column][row];
}

static inline struct net_table net_read(const char *folder, const char *file)
{
    enum { ROWS = 1 << 17, LINE = 512 };
    struct net_table t = {.columns = 0};
    char line[LINE];
    snprintf(line, sizeof line, "tests/data/net/%s/%s.csv", folder, file);
    FILE *from = fopen(line, "r");
    if (!from || !fgets(line, sizeof line, from))
        fail_msg("%s/%s.csv cannot be read; run from the top folder", folder, file);
    for (char *word = strtok(line, ",\n"); word; word = strtok(NULL, ",\n")) {
        snprintf(t.name[t.columns], sizeof *t.name, "%s", word);
        t.value[t.columns] = calloc(ROWS, sizeof(double));
        assert_non_null(t.value[t.columns++]);
    }
    for (; fgets(line, sizeof line, from); t.rows++) {
        size_t c = 0;
        assert_true(t.rows < ROWS);
        for (char *word = strtok(line, ",\n"); word; word = strtok(NULL, ",\n"))
            t.value[c++][t.rows] = strtod(word, NULL);
        assert_int_equal(c, t.columns);
    }
    fclose(from);
    return t;
}

static inline void net_free_table(struct net_table *t)
{
    for (size_t c = 0; c < t->columns; c++)
        free(t->value[c]);
}

static inline struct net_data net_open(const char *folder, size_t steps)
{
    return (struct net_data){net_read(folder, "edges"), net_read(folder, "neurons"),
                             net_read(folder, "spikes"), net_read(folder, "trace"), steps};
}

static inline void net_close(struct net_data *net)
{
    net_free_table(&net->edges);
    net_free_table(&net->neurons);
    net_free_table(&net->spikes);
    net_free_table(&net->trace);
}

/* The first column that is a parameter. */
enum { NET_FIRST_KEY = 2 };

/* [simulation] and [population.n]: parameters come as if from a file; net_set gives them. */
static inline size_t net_text(char text[NET_TEXT], const struct net_data *net, const char *model,
                              const char *precision)
{
    size_t n = (size_t)snprintf(text, NET_TEXT,
                                "[simulation]\nduration = %zu us\nprecision = %s\n"
                                "[population.n]\nsize = %zu\nmodel = %s\n",
                                net->steps * 100, precision, net->neurons.rows, model);
    for (size_t c = NET_FIRST_KEY; c < net->neurons.columns; c++)
        n += (size_t)snprintf(text + n, NET_TEXT - n, "%s = file(neurons.csv, %s)\n",
                              net->neurons.name[c], net->neurons.name[c]);
    return n;
}

/* What whoever reads the file would do. */
static inline void net_set(struct config *config, const struct net_data *net)
{
    struct population_config *p = &config->population[0];
    for (size_t c = NET_FIRST_KEY; c < net->neurons.columns; c++)
        for (int key = 0; key < config_population_key_count(p); key++)
            if (strcmp(config_population_key(p, key)->name, net->neurons.name[c]) == 0) {
                p->value[key].number.list = net->neurons.value[c];
                p->value[key].number.count = net->neurons.rows;
            }
}

#endif
