/* What stands in a SONATA edges file, for megalif info and digest: found by reading all of it. */
#ifndef MEGALIF_EDGES_FACTS_H
#define MEGALIF_EDGES_FACTS_H

#include "base/digest.h"
#include "sonata/edges_reader.h"

#include <stdbool.h>

/* How many edges neurons have, of those with ids up to the largest in the file. */
struct edges_degrees {
    uint64_t ids;      /* the largest id + 1 */
    double mean;       /* edges / ids; NaN: there are none */
    uint64_t greatest; /* 0 where not known */
    bool known;        /* false: ids are too large to count */
};

struct edges_facts {
    double weight[2], delay[2];   /* least, greatest of those that are said; NaN: none is */
    bool all_weights, all_delays; /* each edge has one */
    struct edges_degrees in, out;
    struct digest digest; /* of the synapses; only where all have a weight and a delay */
};

/* Reads a population of edges. STATUS_OUTPUT; STATUS_MEMORY. */
enum status edges_facts_read(struct edges_facts *facts, struct edges_reader *reader,
                             size_t population, struct error *err);

#endif
