#include "net/synapses.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct synapse_form synapses_form(const struct synapses_part *part)
{
    double weight;
    struct synapse_form form = {.storage = storage_of(&part->config->projection[part->projection]),
                                .shift = part->unit.stored - part->unit.sum};
    form.segments = !wiring_delay_is_constant(part->wiring, &form.delay);
    form.delay = form.segments ? 0 : form.delay;
    if (wiring_weight_is_constant(part->wiring, &weight)) {
        form.kind = SYNAPSE_TARGET;
        form.weight = weight_round(part->unit, weight);
    } else {
        form.kind = part->unit.bits == 16   ? SYNAPSE_WEIGHT_16
                    : part->unit.bits == 32 ? SYNAPSE_WEIGHT_32
                                            : SYNAPSE_WEIGHT_64;
    }
    return form;
}

void *synapses_work_memory(struct work_memory *memory, uint64_t bytes)
{
    if (bytes <= memory->bytes)
        return memory->data;
    memory_free(memory->data, memory->bytes);
    memory->data = memory_alloc(bytes);
    memory->bytes = memory->data ? bytes : 0;
    return memory->data;
}

void synapses_work_close(struct synapses_work *work)
{
    memory_free(work->spare.data, work->spare.bytes);
    memory_free(work->sum.data, work->sum.bytes);
    memset(work, 0, sizeof *work);
}

void synapses_close(struct synapses *synapses)
{
    synapse_places_close(&synapses->places);
    memory_free(synapses->list, synapses->bytes);
    memory_free(synapses->bits.row, synapse_bits_bytes(&synapses->bits));
    free(synapses->bits.count);
    memset(synapses, 0, sizeof *synapses);
}
