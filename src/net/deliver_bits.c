#include "net/deliver_bits.h"

enum { LINE = 64, LINES = 4 /* of a row that are asked for before any is added */ };

/* Rows that are added at once: without those missing to whole eights. */
struct rows {
    const uint8_t *row[BIT_ROWS_MOST];
    size_t count;
};

static void add_row(struct rows *rows, const uint8_t *row)
{
    for (int i = 0; i < LINES; i++)
        __builtin_prefetch(row + i * LINE);
    rows->row[rows->count++] = row;
}

static void add_rows(const struct kernels *kernels, const struct synapses *s, struct rows *rows,
                     void *sum)
{
    const struct synapse_bits *bits = &s->bits;
    struct bits_arguments arguments = {.row = rows->row,
                                       .most = rows->count,
                                       .targets = bits->targets,
                                       .weight = s->form.weight,
                                       .sum =
                                           (char *)sum + bits->begin * (size_t)kernels->bits / 8};
    while (rows->count % BIT_ROWS_ABREAST > 0)
        rows->row[rows->count++] = bits->row + bits->rows * bits->stride;
    arguments.count = rows->count;
    if (rows->count > 0)
        kernels->add_bits(&arguments);
    rows->count = 0;
}

uint64_t deliver_bits(const struct kernels *kernels, const struct synapses *synapses,
                      const struct step_spikes *spikes, void *sum)
{
    const struct synapse_bits *bits = &synapses->bits;
    struct rows rows = {.count = 0};
    uint64_t events = 0;
    for (size_t i = 0; i < spikes->count; i++) {
        const uint64_t source = spikes->ids[i] - bits->source; /* modulo 2^64 */
        if (source >= bits->rows)
            continue;
        if (rows.count == BIT_ROWS_MOST)
            add_rows(kernels, synapses, &rows, sum);
        add_row(&rows, bits->row + source * bits->stride);
        events += bits->count[source];
    }
    add_rows(kernels, synapses, &rows, sum);
    return events;
}
