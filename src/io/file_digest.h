/* SHA-256 (FIPS 180-4) of files, as sha256sum prints it, for telling whether one is still the same.
 *
 * A digest is remembered, as long as the process lives, with what the system says of the file:
 * device, inode, size, and the times of its last writing (mtime) and last change (ctime, which no
 * call sets). Where all of them are as they were, the file is not read again. A file that was
 * changed just now is not remembered: it may be changed once more without its times telling. Nor
 * need they tell where a file system makes them up (some on FUSE and SMB), or at once what another
 * process writes through a shared mapping. All functions are thread-safe. */
#ifndef MEGALIF_IO_FILE_DIGEST_H
#define MEGALIF_IO_FILE_DIGEST_H

#include "base/error.h"

#include <stdint.h>

enum {
    FILE_DIGEST_TEXT = 65, /* 64 hexadecimal digits and a NUL */
    FILE_DIGEST_MOST = 256 /* so many are remembered: the last ones */
};

/* Of all bytes of a file, with their number. STATUS_OUTPUT with a message that names the file,
 * or STATUS_MEMORY. */
enum status file_digest(const char *path, char text[FILE_DIGEST_TEXT], uint64_t *bytes,
                        struct error *err);

/* Waits until a file that was changed just now can be remembered: about a tenth of a second at most
 * where times are fine, 3 s where they are not; not for one whose change lies in the future. */
void file_digest_settle(const char *path);

/* What is remembered, for another process on this machine: a line a file, FILE_DIGEST_MOST at most.
 * The caller frees it; NULL without memory. */
char *file_digest_remembered(void);

/* Remembers what another process has; lines of another form are left out. */
void file_digest_remember(const char *lines);

#endif
