/* Finds the control groups of this process below /proc and /sys, and visits them upwards. */
#include "base/cgroup.h"

#include <stdio.h>
#include <string.h>

enum { PATH_ROOM = 8192 };

bool cgroup_read(const char *directory, const char *name, char *text, size_t size)
{
    char path[PATH_ROOM];
    int length = snprintf(path, sizeof path, "%s/%s", directory, name);
    if (length < 0 || length >= PATH_ROOM) {
        return false;
    }
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    size_t got = fread(text, 1, size - 1, file);
    text[got] = '\0';
    fclose(file);
    return got > 0;
}

/* For the group /a/b: mount/a/b, mount/a, mount. */
static void visit_upwards(const char *mount, const char *group,
                          void (*visit)(const char *directory, void *argument), void *argument)
{
    char path[PATH_ROOM];
    int length = snprintf(path, sizeof path, "%s%s", mount, group);
    if (length < 0 || length >= PATH_ROOM) {
        return;
    }
    char *cut;
    do {
        visit(path, argument);
        cut = strrchr(path + strlen(mount), '/');
        if (cut != NULL) {
            *cut = '\0';
        }
    } while (cut != NULL);
}

/* Whether a comma-separated list ("cpu,cpuacct") has this word. */
static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; *at != '\0'; at += *at == ',') {
        size_t span = strcspn(at, ",");
        if (span == length && strncmp(at, word, length) == 0) {
            return true;
        }
        at += span;
    }
    return false;
}

void cgroup_visit(const char *root, const char *controller,
                  void (*visit)(const char *directory, void *argument), void *argument)
{
    char line[PATH_ROOM];
    char mount[PATH_ROOM];
    snprintf(line, sizeof line, "%s/proc/self/cgroup", root);
    FILE *file = fopen(line, "re");
    if (file == NULL) {
        return;
    }
    while (fgets(line, sizeof line, file) != NULL) { /* hierarchy:controllers:/path */
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':');
        char *group = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
        if (group == NULL) {
            continue;
        }
        *group++ = '\0';
        controllers++;
        if (controllers[0] == '\0') { /* version 2 */
            snprintf(mount, sizeof mount, "%s/sys/fs/cgroup", root);
        } else if (has_word(controllers, controller)) {
            snprintf(mount, sizeof mount, "%s/sys/fs/cgroup/%s", root, controller);
        } else {
            continue;
        }
        visit_upwards(mount, group, visit, argument);
    }
    fclose(file);
}
