#include "commands/check_json.h"

#include "cli/cli_errors.h"
#include "cli/cli_json.h"

#include <math.h>
#include <stdio.h>

static struct check_slurm ask_for(double run_s, uint64_t bytes)
{
    struct check_slurm slurm;
    const double minutes = ceil(2 * run_s / 60.0 + 1.0), hours = floor(minutes / 60.0);
    snprintf(slurm.time, sizeof slurm.time, "%02.0f:%02.0f:00", hours, minutes - 60.0 * hours);
    slurm.memory_MB = ceil(1.2e-6 * (double)bytes + 100.0);
    return slurm;
}

struct check_slurm check_slurm_of(const struct mlif_check_report *r,
                                  const struct check_sweep *sweep)
{
    return sweep->seen > 0 ? ask_for(sweep->longest_s, sweep->memory_bytes)
                           : ask_for(r->run_s, r->memory_bytes);
}

/* Where each core takes the next point, the last one ends no later than its share of all and the
 * longest one. */
struct check_array check_array_of(const struct mlif_check_report *r,
                                  const struct check_sweep *sweep)
{
    struct check_array array = {.cores = 4};
    const unsigned long long points = sweep->sweep->point_count, most = 8;
    const unsigned long long jobs = (points + array.cores - 1) / array.cores;
    array.jobs = jobs < most ? jobs : most;
    double share_s = sweep->all_s / (double)(array.jobs * array.cores);
    array.core = ask_for(r->threads * (share_s + sweep->longest_s), sweep->memory_bytes);
    return array;
}

static void json_range(struct cli_json *json, const char *name, const double range[2])
{
    cli_json_open(json, name, '[');
    for (int end = 0; end < 2; end++)
        cli_json_f64(json, NULL, range[end]);
    cli_json_close(json, ']');
}

static void json_populations(struct cli_json *json, const struct mlif_check_report *r)
{
    cli_json_open(json, "populations", '[');
    for (size_t i = 0; i < r->population_count; i++) {
        const struct mlif_population_check *p = &r->population[i];
        cli_json_open(json, NULL, '{');
        cli_json_text(json, "name", p->name);
        cli_json_u64(json, "size", p->size);
        json_range(json, "C_m_pF", p->C_m_pF);
        json_range(json, "tau_m_ms", p->tau_m_ms);
        json_range(json, "g_L_nS", p->g_L_nS);
        json_range(json, "R_m_MOhm", p->R_m_MOhm);
        json_range(json, "rheobase_pA", p->rheobase_pA);
        cli_json_f64(json, "rate_Hz", r->pilot_ms > 0 ? p->rate_Hz : NAN);
        cli_json_close(json, '}');
    }
    cli_json_close(json, ']');
}

static void json_storage(struct cli_json *json, const struct mlif_projection_check *p)
{
    const bool lists = p->target_bits > 0;
    cli_json_open(json, "storage", '{');
    cli_json_text(json, "kind", p->storage);
    cli_json_u64_if(json, "target_bits", lists, (uint64_t)p->target_bits);
    cli_json_u64_if(json, "weight_bits", lists, (uint64_t)p->weight_bits);
    cli_json_close(json, '}');
}

static void json_projections(struct cli_json *json, const struct mlif_check_report *r)
{
    cli_json_open(json, "projections", '[');
    for (size_t i = 0; i < r->projection_count; i++) {
        const struct mlif_projection_check *p = &r->projections[i];
        cli_json_open(json, NULL, '{');
        cli_json_text(json, "name", p->name);
        cli_json_text(json, "rule", p->rule);
        json_storage(json, p);
        cli_json_f64(json, "synapses", p->synapses);
        cli_json_bool(json, "exact", p->exact);
        cli_json_f64(json, "bytes", p->bytes);
        json_range(json, "delay_ms", p->delay_ms);
        cli_json_f64(json, "indegree", p->indegree);
        cli_json_f64(json, "indegree_most", p->indegree_most);
        cli_json_f64(json, "outdegree", p->outdegree);
        json_range(json, "rounding", p->rounding);
        cli_json_close(json, '}');
    }
    cli_json_close(json, ']');
}

static void json_memory(struct cli_json *json, const struct mlif_check_report *r)
{
    cli_json_u64(json, "memory_bytes", r->memory_bytes);
    cli_json_open(json, "memory", '[');
    for (size_t i = 0; i < r->memory_count; i++) {
        cli_json_open(json, NULL, '{');
        cli_json_text(json, "what", r->memory[i].what);
        cli_json_u64(json, "bytes", r->memory[i].bytes);
        cli_json_close(json, '}');
    }
    cli_json_close(json, ']');
}

/* What the pilot found: nothing where there was none. */
static void json_pilot(struct cli_json *json, const struct mlif_check_report *r)
{
    const bool known = r->pilot_ms > 0, network = r->projection_count > 0;
    cli_json_f64(json, "pilot_ms", known ? r->pilot_ms : NAN);
    cli_json_f64(json, "spikes", known ? r->spikes : NAN);
    cli_json_f64(json, "recorded", known ? r->recorded : NAN);
    cli_json_f64(json, "output_bytes", known ? r->output_bytes : NAN);
    cli_json_f64(json, "run_s", known ? r->run_s : NAN);
    cli_json_f64(json, "arrivals_s", known && network ? r->arrivals_s : NAN);
    cli_json_f64(json, "synapses", network ? r->synapses : NAN);
    cli_json_f64(json, "synapse_bytes", network ? r->synapse_bytes : NAN);
    cli_json_f64(json, "synapses_s", network ? r->synapses_s : NAN);
    cli_json_f64(json, "events_per_model_s", network ? r->events_per_model_s : NAN);
    cli_json_f64(json, "block_ms", network ? r->block_ms : NAN);
}

static void json_slurm(struct cli_json *json, const struct mlif_check_report *r,
                       const struct check_sweep *sweep)
{
    if (!(r->pilot_ms > 0 && isfinite(r->run_s))) {
        cli_json_null(json, "slurm");
        return;
    }
    struct check_slurm slurm = check_slurm_of(r, sweep);
    cli_json_open(json, "slurm", '{');
    cli_json_u64(json, "cpus_per_task", (uint64_t)r->threads);
    cli_json_f64(json, "memory_MB", slurm.memory_MB);
    cli_json_text(json, "time", slurm.time);
    cli_json_close(json, '}');
}

static void json_report(struct cli_json *json, const struct mlif_check_report *r,
                        const struct check_sweep *sweep)
{
    cli_json_text(json, "resolved", r->config);
    cli_json_text(json, "output", r->output);
    cli_json_text(json, "refusal", r->refusal);
    cli_json_u64(json, "threads", (uint64_t)r->threads);
    cli_json_u64(json, "ranks", (uint64_t)r->ranks);
    cli_json_f64(json, "dt_ms", r->dt_ms);
    cli_json_u64(json, "steps", r->steps);
    cli_json_u64(json, "neurons", r->neurons);
    json_populations(json, r);
    json_projections(json, r);
    json_memory(json, r);
    cli_json_u64(json, "checkpoint_bytes", r->checkpoint_bytes);
    cli_json_f64(json, "disk_bytes_per_s", r->disk_bytes_per_s);
    cli_json_u64_if(json, "free_bytes", r->free_bytes != UINT64_MAX, r->free_bytes);
    json_pilot(json, r);
    json_slurm(json, r, sweep);
}

/* Null where there is no sweep. */
static void json_sweep(struct cli_json *json, const struct check_sweep *s)
{
    const bool there = s->sweep != NULL, known = there && s->seen > 0;
    const struct sweep_point *point = there ? s->sweep->point : NULL;
    cli_json_u64_if(json, "points", there, there ? s->sweep->point_count : 0);
    cli_json_text(json, "point", there ? point[0].name : NULL);
    cli_json_u64_if(json, "points_seen", there, s->seen);
    cli_json_f64(json, "points_s", known ? s->all_s : NAN);
    cli_json_text(json, "longest_point", known ? point[s->longest].name : NULL);
    cli_json_f64(json, "longest_s", known ? s->longest_s : NAN);
}

void check_json(const char *config, const struct mlif_check_report *r,
                const struct check_sweep *sweep, int exit_code)
{
    struct cli_json json = {0, false};
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "config", config);
    json_sweep(&json, sweep);
    json_report(&json, r, sweep);
    cli_errors_json(&json, exit_code);
    cli_json_close(&json, '}');
}
