/* [checkpoint]: when a run is saved so that it can go on, and whether the last save is kept. */
#include "config/read_checkpoint.h"

#include "base/wall_time.h"

#include <math.h>
#include <string.h>

void config_read_checkpoint(struct reading *reading, struct ini_section *section, bool present)
{
    struct config *config = reading->config;
    struct value value[CHECKPOINT_KEYS];
    const struct key *keys = config_checkpoint_keys;
    config_read_keys(reading, section, keys, CHECKPOINT_KEYS, value);
    config_report_unknown(reading, section, keys, CHECKPOINT_KEYS, NULL, 0);
    config->checkpoint = present;
    config->checkpoint_keep = value[CHECKPOINT_KEEP].integer;
    config->checkpoint_steps = value[CHECKPOINT_EVERY_MODEL].integer;
    config->checkpoint_wall_s = INFINITY;
    const char *wall = value[CHECKPOINT_EVERY_WALL].text;
    struct place place =
        config_value_place(section, &keys[CHECKPOINT_EVERY_WALL], &value[CHECKPOINT_EVERY_WALL]);
    if (wall && strcmp(wall, "inf") != 0 && !wall_time_parse(wall, &config->checkpoint_wall_s))
        config_report(&reading->errors, &place,
                      "'%s' is no time; write one such as 10 min, 90 s or 1h30m, or inf", wall);
}
