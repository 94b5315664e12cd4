/* The clock that durations are measured with. */
#ifndef MEGALIF_CLOCK_H
#define MEGALIF_CLOCK_H

/* Monotonic seconds since an arbitrary moment, the same for all processes of a machine.
 * Thread-safe. */
double clock_seconds(void);

#endif
