#include "net/tally.h"

#include "base/cpu.h"

/* Fewer targets' sums lie in the first-level cache themselves; of fewer events the counts take
 * longer to be added than they save. */
enum { TARGETS_LEAST = 12288, TARGETS_PER_EVENT = 4 };

size_t tally_bytes(size_t targets)
{
    return cpu_evicts_slowly() && targets >= TARGETS_LEAST ? targets : 0;
}

bool tally_pays(size_t targets, double events)
{
    return events * TARGETS_PER_EVENT >= (double)targets;
}

void tally_close(const struct tally *tally)
{
    if (tally->count)
        tally->kernels->add_counts(tally->sum, tally->count, tally->weight, tally->targets);
}
