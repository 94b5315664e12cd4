/* Two paths that may mean one file: through links, other spellings, other folders. */
#ifndef MEGALIF_BASE_SAME_FILE_H
#define MEGALIF_BASE_SAME_FILE_H

#include <stdbool.h>

/* Are both there, and one (by device and inode)? Thread-safe. */
bool same_file(const char *a, const char *b);

#endif
