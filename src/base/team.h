/* Threads that work together: each calling thread has a team of its own, which stays until that
 * thread ends. Threads that wait for each other spin for a moment and sleep then, so that they take
 * no processor from the one they wait for; OMP_WAIT_POLICY=active has them spin on, passive sleep
 * at once. They go where OMP_PROC_BIND and OMP_PLACES say. */
#ifndef MEGALIF_BASE_TEAM_H
#define MEGALIF_BASE_TEAM_H

#include <stdint.h>

/* One thread's part of the work, of so many parts. */
typedef void team_task(void *context, int part, int parts);

/* Calls the task once for each part and returns when all are done: each part on a thread of its
 * own, where that one begins in time; else the caller does it, too, after its own. So no part may
 * wait for a later one. Within a task, or under OMP_THREAD_LIMIT, the caller does all. The threads
 * have the signals of nobody, and the floating-point environment that their first caller had. */
void team_run(int parts, team_task *task, void *context);

/* Starts as many threads as so many parts need, this one included: what is allocated from now on
 * cannot take their place. 0, or an errno value. */
int team_start(int parts);

/* Seconds that the parts of this thread's tasks, up to now, have waited for the last of them: the
 * mean over the parts. */
double team_waited(void);

/* Where a part of `count` things begins; where it ends, the next begins. */
static inline uint64_t team_begin(uint64_t count, int part, int parts)
{
    uint64_t each = count / (uint64_t)parts, left = count % (uint64_t)parts, p = (uint64_t)part;
    return each * p + (p < left ? p : left);
}

#endif
