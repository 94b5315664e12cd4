#include "net/net_progress.h"

#include "base/clock.h"

static const double pause_s = 0.1; /* between two words */

void net_progress_begin(struct net_progress *p, const struct net_watch *watch, double all)
{
    p->watch = watch;
    p->all = (uint64_t)all;
    p->teller = pthread_self();
    p->told_at = clock_seconds();
    atomic_init(&p->made, 0);
    atomic_init(&p->stop, false);
}

static void tell(struct net_progress *p)
{
    p->told_at = clock_seconds();
    if (p->watch->tell(p->watch->context, atomic_load(&p->made), p->all))
        atomic_store(&p->stop, true);
}

bool net_progress_add(struct net_progress *p, uint64_t synapses)
{
    atomic_fetch_add_explicit(&p->made, synapses, memory_order_relaxed);
    if (p->watch && pthread_equal(p->teller, pthread_self()) &&
        clock_seconds() - p->told_at >= pause_s)
        tell(p);
    return net_progress_is_stopped(p);
}

void net_progress_stop(struct net_progress *p)
{
    atomic_store(&p->stop, true);
}

bool net_progress_is_stopped(const struct net_progress *p)
{
    return atomic_load_explicit(&p->stop, memory_order_relaxed);
}

bool net_progress_end(struct net_progress *p, uint64_t synapses)
{
    atomic_store(&p->made, synapses);
    if (p->watch && !atomic_load(&p->stop))
        tell(p);
    return atomic_load(&p->stop);
}
