#include "io/unfinished.h"

#include <limits.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PLACES = 64 };
enum state { FREE, TAKEN, NOTED }; /* TAKEN: its other members are being written */

/* Of fixed size and never freed: a signal may come at any instruction. */
static struct place {
    _Atomic enum state state;
    dev_t device;
    ino_t inode;
    char path[PATH_MAX];
} places[PLACES];

int unfinished_add(const char *path, int descriptor)
{
    struct stat info;
    if (strlen(path) >= PATH_MAX || fstat(descriptor, &info) != 0)
        return -1;
    for (int i = 0; i < PLACES; i++) {
        enum state expected = FREE;
        if (!atomic_compare_exchange_strong(&places[i].state, &expected, TAKEN))
            continue;
        places[i].device = info.st_dev;
        places[i].inode = info.st_ino;
        strcpy(places[i].path, path);
        atomic_store(&places[i].state, NOTED);
        return i;
    }
    return -1;
}

void unfinished_forget(int place)
{
    if (place >= 0)
        atomic_store(&places[place].state, FREE);
}

void unfinished_remove(void)
{
    struct stat info;
    for (int i = 0; i < PLACES; i++)
        if (atomic_load(&places[i].state) == NOTED && lstat(places[i].path, &info) == 0 &&
            info.st_dev == places[i].device && info.st_ino == places[i].inode)
            unlink(places[i].path);
}
