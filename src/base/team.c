/* A task goes out through a gate for each thread, and comes back through one that all share. */
#define _GNU_SOURCE 1 /* pthread_setaffinity_np */
#include "base/team.h"

#include "base/cpu.h"

#include <errno.h>
#include <omp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* Waking a sleeping thread takes about as long as SPIN_NS: who spins for this long loses no more
 * than twice what the better choice would have cost. Who has slept and was woken within SHORT_NS
 * spins on for twice as long the next time: else threads that are needed every 100 us would sleep
 * each time, and come when others have done their work. */
enum { SPIN_NS = 50000, SHORT_NS = 250000, SPINS = 64, CACHE_LINE = 64 };

/* A number that one thread waits for. */
struct gate {
    _Alignas(CACHE_LINE) atomic_uint value;
    atomic_bool asleep; /* somebody */
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

struct member {
    struct gate task; /* odd: a part was sent out and nobody has begun it */
    pthread_t thread;
    struct team *team;
    int part;
};

struct team {
    struct gate busy;                            /* members that are not done */
    _Alignas(CACHE_LINE) _Atomic uint64_t ended; /* sum of the ns at which they were */
    _Alignas(CACHE_LINE) struct member **member; /* [count]; member 0 is part 1 */
    int count;
    _Atomic uint64_t patience; /* ns */
    uint64_t spins_ns;         /* of the thread that the others work for */
    team_task *task;           /* NULL: the thread is to end */
    void *context;
    int parts;
    double waited;
};

static _Thread_local struct team *own;
static _Thread_local bool inside; /* a task, or a thread of a team */

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void gate_open(struct gate *gate, unsigned value)
{
    atomic_init(&gate->value, value);
    atomic_init(&gate->asleep, false);
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->changed, NULL);
}

static void gate_close(struct gate *gate)
{
    pthread_cond_destroy(&gate->changed);
    pthread_mutex_destroy(&gate->lock);
}

/* After the value has become the wanted one. */
static void gate_wake(struct gate *gate)
{
    if (!atomic_load(&gate->asleep))
        return;
    pthread_mutex_lock(&gate->lock);
    pthread_cond_signal(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

static bool gate_is(struct gate *gate, unsigned mask, unsigned wanted)
{
    return (atomic_load_explicit(&gate->value, memory_order_acquire) & mask) == wanted;
}

static bool spin(struct gate *gate, unsigned mask, unsigned wanted, uint64_t patience)
{
    uint64_t start = patience > 0 ? now_ns() : 0;
    do {
        for (int i = 0; i < SPINS; i++) {
            if (gate_is(gate, mask, wanted))
                return true;
            cpu_pause();
        }
    } while (patience > 0 && now_ns() - start < patience);
    return false;
}

/* Until it is woken. Either the waker sees that somebody sleeps, or the sleeper sees the value. */
static void sleep_at(struct gate *gate, unsigned mask, unsigned wanted)
{
    pthread_mutex_lock(&gate->lock);
    atomic_store(&gate->asleep, true);
    if ((atomic_load(&gate->value) & mask) != wanted)
        pthread_cond_wait(&gate->changed, &gate->lock);
    atomic_store(&gate->asleep, false);
    pthread_mutex_unlock(&gate->lock);
}

/* Who was woken too late for one task may be in time for the next: it spins again. `spins_ns` is
 * the waiting thread's own, 0 at first; it changes where the team's patience is neither 0 nor
 * endless. */
static void gate_await(struct gate *gate, unsigned mask, unsigned wanted, uint64_t patience,
                       uint64_t *spins_ns)
{
    const bool learns = patience == SPIN_NS;
    const uint64_t start = learns ? now_ns() : 0;
    bool slept = false;
    *spins_ns = *spins_ns > 0 && learns ? *spins_ns : patience;
    while (!spin(gate, mask, wanted, *spins_ns)) {
        sleep_at(gate, mask, wanted);
        slept = true;
    }
    if (learns && slept) {
        const uint64_t waited = now_ns() - start;
        *spins_ns = waited < SHORT_NS ? 2 * waited : SPIN_NS;
    }
}

/* Whoever comes first does a part that was sent out: its thread, or the one that waits for it. */
static bool take(struct member *m)
{
    unsigned sent = atomic_load(&m->task.value);
    return sent % 2 == 1 && atomic_compare_exchange_strong(&m->task.value, &sent, sent + 1);
}

static void *serve(void *context)
{
    struct member *m = context;
    struct team *team = m->team;
    uint64_t spins_ns = 0;
    inside = true;
    for (;;) {
        gate_await(&m->task, 1, 1, atomic_load_explicit(&team->patience, memory_order_relaxed),
                   &spins_ns);
        if (!take(m))
            continue;
        if (!team->task)
            return NULL;
        team->task(team->context, m->part, team->parts);
        atomic_fetch_add_explicit(&team->ended, now_ns(), memory_order_relaxed);
        if (atomic_fetch_sub(&team->busy.value, 1) == 1)
            gate_wake(&team->busy);
    }
}

static void send(struct member *m)
{
    atomic_fetch_add(&m->task.value, 1);
    gate_wake(&m->task);
}

/* ---- threads come and go ---- */

static void drop_members(struct team *team, int count)
{
    team->task = NULL;
    for (int i = count; i < team->count; i++)
        send(team->member[i]);
    for (int i = count; i < team->count; i++) {
        pthread_join(team->member[i]->thread, NULL);
        gate_close(&team->member[i]->task);
        free(team->member[i]);
    }
    team->count = count;
}

static void close_team(void *context)
{
    struct team *team = context;
    drop_members(team, 0);
    gate_close(&team->busy);
    free(team->member);
    free(team);
}

static pthread_key_t key; /* closes the team of a thread that ends */

/* The threads of a team are not there in a child process. */
static void forget(void)
{
    own = NULL;
    inside = false;
}

static void prepare(void)
{
    pthread_key_create(&key, close_team);
    pthread_atfork(NULL, NULL, forget);
}

static struct team *open_team(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, prepare);
    if (own)
        return own;
    struct team *team = aligned_alloc(CACHE_LINE, sizeof *team);
    if (!team)
        return NULL;
    memset(team, 0, sizeof *team);
    gate_open(&team->busy, 0);
    pthread_setspecific(key, team);
    return own = team;
}

/* Where OpenMP binds threads, it has bound the calling one, and new ones would all share its place.
 */
static void bind(const struct team *team)
{
#ifdef __linux__
    const int places = omp_get_num_places(), parts = team->count + 1;
    const omp_proc_bind_t how = omp_get_proc_bind();
    const int first = omp_get_place_num() < 0 ? 0 : omp_get_place_num();
    const bool close = how != omp_proc_bind_spread && parts <= places;
    if (how == omp_proc_bind_false || how == omp_proc_bind_master)
        return;
    for (int i = 0; i < team->count && places > 0; i++) {
        int cpu[CPU_SETSIZE];
        int place = (first + (close ? i + 1 : (i + 1) * places / parts)) % places;
        int count = omp_get_place_num_procs(place);
        cpu_set_t set;
        CPU_ZERO(&set);
        if (count <= CPU_SETSIZE)
            omp_get_place_proc_ids(place, cpu);
        for (int k = 0; k < count && count <= CPU_SETSIZE; k++)
            CPU_SET((size_t)cpu[k], &set);
        pthread_setaffinity_np(team->member[i]->thread, sizeof set, &set);
    }
#endif
}

static int add_member(struct team *team)
{
    struct member **grown =
        realloc(team->member, ((size_t)team->count + 1) * sizeof(struct member *));
    struct member *m = aligned_alloc(CACHE_LINE, sizeof *m);
    team->member = grown ? grown : team->member;
    int failure = grown && m ? 0 : ENOMEM;
    if (!failure) {
        *m = (struct member){.team = team, .part = team->count + 1};
        gate_open(&m->task, 0);
        failure = pthread_create(&m->thread, NULL, serve, m);
    }
    if (failure)
        free(m);
    else
        team->member[team->count++] = m;
    return failure;
}

/* Spinning is of no use where a thread waits for the processor of the one that spins. */
static uint64_t patience_of(int parts)
{
    const char *policy = getenv("OMP_WAIT_POLICY");
    if (policy && strcasecmp(policy, "active") == 0)
        return UINT64_MAX;
    if (policy && strcasecmp(policy, "passive") == 0)
        return 0;
    return parts > cpu_threads_allowed() ? 0 : SPIN_NS;
}

static int add_members(struct team *team, int count)
{
    const int before = team->count;
    sigset_t all, kept;
    int failure = 0;
    atomic_store_explicit(&team->patience, patience_of(count + 1), memory_order_relaxed);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &kept);
    while (team->count < count && !failure)
        failure = add_member(team);
    pthread_sigmask(SIG_SETMASK, &kept, NULL);
    if (failure)
        drop_members(team, before);
    else
        bind(team);
    return failure;
}

int team_start(int parts)
{
    const int most = omp_get_thread_limit(), threads = parts < most ? parts : most;
    if (threads < 2 || inside)
        return 0;
    struct team *team = open_team();
    if (!team)
        return ENOMEM;
    return team->count < threads - 1 ? add_members(team, threads - 1) : 0;
}

/* ---- work ---- */

static void send_out(struct team *team, int members, int parts, team_task *task, void *context)
{
    team->task = task;
    team->context = context;
    team->parts = parts;
    atomic_store_explicit(&team->ended, 0, memory_order_relaxed);
    atomic_store_explicit(&team->busy.value, (unsigned)members, memory_order_relaxed);
    for (int i = 0; i < members; i++)
        send(team->member[i]);
}

/* A thread that has not begun its part may have no processor: nobody waits for it. */
static void take_back(struct team *team, int members)
{
    for (int i = 0; i < members; i++)
        if (take(team->member[i])) {
            team->task(team->context, i + 1, team->parts);
            atomic_fetch_add_explicit(&team->ended, now_ns(), memory_order_relaxed);
            atomic_fetch_sub(&team->busy.value, 1);
        }
}

static void await_all(struct team *team, int members)
{
    uint64_t patience = atomic_load_explicit(&team->patience, memory_order_relaxed);
    atomic_fetch_add_explicit(&team->ended, now_ns(), memory_order_relaxed);
    take_back(team, members);
    gate_await(&team->busy, ~0u, 0, patience, &team->spins_ns);
    uint64_t all = (uint64_t)members + 1;
    team->waited += 1e-9 * (double)(all * now_ns() - atomic_load(&team->ended)) / (double)all;
}

void team_run(int parts, team_task *task, void *context)
{
    const bool before = inside;
    const bool alone = parts < 2 || inside || team_start(parts) != 0 || !own;
    const int members = alone ? 0 : own->count < parts - 1 ? own->count : parts - 1;
    inside = parts > 1 || before;
    if (members > 0)
        send_out(own, members, parts, task, context);
    task(context, 0, parts);
    for (int part = members + 1; part < parts; part++)
        task(context, part, parts);
    if (members > 0)
        await_all(own, members);
    inside = before;
}

double team_waited(void)
{
    return own ? own->waited : 0.0;
}
