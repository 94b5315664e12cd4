/* Two paths mean one file when device and inode are the same. */
#include "base/same_file.h"

#include <sys/stat.h>

bool same_file(const char *a, const char *b)
{
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}
