#include "commands/edges_facts.h"

#include "net/connectivity.h"

#include <math.h>
#include <stdlib.h>

enum { PIECE = 65536 };

/* Edges of each id. */
struct counts {
    uint64_t *of; /* [room] */
    uint64_t room, ids, most;
    bool known;
};

struct scan {
    struct edges_facts *facts;
    struct edges_columns columns;
    uint64_t key;
    struct counts in, out;
};

/* Ids that are far beyond the number of edges are not worth their memory. */
static bool make_room(struct counts *counts, uint64_t id)
{
    uint64_t room = counts->room ? counts->room : 1024;
    while (room <= id && room <= counts->most)
        room *= 2;
    if (room <= id)
        return false;
    uint64_t *of = realloc(counts->of, room * sizeof *of);
    if (!of)
        return false;
    memset(of + counts->room, 0, (room - counts->room) * sizeof *of);
    counts->of = of;
    counts->room = room;
    return true;
}

static void count(struct counts *counts, uint64_t id)
{
    counts->ids = id >= counts->ids ? id + 1 : counts->ids;
    if (counts->known && id >= counts->room)
        counts->known = make_room(counts, id);
    if (counts->known)
        counts->of[id]++;
}

static void widen(double range[2], double value)
{
    range[0] = fmin(range[0], value); /* a NaN there is no number yet */
    range[1] = fmax(range[1], value);
}

static void take_edge(struct scan *scan, size_t i)
{
    struct edges_facts *facts = scan->facts;
    const struct edges_columns *c = &scan->columns;
    double synapses = isnan(c->synapses[i]) ? 1 : c->synapses[i];
    double weight = c->weight[i] * synapses, delay = c->delay[i];
    facts->all_weights = facts->all_weights && !isnan(weight);
    facts->all_delays = facts->all_delays && !isnan(delay);
    widen(facts->weight, weight);
    widen(facts->delay, delay);
    count(&scan->out, c->source[i]);
    count(&scan->in, c->target[i]);
    connectivity_add(&facts->digest, scan->key, c->source[i], c->target[i], delay, weight);
}

static struct edges_degrees degrees_of(const struct counts *counts, uint64_t edges)
{
    struct edges_degrees degrees = {counts->ids, (double)edges / (double)counts->ids, 0,
                                    counts->known};
    for (uint64_t i = 0; counts->known && i < counts->ids; i++)
        degrees.greatest = counts->of[i] > degrees.greatest ? counts->of[i] : degrees.greatest;
    return degrees;
}

static enum status scan_all(struct scan *scan, struct edges_reader *reader, size_t population,
                            uint64_t edges, struct error *err)
{
    enum status status = STATUS_OK;
    for (uint64_t first = 0; first < edges && !status; first += PIECE) {
        size_t piece = edges - first < PIECE ? (size_t)(edges - first) : PIECE;
        status = edges_reader_read(reader, population, first, piece, &scan->columns, err);
        for (size_t i = 0; i < piece && !status; i++)
            take_edge(scan, i);
    }
    scan->facts->in = degrees_of(&scan->in, edges);
    scan->facts->out = degrees_of(&scan->out, edges);
    return status;
}

enum status edges_facts_read(struct edges_facts *facts, struct edges_reader *reader,
                             size_t population, struct error *err)
{
    size_t all;
    const struct edges_population *p = &edges_reader_populations(reader, &all)[population];
    uint64_t most = p->edges < UINT64_MAX / 64 ? 16 * p->edges + (1 << 20) : p->edges;
    uint64_t *whole = malloc(3 * PIECE * sizeof *whole);
    double *number = malloc(3 * PIECE * sizeof *number);
    struct scan scan = {.facts = facts, .in = {.most = most, .known = true}};
    scan.out = scan.in;
    scan.key = connectivity_key(p->source ? p->source : "", p->target ? p->target : "");
    *facts = (struct edges_facts){
        .weight = {NAN, NAN}, .delay = {NAN, NAN}, .all_weights = true, .all_delays = true};
    enum status status = whole && number ? STATUS_OK : error_no_memory(err, "to read edges");
    if (!status) {
        scan.columns = (struct edges_columns){whole,  whole + PIECE,  whole + 2 * PIECE,
                                              number, number + PIECE, number + 2 * PIECE};
        status = scan_all(&scan, reader, population, p->edges, err);
    }
    free(whole);
    free(number);
    free(scan.in.of);
    free(scan.out.of);
    return status;
}
