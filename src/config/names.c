/* What names look like, and which known one a wrong one was meant to be. */
#include "config/names.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST = 80 }; /* longer names get no suggestion */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

bool config_is_name(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (!is_letter(text[i]) && text[i] != '_' && !(digit && i > 0))
            return false;
    }
    return length > 0;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance where letters of the other case are equal, and two neighbours that are
 * swapped count once, as the most common slip; b is at most LONGEST long. */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][LONGEST + 1], length = strlen(b), i;
    for (size_t j = 0; j <= length; j++)
        rows[0][j] = j;
    for (i = 0; a[i]; i++) {
        size_t *row = rows[(i + 1) % 3], *above = rows[i % 3], *before = rows[(i + 2) % 3];
        row[0] = i + 1;
        for (size_t j = 0; j < length; j++) {
            size_t replace = above[j] + (lower(a[i]) != lower(b[j]));
            row[j + 1] = least(replace, least(above[j + 1], row[j]) + 1);
            if (i && j && lower(a[i]) == lower(b[j - 1]) && lower(a[i - 1]) == lower(b[j]))
                row[j + 1] = least(row[j + 1], before[j - 1] + 1);
        }
    }
    return rows[i % 3][length];
}

static const char *nearest(const char *name, const char *const *known, size_t count)
{
    const char *best = NULL;
    size_t best_distance = strlen(name) < 6 ? 2 : strlen(name) / 3 + 1;
    if (strlen(name) > LONGEST)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (!known[i] || strlen(known[i]) > LONGEST)
            continue;
        size_t d = distance(name, known[i]);
        /* nothing is near to a name that would be changed altogether */
        if (d < strlen(known[i]) && d < best_distance) {
            best = known[i];
            best_distance = d;
        }
    }
    return best;
}

/* What others call it, in lower case: PyNN, Brian2, NEST, MATLAB, textbooks. */
static const struct {
    const char *theirs, *ours;
} words[] = {
    {"iaf_psc_delta", "lif"},
    {"iaf_neuron", "lif"},
    {"iaf", "lif"},
    {"if", "lif"},
    {"if_curr_exp", "iaf_psc_exp"},
    {"if_curr_alpha", "iaf_psc_alpha"},
    {"if_cond_exp", "iaf_cond_exp"},
    {"if_cond_alpha", "iaf_cond_alpha"},
    {"poisson_generator", "poisson"},
    {"inhomogeneous_poisson_generator", "poisson"},
    {"poissongroup", "poisson"},
    {"poissoninput", "poisson"},
    {"spikesourcepoisson", "poisson"},
    {"spike_generator", "spikes"},
    {"spikegeneratorgroup", "spikes"},
    {"spikesourcearray", "spikes"},
    {"noise_generator", "white_noise"},
    {"noise", "white_noise"},
    {"gauss", "white_noise"},
    {"gaussian", "white_noise"},
    {"normal", "white_noise"},
    {"noisycurrentsource", "white_noise"},
    {"dc_generator", "dc"},
    {"constant", "dc"},
    {"current", "dc"},
    {"dcsource", "dc"},
    {"ac_generator", "sine"},
    {"acsource", "sine"},
    {"step_current_generator", "step"},
    {"stepcurrentsource", "step"},
    {"ou", "ou_noise"},
    {"ornstein_uhlenbeck", "ou_noise"},
    {"v_rest", "E_L"},
    {"e_rest", "E_L"},
    {"e_leak", "E_L"},
    {"v_leak", "E_L"},
    {"v_l", "E_L"},
    {"v_threshold", "V_th"},
    {"v_thresh", "V_th"},
    {"v_thr", "V_th"},
    {"theta", "V_th"},
    {"v", "V_m"},
    {"voltage", "V_m"},
    {"potential", "V_m"},
    {"membrane_potential", "V_m"},
    {"v_init", "V_m"},
    {"v_0", "V_m"},
    {"v0", "V_m"},
    {"tau_refrac", "t_ref"},
    {"t_refrac", "t_ref"},
    {"tau_ref", "t_ref"},
    {"refractory", "t_ref"},
    {"i_offset", "I_e"},
    {"i_ext", "I_e"},
    {"i_app", "I_e"},
    {"i", "I_e"},
    {"tau", "tau_m"},
    {"c", "C_m"},
    {"r", "R_m"},
    {"n", "size"},
    {"n_neurons", "size"},
    {"resolution", "dt"},
    {"timestep", "dt"},
    {"t_sim", "duration"},
    {"sim_time", "duration"},
    {"simtime", "duration"},
    {"tstop", "duration"},
    {"rng_seed", "seed"},
    {"amp", "amplitude"},
    {"mu", "mean"},
    {"gauss", "normal"},
    {"gaussian", "normal"},
    {"randn", "normal"},
    {"alltoallconnector", "all_to_all"},
    {"onetooneconnector", "one_to_one"},
    {"fixedprobabilityconnector", "pairwise_bernoulli"},
    {"fixednumberpreconnector", "fixed_indegree"},
    {"fixednumberpostconnector", "fixed_outdegree"},
    {"fixedtotalnumberconnector", "fixed_total_number"},
    {"random", "pairwise_bernoulli"},
    {"bernoulli", "pairwise_bernoulli"},
    {"fixed_prob", "pairwise_bernoulli"},
    {"fixed_probability", "pairwise_bernoulli"},
    {"fixedprob", "pairwise_bernoulli"},
    {"conn_spec", "rule"},
    {"conn_rule", "rule"},
    {"connector", "rule"},
    {"pre", "source"},
    {"post", "target"},
    {"k", "indegree"},
    {"in_degree", "indegree"},
    {"prob", "p"},
    {"probability", "p"},
    {"connection_probability", "p"},
    {"syn_weight", "weight"},
    {"syn_delay", "delay"},
    {"autapses", "allow_autapses"},
    {"allow_self_connections", "allow_autapses"},
    {"multapses", "allow_multapses"},
    {"tau_ex", "tau_syn_ex"},
    {"tau_syn", "tau_syn_ex"},
    {"tau_syn_e", "tau_syn_ex"},
    {"tau_e", "tau_syn_ex"},
    {"tau_in", "tau_syn_in"},
    {"tau_inh", "tau_syn_in"},
    {"tau_syn_i", "tau_syn_in"},
    {"tau_i", "tau_syn_in"},
    {"e_rev_e", "E_ex"},
    {"e_rev_i", "E_in"},
    {"gzip", "deflate"},
    {"zlib", "deflate"},
    {"float", "single"},
    {"float32", "single"},
    {"float64", "double"},
    {"linspace", "grid"},
    {"arange", "range"},
    {"geomspace", "logspace"},
    {"list", "values"},
    {"true", "yes"},
    {"on", "yes"},
    {"false", "no"},
    {"off", "no"},
};

bool config_is_same_word(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b))
        a++, b++;
    return lower(*a) == lower(*b);
}

/* A key of that name stands for itself. */
const char *config_translate(const char *name, const char *const *known, size_t count)
{
    for (size_t w = 0; w < sizeof words / sizeof *words; w++)
        for (size_t i = 0; config_is_same_word(name, words[w].theirs) && i < count; i++)
            if (known[i] && strcmp(known[i], words[w].ours) == 0)
                return known[i];
    return NULL;
}

const char *config_our_word(const char *name)
{
    for (size_t w = 0; w < sizeof words / sizeof *words; w++)
        if (config_is_same_word(name, words[w].theirs))
            return words[w].ours;
    return NULL;
}

const char *config_suggest(const char *name, const char *what, const char *const *known,
                           size_t count, char *hint, size_t size)
{
    const char *near = config_translate(name, known, count);
    near = near ? near : nearest(name, known, count);
    if (near) {
        snprintf(hint, size, "did you mean %s?", near);
        return hint;
    }
    snprintf(hint, size, "there are none");
    size_t used = 0;
    for (size_t i = 0; i < count && used < size; i++) {
        if (known[i])
            used +=
                (size_t)snprintf(hint + used, size - used, "%s%s", used ? ", " : what, known[i]);
    }
    if (used >= size && size > 4)
        memcpy(hint + size - 4, "...", 4);
    return hint;
}
