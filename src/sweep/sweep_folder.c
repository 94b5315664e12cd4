/* The output directory of a sweep: DIR/NAME.h5 for each point, and the tables. */
#include "sweep/sweep_folder.h"

#include "cli/result_file.h"
#include "config/config_hash.h"
#include "config/read.h"
#include "config/write.h"
#include "io/hdf5_text.h"
#include "io/output_path.h"
#include "io/table_csv.h"
#include "io/table_hdf5.h"
#include "sweep/sweep_paths.h"
#include "sweep/sweep_point.h"
#include "sweep/sweep_table.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status make_directory(const char *path, struct error *err)
{
    struct stat info;
    if (mkdir(path, 0777) == 0)
        return STATUS_OK;
    int reason = errno;
    if (reason == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return STATUS_OK;
    return error_set(err, STATUS_OUTPUT, "cannot make the directory %s: %s%s", path,
                     reason == EEXIST ? "a file is in its place" : strerror(reason),
                     reason == ENOENT ? "; make the one it shall lie in, or choose another with -o"
                                      : "");
}

enum status sweep_folder_take(const struct sweep_run *s, bool already, struct error *err)
{
    char name[64], hidden[80];
    enum status status = STATUS_OK;
    if (!already)
        status = make_directory(s->directory, err);
    else if (access(s->directory, F_OK) != 0)
        status = error_set(err, STATUS_OUTPUT,
                           "nothing to collect in %s: %s; give the directory of the tasks with -o",
                           s->directory, strerror(errno));
    if (status)
        return status;
    snprintf(hidden, sizeof hidden, ".%s.lock", sweep_paths_table_name(s, name));
    char *path = sweep_paths_file(s, hidden);
    int lock = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;
    if (!path)
        status = error_no_memory(err, "for the names of files");
    else if (lock < 0)
        status =
            error_set(err, STATUS_OUTPUT, "cannot write to %s: %s", s->directory, strerror(errno));
    else if (flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        status = error_set(err, STATUS_BUSY,
                           "another sweep is writing to %s; wait for it, or choose another "
                           "directory with -o",
                           s->directory);
    free(path);
    return status; /* the lock stays open as long as this process lives */
}

static int is_table(const struct dirent *entry)
{
    return fnmatch("table.csv", entry->d_name, 0) == 0 ||
           fnmatch("table-task-*-of-*.csv", entry->d_name, 0) == 0;
}

uint64_t sweep_folder_tasks(const struct sweep_run *s)
{
    struct dirent **found;
    int count = scandir(s->directory, &found, is_table, alphasort);
    uint64_t tasks = 0, task, of;
    bool same = true;
    for (int i = 0; i < count; i++) {
        if (sscanf(found[i]->d_name, "table-task-%" SCNu64 "-of-%" SCNu64, &task, &of) == 2) {
            same &= tasks == 0 || of == tasks;
            tasks = of;
        }
        free(found[i]);
    }
    if (count >= 0)
        free(found);
    return same ? tasks : 0;
}

/* Takes over the rows of all tables there. */
static enum status read_tables(struct sweep_run *s, struct error *err)
{
    struct dirent **found;
    char name[64], own[80];
    int count = scandir(s->directory, &found, is_table, alphasort);
    enum status status = STATUS_OK;
    snprintf(own, sizeof own, "%s.csv", sweep_paths_table_name(s, name));
    for (int i = 0; i < count; i++) {
        char *path = sweep_paths_file(s, found[i]->d_name);
        bool replaced = strcmp(found[i]->d_name, own) == 0;
        if (!status)
            status = path ? sweep_table_read(s, path, replaced, err)
                          : error_no_memory(err, "for the names of files");
        if (status == STATUS_OUTPUT && s->force)
            status = STATUS_OK;
        free(path);
        free(found[i]);
    }
    if (count >= 0)
        free(found);
    if (status == STATUS_OUTPUT)
        error_set(err, status, "%s; choose another directory with -o, or do without it by --force",
                  err->text);
    return status;
}

/* The point's resolved config, allocated; NULL when it cannot be had. */
static char *config_of_point(const struct sweep_run *s, size_t point)
{
    struct config *config = sweep_point_config(s, point);
    char *text = config ? config_to_text(config) : NULL;
    config_free(config);
    return text;
}

/* Adds the keys that differ to an error about a file of another config. */
static void name_differences(const struct sweep_run *s, size_t point, struct error *err)
{
    enum { MOST = 3 };
    struct messages differences = {NULL, 0};
    struct result_file file;
    struct error ignored;
    char *before = NULL, *now = config_of_point(s, point), *path = sweep_paths_point(s, point);
    if (now && path && !result_file_open(&file, path, &ignored))
        hdf5_text_of_dataset(file.file, "/megalif/config", &before, NULL);
    if (before)
        config_compare_text(before, now, CONFIG_RESULTS, &differences);
    if (now && path)
        result_file_close(&file);
    free(path);
    for (size_t i = 0; i < differences.count && i < MOST; i++)
        error_set(err, err->status, "%s%s%s", err->text, i == 0 ? " (" : "; ", differences.line[i]);
    if (differences.count > 0)
        error_set(err, err->status, "%s%s)", err->text,
                  differences.count > MOST ? "; and more" : "");
    messages_free(&differences);
    free(before);
    free(now);
}

/* A point is done when its file says so; without files, when a table does, or a file that a killed
 * sweep has left. */
static enum status look_at_point(struct sweep_run *s, size_t point, struct error *err)
{
    if (!s->sweep->files && s->state[point] == POINT_DONE)
        return STATUS_OK;
    char *path = sweep_paths_point(s, point);
    if (!path)
        return error_no_memory(err, "for the names of files");
    enum status status = STATUS_OK;
    if (s->state[point] == POINT_DONE)
        s->state[point] = POINT_TO_DO; /* its file may be gone */
    if (access(path, F_OK) == 0)
        status = sweep_table_row_of_file(s, point, path, err);
    if (status == STATUS_STOPPED) /* joined before its end: the run goes on */
        status = STATUS_OK;
    free(path);
    return status;
}

/* May the tables be written? table.csv is read before it is replaced, table.h5 is not: table.h5
 * counts as this sweep's where table.csv lies beside it. */
static enum status check_tables(const struct sweep_run *s, struct error *err)
{
    char name[64], file[80];
    snprintf(file, sizeof file, "%s.csv", sweep_paths_table_name(s, name));
    char *csv = sweep_paths_file(s, file);
    snprintf(file, sizeof file, "%s.h5", name);
    char *hdf5 = sweep_paths_file(s, file);
    enum status status = csv && hdf5 ? output_path_check(csv, true, err)
                                     : error_no_memory(err, "for the names of files");
    if (!status)
        status = output_path_check(hdf5, s->force || access(csv, F_OK) == 0, err);
    free(csv);
    free(hdf5);
    return status;
}

enum status sweep_folder_look(struct sweep_run *s, struct error *err)
{
    size_t foreign = 0;
    struct error first = {STATUS_OK, ""};
    enum status status = check_tables(s, err);
    if (!status)
        status = read_tables(s, err);
    for (size_t i = 0; !status && i < s->sweep->point_count; i++) {
        if (s->state[i] == POINT_ELSEWHERE || s->state[i] == POINT_KEPT)
            continue;
        status = look_at_point(s, i, err);
        if (status == STATUS_MEMORY)
            return status;
        if (status && foreign++ == 0) {
            name_differences(s, i, err);
            first = *err;
        }
        status = STATUS_OK;
    }
    if (!status && foreign > 0 && !s->force)
        return error_set(err, STATUS_OUTPUT,
                         "%s%s; choose another directory with -o, or replace what differs with "
                         "--force",
                         first.text, foreign > 1 ? ", and so are others" : "");
    return status;
}

enum status sweep_folder_publish(const struct sweep_run *s, bool complete, struct error *err)
{
    char name[64], file[80];
    bool *keep = calloc(s->sweep->point_count, sizeof *keep);
    for (size_t i = 0; keep && i < s->sweep->point_count; i++)
        keep[i] = s->state[i] != POINT_ELSEWHERE && s->state[i] != POINT_TO_DO;
    sweep_paths_table_name(s, name);
    snprintf(file, sizeof file, "%s.csv", name);
    char *csv = sweep_paths_file(s, file);
    snprintf(file, sizeof file, "%s.h5", name);
    char *hdf5 = sweep_paths_file(s, file);
    enum status status =
        keep && csv && hdf5 ? STATUS_OK : error_no_memory(err, "for the names of files");
    if (!status)
        status = table_write_csv(&s->table, keep, csv, err);
    if (!status && complete)
        status = table_write_hdf5(&s->table, keep, hdf5, err);
    free(keep);
    free(csv);
    free(hdf5);
    return status;
}
