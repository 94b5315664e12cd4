/* From the environment that launchers leave to a loaded library. */
#include "comm/comm_mpi.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && value[0] != '\0';
}

/* A variable that says 1, as launchers do of a single process. */
static bool says_one(const char *name)
{
    const char *value = getenv(name);
    return value && strcmp(value, "1") == 0;
}

static bool is_alone(void)
{
    return says_one("OMPI_COMM_WORLD_SIZE") || says_one("PMI_SIZE") ||
           (says_one("SLURM_STEP_NUM_TASKS") && !is_set("OMPI_COMM_WORLD_SIZE"));
}

static bool is_launched(void)
{
    return (is_set("OMPI_COMM_WORLD_RANK") || is_set("PMIX_RANK") || is_set("PMI_RANK")) &&
           !is_alone();
}

/* Several tasks of a Slurm step that no MPI knows of: each would run the whole. */
static bool are_strangers(void)
{
    return is_set("SLURM_STEP_NUM_TASKS") && !says_one("SLURM_STEP_NUM_TASKS") &&
           is_set("SLURM_PROCID");
}

enum { EXCHANGE_MOST = 1 << 20 };

/* Libraries to try, by MPI; Open MPI's launchers and Slurm's PMIx go with the first. */
static const char *const known[] = {"openmpi", "mpich", "mpi"};
enum { KNOWN = sizeof known / sizeof *known };

static bool may_be(const char *mpi, const char *asked)
{
    if (asked && strcmp(asked, "yes") != 0)
        return strcmp(mpi, asked) == 0;
    bool mpich = is_set("PMI_RANK") && !is_set("PMIX_RANK") && !is_set("OMPI_COMM_WORLD_RANK");
    return mpich ? strcmp(mpi, "openmpi") != 0 : true;
}

/* Of the program: of build/ and of bin/. */
static bool program_folder(char *folder, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", folder, size - 1);
    if (length <= 0)
        return false;
    folder[length] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    return slash != NULL;
}

/* The first of the libraries that there is; false: none. */
static bool find(const char *asked, char *path, size_t size)
{
    static const char *const place[] = {"", "/../lib/megalif", "/../lib64/megalif"};
    enum { PLACES = sizeof place / sizeof *place };
    char folder[PATH_MAX];
    if (!program_folder(folder, sizeof folder))
        return false;
    for (int k = 0; k < KNOWN; k++)
        for (int p = 0; may_be(known[k], asked) && p < PLACES; p++) {
            snprintf(path, size, "%s%s/libmegalif-%s.so", folder, place[p], known[k]);
            if (access(path, R_OK) == 0)
                return true;
        }
    return false;
}

/* RTLD_GLOBAL: Open MPI loads parts of itself that look for its symbols. */
static enum status load(const char *path, const struct comm_calls **calls, struct error *err)
{
    if (getauxval(AT_BASE) == 0) /* nothing has loaded libraries for it: dlopen would break it */
        return error_set(err, STATUS_CONFIG,
                         "MPI cannot be used: this program is static and loads no libraries; set "
                         "MEGALIF_MPI=no to let each process run on its own");
    void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (!library)
        return error_set(err, STATUS_CONFIG, "MPI cannot be used: %s", dlerror());
    *calls = dlsym(library, COMM_CALLS_NAME);
    if (!*calls)
        return error_set(err, STATUS_CONFIG,
                         "MPI cannot be used: %s is not of this version of megalif", path);
    return STATUS_OK;
}

static enum status take_spikes(uint64_t *spikes, struct error *err)
{
    const char *text = getenv("MEGALIF_EXCHANGE");
    char *end;
    *spikes = 0;
    if (!text || text[0] == '\0')
        return STATUS_OK;
    *spikes = strtoull(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && *spikes - 1 < EXCHANGE_MOST)
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG,
                     "MEGALIF_EXCHANGE takes a whole number from 1 to %d, not %s",
                     (int)EXCHANGE_MOST, text);
}

static enum status start(const char *path, struct comm **out, struct error *err)
{
    const struct comm_calls *calls;
    uint64_t spikes;
    enum status status = take_spikes(&spikes, err);
    if (!status)
        status = load(path, &calls, err);
    if (status)
        return status;
    struct comm *comm = calloc(1, sizeof *comm);
    if (!comm)
        return error_no_memory(err, "for the ranks of a run");
    comm->calls = calls;
    comm->spikes = spikes;
    *out = comm;
    int code = calls->start(&comm->rank, &comm->ranks);
    return code == 0 ? STATUS_OK : error_set(err, STATUS_CONFIG, "MPI did not start: %d", code);
}

static enum status not_found(struct error *err)
{
    return error_set(err, STATUS_CONFIG,
                     "launched by MPI as one of several processes, but no libmegalif-openmpi.so, "
                     "-mpich.so or -mpi.so is beside the program: build it where an MPI's mpicc "
                     "is found (docs/mpi.md), or set MEGALIF_MPI=no to let each process run on "
                     "its own");
}

static enum status strangers(struct error *err)
{
    return error_set(err, STATUS_CONFIG,
                     "srun has started %s tasks that do not know of each other, and each would run "
                     "the whole: use srun --mpi=pmix for one run shared by all (docs/mpi.md), "
                     "srun -n1 for one task, or set MEGALIF_MPI=no where each has a run of its own",
                     getenv("SLURM_STEP_NUM_TASKS"));
}

enum status comm_mpi_open(struct comm **out, struct error *err)
{
    char path[PATH_MAX + 64];
    const char *asked = getenv("MEGALIF_MPI");
    *out = NULL;
    asked = asked && asked[0] ? asked : NULL;
    if (asked && strcmp(asked, "no") == 0)
        return STATUS_OK;
    if (asked && strchr(asked, '/'))
        return start(asked, out, err);
    if (!asked && !is_launched())
        return are_strangers() ? strangers(err) : STATUS_OK;
    if (!find(asked, path, sizeof path))
        return not_found(err);
    return start(path, out, err);
}

void comm_mpi_close(struct comm *comm)
{
    if (comm)
        comm->calls->finish();
    free(comm);
}
