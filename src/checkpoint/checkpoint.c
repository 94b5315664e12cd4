/* Opens the checkpoints of a run, decides when the next is due, and tells what is safe. */
#include "checkpoint/checkpoint.h"

#include "base/clock.h"
#include "base/decimal.h"
#include "checkpoint/resume.h"
#include "checkpoint/save.h"
#include "config/write.h"
#include "engine/engine_state.h"

#include <string.h>

/* ---- what an earlier run has left */

enum status checkpoint_check_folder(const struct setup *setup, struct error *err)
{
    if (setup->force || !checkpoint_folder_has_run(setup->output))
        return STATUS_OK;
    return error_set(err, STATUS_OUTPUT,
                     "%s.checkpoint holds checkpoints of an earlier run; go on from there with "
                     "--resume, or start anew with --force",
                     setup->output);
}

enum status checkpoint_forget(const struct setup *setup, struct error *err)
{
    struct checkpoint_folder folder;
    if (!setup->force || !checkpoint_folder_has_run(setup->output))
        return STATUS_OK;
    enum status status = checkpoint_folder_open(&folder, setup->output, err);
    if (!status)
        status = checkpoint_folder_remove(&folder, err);
    checkpoint_folder_close(&folder);
    return status;
}

/* ---- opening and closing */

/* A run from the beginning: an earlier one in the same place is not lost by accident. */
static enum status check_anew(struct checkpoint *cp, struct error *err)
{
    enum status status = raster_check_path(cp->setup->output, cp->setup->force, err);
    return status ? status : checkpoint_check_folder(cp->setup, err);
}

enum status checkpoint_begin(struct checkpoint *cp, struct error *err)
{
    if (cp->reader)
        return save_clean(cp, err);
    enum status status = checkpoint_folder_forget(&cp->folder, err);
    return status ? status : checkpoint_folder_clean(&cp->folder, NULL, NULL, err);
}

/* Of a rank that does not write. */
static enum status open_shared(struct checkpoint *cp, struct error *err)
{
    enum status status = checkpoint_folder_name(&cp->folder, cp->setup->shared_output, err);
    if (!status)
        status = spike_segments_open(&cp->spikes, cp->setup, &cp->folder, err);
    return status ? status : trace_segments_open(&cp->traces, cp->setup, &cp->folder, err);
}

enum status checkpoint_share(struct checkpoint *cp, struct error *err)
{
    const struct comm *comm = cp->on ? checkpoint_comm(cp) : NULL;
    enum status status = STATUS_OK;
    if (!comm || !comm_of_first(comm, cp->reader != NULL))
        return STATUS_OK;
    if (!cp->setup->output)
        status = resume_share(cp, err);
    status = comm_agree(comm, status, err);
    const uint64_t file = status ? 0 : checkpoint_reader_identity(cp->reader);
    if (!status && comm_count_same(comm, &file, sizeof file) < comm->ranks)
        status = error_set(err, STATUS_CHECKPOINT,
                           "%s is not the same file for all ranks: it must be where all of them "
                           "see it",
                           cp->folder.checkpoint);
    return comm_agree(comm, status, err);
}

enum status checkpoint_open(struct checkpoint *cp, const struct setup *setup,
                            struct messages *errors, struct messages *warnings, struct error *err)
{
    *cp = (struct checkpoint){.on = true, .setup = setup};
    cp->clock.last_at = clock_seconds();
    if (!setup->output)
        return open_shared(cp, err);
    enum status status = raster_check_path(setup->output, setup->force || setup->resume, err);
    if (!status)
        status = checkpoint_folder_open(&cp->folder, setup->output, err);
    if (!status)
        status = spike_segments_open(&cp->spikes, setup, &cp->folder, err);
    if (!status)
        status = trace_segments_open(&cp->traces, setup, &cp->folder, err);
    if (!status && setup->resume)
        status = resume_open(cp, errors, warnings, err);
    if (status == STATUS_CHECKPOINT)
        error_set(err, status,
                  "%s; put back what is missing, or start anew with --force in place of --resume",
                  err->text);
    if (status)
        return status;
    cp->outputs.replaces |= setup->force;
    return cp->reader ? STATUS_OK : check_anew(cp, err);
}

void checkpoint_close(struct checkpoint *cp)
{
    struct error ignored;
    if (!cp->on)
        return;
    /* A folder without a checkpoint is of no use. */
    if (cp->folder.path && cp->folder.lock >= 0 && !checkpoint_folder_has_run(cp->setup->output))
        checkpoint_folder_remove(&cp->folder, &ignored);
    checkpoint_reader_close(cp->reader);
    checkpoint_folder_close(&cp->folder);
    spike_segments_close(&cp->spikes);
    trace_segments_close(&cp->traces);
    memset(cp, 0, sizeof *cp);
}

/* ---- when */

uint64_t checkpoint_most(const struct checkpoint *cp, uint64_t done, uint64_t most)
{
    if (!cp->on || cp->setup->config->checkpoint_steps == VALUE_FOREVER)
        return most;
    uint64_t left =
        cp->setup->config->checkpoint_steps - done % cp->setup->config->checkpoint_steps;
    return left < most ? left : most;
}

bool checkpoint_due_at(const struct checkpoint *cp, uint64_t done)
{
    const uint64_t steps = cp->on ? cp->setup->config->checkpoint_steps : VALUE_FOREVER;
    return steps != VALUE_FOREVER && done % steps == 0;
}

bool checkpoint_due_now(const struct checkpoint *cp)
{
    return cp->on && clock_seconds() - cp->clock.last_at >= cp->setup->config->checkpoint_wall_s;
}

/* Seconds that the next checkpoint takes, on the safe side. */
static double seconds_ahead(const struct checkpoint *cp)
{
    const double slow_disk = 100e6; /* bytes a second, before anything was measured */
    double bytes = (double)engine_state_bytes(cp->setup->config);
    return 2.0 * (cp->clock.written > 0 ? cp->clock.last_seconds : bytes / slow_disk);
}

bool checkpoint_out_of_time(const struct checkpoint *cp, double opened_at)
{
    if (!cp->on || !(cp->setup->max_wall_s > 0))
        return false;
    double left = opened_at + cp->setup->max_wall_s - clock_seconds();
    const double blocks = checkpoint_comm(cp) ? 2 : 1;
    return left <= seconds_ahead(cp) + blocks * cp->clock.longest_block;
}

/* ---- for messages and the end */

bool checkpoint_is_settled(const struct checkpoint *cp, uint64_t done)
{
    return cp->saved && cp->safe_step == done && spike_segments_are_output(&cp->spikes);
}

void checkpoint_explain(const struct checkpoint *cp, struct error *err)
{
    const struct config *config = cp->setup->config;
    struct error why;
    if (!cp->setup->output) /* rank 0 tells for all */
        return;
    enum status lost = cp->saved ? save_check(cp, &why) : STATUS_OK;
    if (!cp->saved)
        error_set(err, err->status, "%s; there was no checkpoint yet, nothing is saved", err->text);
    else if (lost == STATUS_OUTPUT || lost == STATUS_BUSY)
        error_set(err, err->status, "%s; parts of the run are gone, nothing is saved", err->text);
    else if (!checkpoint_folder_has_run(cp->setup->output))
        error_set(err, err->status, "%s; %s is gone, nothing is saved", err->text,
                  cp->folder.checkpoint);
    else
        error_set(err, err->status,
                  "%s; all up to %.10g ms of %.10g ms is safe in %s, go on from there with: %s",
                  err->text, decimal_times_steps(config->dt, cp->safe_step),
                  decimal_times_steps(config->dt, config->steps), cp->folder.path,
                  cp->setup->resume_command);
}
