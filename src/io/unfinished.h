/* The temporary files that are being written, for a process that has to end at once by a signal:
 * what has no final name yet is of no use to anybody. */
#ifndef MEGALIF_IO_UNFINISHED_H
#define MEGALIF_IO_UNFINISHED_H

/* Notes a file that has just been created; returns its place, or -1 when it cannot be noted (too
 * many, too long a path). Thread-safe. */
int unfinished_add(const char *path, int descriptor);

/* Forgets it again: it is complete, or removed. A place of -1 is fine. Thread-safe. */
void unfinished_forget(int place);

/* Removes all of them that are still there. Async-signal-safe. */
void unfinished_remove(void);

#endif
