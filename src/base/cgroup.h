/* The control groups of this process (Linux, versions 1 and 2): containers and batch systems limit
 * memory and processors there. Elsewhere there is nothing to visit. Thread-safe. */
#ifndef MEGALIF_BASE_CGROUP_H
#define MEGALIF_BASE_CGROUP_H

#include <stdbool.h>
#include <stddef.h>

/* Calls visit(directory, argument) for every folder that may hold a limit of this controller
 * ("memory", "cpu"): the process's own group and all above it, in both versions. A folder may not
 * exist: within a container only the upper part of the path does. root goes before /proc and /sys
 * ("" for the real ones). */
void cgroup_visit(const char *root, const char *controller,
                  void (*visit)(const char *directory, void *argument), void *argument);

/* Reads a small file of a folder into text, NUL-terminated and cut to size. False when it cannot.
 */
bool cgroup_read(const char *directory, const char *name, char *text, size_t size);

#endif
