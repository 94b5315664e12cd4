/* Whole runs: opened, stepped to the end and finished in one call, or joined where they stand. */
#include "base/decimal.h"
#include "base/float_env.h"
#include "checkpoint/resume.h"
#include "sim/sim_handle.h"
#include "sim/sim_messages.h"
#include "sim/sim_options.h"
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
    struct mlif_options own;
    struct error err;
    if (sim_options_take(&own, options, &err))
        return sim_tell_error(errors, &err);
    memset(report, 0, sizeof *report);
    enum mlif_status status = mlif_open(&simulation, &own, errors, warnings);
    if (!status)
        status = run_to_end(simulation, report, errors, warnings);
    mlif_close(&simulation);
    return status;
}

/* Puts into the options what a checkpoint of this output has: config and path, which the caller
 * frees, also after an error. */
static enum mlif_status options_from_checkpoint(struct mlif_options *options, const char *output,
                                                struct mlif_messages *errors,
                                                struct mlif_messages *warnings)
{
    struct messages lines = {NULL, 0};
    struct error err = {STATUS_OK, ""};
    char *text, *path;
    bool raster = true;
    enum status status = resume_config(output, &text, &path, &raster, &lines, &err);
    sim_tell_lines(warnings, &lines, NULL);
    messages_free(&lines);
    options->config = path;
    options->config_text = text;
    options->override_count = 0;
    options->output = output;
    options->resume = 1;
    options->no_raster = !raster;
    return status ? sim_tell_error(errors, &err) : MLIF_OK;
}

enum mlif_status mlif_join(const char *output, const struct mlif_options *options,
                           struct mlif_report *report, struct mlif_messages *errors,
                           struct mlif_messages *warnings)
{
    WITH_OWN_FLOAT_ENV(env);
    struct mlif_simulation *simulation = NULL;
    struct mlif_options from_checkpoint;
    struct error err;
    if (sim_options_take(&from_checkpoint, options, &err))
        return sim_tell_error(errors, &err);
    memset(report, 0, sizeof *report);
    enum mlif_status status = options_from_checkpoint(&from_checkpoint, output, errors, warnings);
    if (!status)
        status = mlif_open(&simulation, &from_checkpoint, errors, warnings);
    if (!status)
        status = finish_run(simulation, report, errors, warnings);
    mlif_close(&simulation);
    free((char *)from_checkpoint.config);
    free((char *)from_checkpoint.config_text);
    return status;
}
