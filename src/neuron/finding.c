#include "neuron/finding.h"

#include "config/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

void finding_add(struct finding *finding, uint64_t id, double value)
{
    finding_merge(finding, &(struct finding){1, id, value});
}

void finding_merge(struct finding *into, const struct finding *part)
{
    if (part->count > 0 && (into->count == 0 || part->first_id < into->first_id)) {
        into->first_id = part->first_id;
        into->value = part->value;
    }
    into->count += part->count;
}

struct finding_range finding_range_of(const struct key *key)
{
    return (struct finding_range){key->least, key->most, key->positive};
}

/* What would do in place of the distribution. */
static void suggest(char *text, size_t size, struct finding_range range,
                    const struct distribution *d, const char *unit)
{
    const double *p = d->parameter;
    if (d->kind != DISTRIBUTION_NORMAL) {
        bool file = d->kind == DISTRIBUTION_FILE;
        snprintf(text, size, "%s",
                 file ? "mend the file" : "choose a distribution that stays inside");
        return;
    }
    double lo = fmax(p[0] - 2 * p[1], range.least), hi = fmin(p[0] + 2 * p[1], range.most);
    if (range.positive && p[0] > 0)
        lo = fmax(lo, p[0] / 10);
    snprintf(text, size, "normal_clipped(%.6g %s, %.6g %s, %.6g %s, %.6g %s) would do", p[0], unit,
             p[1], unit, lo, unit, hi, unit);
}

void finding_report_range(const struct finding *finding, struct finding_range range,
                          const struct config *config, const char *section, const struct key *key,
                          const struct value *value, uint64_t size, struct messages *errors)
{
    const char *unit = config_kept_unit(key->dimension);
    char where[600], mend[160];
    if (finding->count == 0)
        return;
    suggest(mend, sizeof mend, range, &value->number, unit);
    config_where(config, section, key->name, value, where, sizeof where);
    messages_add(errors,
                 "%s: %" PRIu64 " of %" PRIu64
                 " drawn values are out of range (%s%.6g .. %.6g %s), the first "
                 "in neuron %" PRIu64 ": %.6g %s; %s",
                 where, finding->count, size, range.positive ? "> 0, " : "", range.least,
                 range.most, unit, finding->first_id, finding->value, unit, mend);
}
