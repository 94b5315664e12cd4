/* Writes a line with the process to the file DIGESTS_LOG for each SHA-256 that a program completes:
 * loaded by LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int EVP_DigestFinal_ex(void *context, unsigned char *digest, unsigned *length);
int EVP_DigestFinal_ex(void *context, unsigned char *digest, unsigned *length)
{
    int (*real)(void *, unsigned char *, unsigned *) = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "EVP_DigestFinal_ex");
    int log = open(getenv("DIGESTS_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (log < 0 || dprintf(log, "%ld\n", (long)getpid()) < 2)
        abort();
    close(log);
    return real(context, digest, length);
}
