#include "net/synapses_open.h"

#include "net/procedural_open.h"
#include "net/synapse_bits.h"
#include "net/synapse_lists.h"

enum status synapses_open(struct synapses *out, struct synapses_part *part, size_t parts,
                          uint64_t sources, size_t targets, struct net_progress *progress,
                          struct synapses_work *work, struct error *err)
{
    *out = (struct synapses){.form = synapses_form(&part[0]), .sources = sources};
    if (out->form.storage == STORAGE_BITMAPS)
        return synapse_bits_open(out, part, parts, targets, progress, work, err);
    if (out->form.storage == STORAGE_PROCEDURAL)
        return procedural_open(out, part, targets, progress, work, err);
    return synapse_lists_open(out, part, parts, targets, progress, work, err);
}
