/* A made-up folder for tests that stands before /proc and /sys. */
#ifndef TESTS_UNIT_FAKE_ROOT_H
#define TESTS_UNIT_FAKE_ROOT_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct fake_root {
    char path[64];
};

static inline void fake_root_make(struct fake_root *root)
{
    strcpy(root->path, "/tmp/megalif-test-XXXXXX");
    if (mkdtemp(root->path) == NULL) {
        perror(root->path);
        exit(1);
    }
}

/* Writes a file below the root, with its folders. */
static inline void fake_root_write(const struct fake_root *root, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", root->path, name);
    for (char *slash = strchr(path + strlen(root->path) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

static inline int fake_root_remove_one(const char *path, const struct stat *info, int kind,
                                       struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

static inline void fake_root_remove(const struct fake_root *root)
{
    nftw(root->path, fake_root_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
