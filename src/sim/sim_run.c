/* Whole runs: opened, stepped to the end and finished in one call, or joined where they stand. */
#include "base/decimal.h"
#include "base/float_env.h"
#include "checkpoint/resume.h"
#include "sim/sim_handle.h"
#include "sim/sim_messages.h"
#include "sim/sim_report.h"

#include <stdlib.h>
#include <string.h>

/* A callback or the time asked to stop: what is not saved now is lost. */
static enum mlif_status stop_run(struct mlif_simulation *s, struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    const struct decimal dt = s->setup.config->dt;
    struct error err;
    double at = decimal_times_steps(dt, mlif_steps_done(s));
    double whole = decimal_times_steps(dt, mlif_steps(s));
    if (!s->checkpoint.on) {
        error_set(&err, STATUS_INTERRUPTED,
                  "interrupted at %.10g ms of %.10g ms; no output is left", at, whole);
        return sim_tell_error(errors, &err);
    }
    enum mlif_status status = mlif_checkpoint(s, errors);
    if (status)
        return status;
    error_set(&err, STATUS_STOPPED,
              "at %.10g ms of %.10g ms, with a checkpoint in %s; go on with: %s", at, whole,
              s->checkpoint.folder.path, s->setup.resume_command);
    return sim_tell_error(errors, &err);
}

/* Completes what is done and tells about it. */
static enum mlif_status finish_run(struct mlif_simulation *s, struct mlif_report *report,
                                   struct mlif_messages *errors, struct mlif_messages *warnings)
{
    WITH_OWN_FLOAT_ENV(env);
    size_t told = s->warnings.count;
    struct error err;
    enum mlif_status status = mlif_finish(s, errors);
    sim_tell_lines(warnings, &(struct messages){s->warnings.line + told, s->warnings.count - told},
                   NULL);
    if (!status && sim_report_fill(s, report, &err)) {
        error_set(&err, err.status, "%s%s%s", err.text, s->setup.output ? "; complete is " : "",
                  s->setup.output ? s->setup.output : "");
        status = sim_tell_error(errors, &err);
    }
    return status;
}

static enum mlif_status run_to_end(struct mlif_simulation *s, struct mlif_report *report,
                                   struct mlif_messages *errors, struct mlif_messages *warnings)
{
    enum mlif_status status = mlif_advance(s, MLIF_TO_THE_END, errors);
    if (status == MLIF_INTERRUPTED)
        return stop_run(s, errors);
    if (status && status != MLIF_RANGE)
        return status;
    enum mlif_status finished = finish_run(s, report, errors, warnings);
    return finished ? finished : status;
}

enum mlif_status mlif_run(const struct mlif_options *options, struct mlif_report *report,
                          struct mlif_messages *errors, struct mlif_messages *warnings)
{
    struct mlif_simulation *simulation;
    memset(report, 0, sizeof *report);
    enum mlif_status status = mlif_open(&simulation, options, errors, warnings);
    if (!status)
        status = run_to_end(simulation, report, errors, warnings);
    mlif_close(&simulation);
    return status;
}

/* The options to go on with from the checkpoint of an output, with the config that stands there:
 * *text and *path, which the options point to, are the caller's to free, also after an error. */
static enum mlif_status options_from_checkpoint(struct mlif_options *to, const char *output,
                                                const struct mlif_options *options, char **text,
                                                char **path, struct mlif_messages *errors,
                                                struct mlif_messages *warnings)
{
    struct messages lines = {NULL, 0};
    struct error err = {STATUS_OK, ""};
    bool raster;
    enum status status = resume_config(output, text, path, &raster, &lines, &err);
    sim_tell_lines(warnings, &lines, NULL);
    messages_free(&lines);
    if (status)
        return sim_tell_error(errors, &err);
    *to = *options;
    to->config = *path;
    to->config_text = *text;
    to->override_count = 0;
    to->output = output;
    to->resume = 1;
    to->no_raster = !raster;
    return MLIF_OK;
}

enum mlif_status mlif_join(const char *output, const struct mlif_options *options,
                           struct mlif_report *report, struct mlif_messages *errors,
                           struct mlif_messages *warnings)
{
    WITH_OWN_FLOAT_ENV(env);
    struct mlif_simulation *simulation = NULL;
    struct mlif_options from_checkpoint;
    char *text, *path;
    memset(report, 0, sizeof *report);
    enum mlif_status status =
        options_from_checkpoint(&from_checkpoint, output, options, &text, &path, errors, warnings);
    if (!status)
        status = mlif_open(&simulation, &from_checkpoint, errors, warnings);
    if (!status)
        status = finish_run(simulation, report, errors, warnings);
    mlif_close(&simulation);
    free(text);
    free(path);
    return status;
}
