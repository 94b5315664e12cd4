/* Reads files through libcrypto's SHA-256; a table of those that have been read. */
#include "io/file_digest.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 1 << 20 };
static const double fine_s = 0.1, coarse_s = 3.0; /* more than clocks of file systems step by */

/* What tells a file, as it is, from all others and from what it was. */
struct identity {
    uint64_t device, inode, size;
    int64_t written_s, written_ns, changed_s, changed_ns;
};

struct known {
    struct identity identity;
    char digest[FILE_DIGEST_TEXT];
};

static struct known known[FILE_DIGEST_MOST]; /* the oldest one gives way */
static size_t known_count, known_next;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool are_equal(const struct identity *a, const struct identity *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->written_s == b->written_s && a->written_ns == b->written_ns &&
           a->changed_s == b->changed_s && a->changed_ns == b->changed_ns;
}

/* False for what is no regular file: a pipe gives its bytes once. */
static bool identify(int file, struct identity *out)
{
    struct stat info;
    if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode))
        return false;
    *out = (struct identity){(uint64_t)info.st_dev, (uint64_t)info.st_ino, (uint64_t)info.st_size,
                             info.st_mtim.tv_sec,   info.st_mtim.tv_nsec,  info.st_ctim.tv_sec,
                             info.st_ctim.tv_nsec};
    return true;
}

/* Seconds since its last change; negative where the clock of the file system is ahead of ours. */
static double age_of(const struct identity *identity)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)(now.tv_sec - identity->changed_s) +
           1e-9 * (double)(now.tv_nsec - identity->changed_ns);
}

/* The age from which on a change would be seen in the file's times. They step by 1 to 10 ms; where
 * a file system has no fractions, by 1 or 2 s. */
static double settled_age(const struct identity *identity)
{
    return identity->changed_ns ? fine_s : coarse_s;
}

static bool is_settled(const struct identity *identity)
{
    return age_of(identity) > settled_age(identity);
}

static bool recall(const struct identity *identity, char text[FILE_DIGEST_TEXT])
{
    bool found = false;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < known_count && !found; i++) {
        found = are_equal(&known[i].identity, identity);
        if (found)
            memcpy(text, known[i].digest, FILE_DIGEST_TEXT);
    }
    pthread_mutex_unlock(&lock);
    return found;
}

static void remember(const struct known *file)
{
    pthread_mutex_lock(&lock);
    known[known_next] = *file;
    known_next = (known_next + 1) % FILE_DIGEST_MOST;
    known_count += known_count < FILE_DIGEST_MOST;
    pthread_mutex_unlock(&lock);
}

/* Reads to the end: 0, or errno of what failed; libcrypto's own failures have none, and are EIO. */
static int read_all(int file, EVP_MD_CTX *sha, uint64_t *bytes)
{
    char *piece = malloc(PIECE);
    ssize_t n = piece ? 1 : -1;
    *bytes = 0;
    while (n > 0) {
        do
            n = read(file, piece, PIECE);
        while (n < 0 && errno == EINTR);
        *bytes += n > 0 ? (uint64_t)n : 0;
        if (n > 0 && !EVP_DigestUpdate(sha, piece, (size_t)n)) {
            errno = EIO;
            n = -1;
        }
    }
    const int reason = n < 0 ? errno : 0;
    free(piece);
    return reason;
}

static enum status read_digest(int file, const char *path, char text[FILE_DIGEST_TEXT],
                               uint64_t *bytes, struct error *err)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *sha = EVP_MD_CTX_new();
    if (!sha)
        return error_no_memory(err, "for the SHA-256 of files");
    bool good = EVP_DigestInit_ex(sha, EVP_sha256(), NULL);
    const int reason = good ? read_all(file, sha, bytes) : 0;
    good = good && !reason && EVP_DigestFinal_ex(sha, digest, NULL);
    EVP_MD_CTX_free(sha);
    for (int i = 0; good && i < (FILE_DIGEST_TEXT - 1) / 2; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    if (good)
        return STATUS_OK;
    return error_set(err, reason == ENOMEM ? STATUS_MEMORY : STATUS_OUTPUT, "cannot read %s: %s",
                     path, reason ? strerror(reason) : "libcrypto refuses to take its SHA-256");
}

/* A file that is changed while it is read has a digest, but not one to be remembered. */
static enum status digest_of(int file, const char *path, char text[FILE_DIGEST_TEXT],
                             uint64_t *bytes, struct error *err)
{
    struct known before;
    struct identity after;
    const bool regular = identify(file, &before.identity);
    if (regular && recall(&before.identity, text)) {
        *bytes = before.identity.size;
        return STATUS_OK;
    }
    const bool settled = regular && is_settled(&before.identity);
    enum status status = read_digest(file, path, text, bytes, err);
    if (status || !settled || !identify(file, &after) || !are_equal(&before.identity, &after))
        return status;
    memcpy(before.digest, text, FILE_DIGEST_TEXT);
    remember(&before);
    return STATUS_OK;
}

enum status file_digest(const char *path, char text[FILE_DIGEST_TEXT], uint64_t *bytes,
                        struct error *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return error_set(err, STATUS_OUTPUT, "cannot read %s: %s", path, strerror(errno));
    enum status status = digest_of(file, path, text, bytes, err);
    close(file);
    return status;
}

void file_digest_settle(const char *path)
{
    const double start = clock_seconds();
    const struct timespec wait = {0, 10000000};
    struct identity identity;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    while (file >= 0 && identify(file, &identity) && age_of(&identity) >= 0 &&
           !is_settled(&identity) && clock_seconds() < start + settled_age(&identity))
        nanosleep(&wait, NULL);
    if (file >= 0)
        close(file);
}

char *file_digest_remembered(void)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return NULL;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < known_count; i++) {
        const struct identity *d = &known[i].identity;
        fprintf(to,
                "%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRId64 ".%09" PRId64 " %" PRId64
                ".%09" PRId64 "\n",
                known[i].digest, d->device, d->inode, d->size, d->written_s, d->written_ns,
                d->changed_s, d->changed_ns);
    }
    pthread_mutex_unlock(&lock);
    const bool good = !ferror(to);
    if (fclose(to) == 0 && good)
        return text;
    free(text);
    return NULL;
}

static bool take_line(const char *line, struct known *out)
{
    struct identity *d = &out->identity;
    int end = 0;
    return sscanf(line,
                  "%64[0-9a-f] %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNd64 ".%" SCNd64 " %" SCNd64
                  ".%" SCNd64 "%n",
                  out->digest, &d->device, &d->inode, &d->size, &d->written_s, &d->written_ns,
                  &d->changed_s, &d->changed_ns, &end) == 8 &&
           line[end] == '\n' && strlen(out->digest) == FILE_DIGEST_TEXT - 1;
}

void file_digest_remember(const char *lines)
{
    struct known file;
    for (; lines && *lines; lines = strchr(lines, '\n') + 1) {
        if (!strchr(lines, '\n'))
            return;
        if (take_line(lines, &file))
            remember(&file);
    }
}
