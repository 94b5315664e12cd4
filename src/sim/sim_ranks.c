#define _GNU_SOURCE /* sched_getaffinity */
#include "sim/sim_ranks.h"

#include "base/cpu.h"
#include "comm/comm_mpi.h"
#include "config/read.h"
#include "engine/engine_plan.h"
#include "sim/sim_messages.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct mlif_ranks {
    struct comm *comm;
};

enum mlif_status mlif_ranks_open(struct mlif_ranks **ranks, struct mlif_messages *errors)
{
    struct error err = {STATUS_MEMORY, "not enough memory for the ranks of a run"};
    struct mlif_ranks *r = calloc(1, sizeof *r);
    *ranks = r;
    if (!r)
        return sim_tell_error(errors, &err);
    enum status status = comm_mpi_open(&r->comm, &err);
    if (status)
        sim_tell_error(errors, &err);
    if (status || !comm_is_shared(r->comm))
        mlif_ranks_close(ranks);
    return (enum mlif_status)status;
}

void mlif_ranks_close(struct mlif_ranks **ranks)
{
    if (*ranks)
        comm_mpi_close((*ranks)->comm);
    free(*ranks);
    *ranks = NULL;
}

int mlif_ranks_rank(const struct mlif_ranks *ranks)
{
    return ranks ? comm_rank(ranks->comm) : 0;
}

int mlif_ranks_count(const struct mlif_ranks *ranks)
{
    return ranks ? comm_ranks(ranks->comm) : 1;
}

int mlif_ranks_share(const struct mlif_ranks *ranks, int value)
{
    return (int)(unsigned)comm_of_first(ranks ? ranks->comm : NULL, (unsigned)value);
}

/* Standard input, which a text of options ends at its first zero byte. */
static enum status read_standard_input(char **text, size_t *length, struct messages *errors,
                                       struct error *err)
{
    *text = config_load("-", length, errors);
    if (!*text) {
        err->status = errno == ENOMEM ? STATUS_MEMORY : STATUS_CONFIG;
        return err->status; /* told in `errors` */
    }
    return strlen(*text) == *length
               ? STATUS_OK
               : error_set(err, STATUS_CONFIG, "stdin: there is a zero byte in the config");
}

enum status sim_ranks_take_config(struct mlif_options *options, char **text,
                                  struct messages *errors, struct error *err)
{
    const struct comm *comm = options->ranks ? options->ranks->comm : NULL;
    char *own = NULL;
    size_t length = 0;
    enum status status = STATUS_OK;
    *text = NULL;
    if (!comm_is_shared(comm) || options->config_text || !options->config ||
        strcmp(options->config, "-") != 0)
        return STATUS_OK;
    if (comm->rank == 0)
        status = read_standard_input(&own, &length, errors, err);
    length = (size_t)comm_of_first(comm, length);
    if (!status && !(*text = calloc(length + 1, 1)))
        status = error_no_memory(err, "for a config from standard input");
    status = comm_agree(comm, status, err);
    if (!status)
        comm_copy_first(comm, own, length, *text);
    free(own);
    options->config_text = *text;
    return status;
}

/* Where a process may run. */
struct place {
    char host[64];
    cpu_set_t processors;
};

static struct place place_of_process(void)
{
    struct place place;
    memset(&place, 0, sizeof place);
    gethostname(place.host, sizeof place.host - 1);
    if (sched_getaffinity(0, sizeof place.processors, &place.processors))
        CPU_ZERO(&place.processors);
    return place;
}

/* Ranks that may all use the same processors share them. */
static void settle_threads(struct setup *setup, const struct mlif_options *options)
{
    const struct comm *comm = setup->settings.comm;
    const struct place place = place_of_process();
    const int here = comm_count_same(comm, place.host, sizeof place.host);
    const int sharing = comm_count_same(comm, &place, sizeof place);
    setup->ranks_here = here;
    if (options->threads <= 0)
        setup->settings.threads = cpu_cores_allowed() > sharing ? cpu_cores_allowed() / sharing : 1;
}

/* Blocks and tiles that suit all ranks. */
static void settle_blocks(struct setup *setup)
{
    struct engine_settings *settings = &setup->settings;
    settings->tile = comm_least(settings->comm, engine_plan_tile(setup->config, settings));
    settings->block = comm_least(settings->comm, engine_plan_block(setup->config, settings));
}

/* Rank 0 writes what all have recorded; the others record all the same. */
static void settle_output(struct setup *setup)
{
    if (comm_rank(setup->settings.comm) == 0)
        return;
    setup->shared_output = setup->output;
    setup->output = NULL;
    setup->raster = false;
}

enum status sim_ranks_settle(struct setup *setup, const struct mlif_options *options,
                             enum status status, const struct messages *errors, struct error *err)
{
    const struct comm *comm = options->ranks ? options->ranks->comm : NULL;
    if (!comm_is_shared(comm))
        return status;
    setup->settings.comm = comm;
    if (status && comm->rank > 0 && errors->count > 0) /* rank 0's are told as they are */
        error_set(err, status, "%s", errors->line[0]);
    status = comm_agree(comm, status, err);
    if (status)
        return status;
    settle_threads(setup, options);
    settle_blocks(setup);
    settle_output(setup);
    return STATUS_OK;
}
