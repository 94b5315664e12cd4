/* Checkpoints of a simulation: opened, and when they are due. save.h writes them, resume.h goes on
 * from one; docs/checkpoints.md has the whole story. */
#ifndef MEGALIF_CHECKPOINT_H
#define MEGALIF_CHECKPOINT_H

#include "checkpoint/checkpoint_handle.h"

/* Refuses to begin anew where checkpoints of an earlier run stand, without force: STATUS_OUTPUT.
 * Creates nothing. */
enum status checkpoint_check_folder(const struct setup *setup, struct error *err);

/* Of a run without checkpoints, with force: removes those of an earlier run in its place.
 * STATUS_BUSY when that run is at work. */
enum status checkpoint_forget(const struct setup *setup, struct error *err);

/* Takes the folder's lock, finds what there is to go on from, and refuses what must be refused
 * before anything is computed: STATUS_CONFIG, STATUS_OUTPUT, STATUS_CHECKPOINT, STATUS_BUSY. cp
 * must stay where it is; keeps setup. checkpoint_close also after an error. */
enum status checkpoint_open(struct checkpoint *cp, const struct setup *setup,
                            struct messages *errors, struct messages *warnings, struct error *err);
void checkpoint_close(struct checkpoint *cp);

/* Of several ranks, when all have opened theirs: the others open what rank 0 has found and checked.
 * All call it and get one status. Nothing to do for one process. */
enum status checkpoint_share(struct checkpoint *cp, struct error *err);

/* Nothing can be refused any more: removes what an earlier run with force, or this one after its
 * last checkpoint, has left in the folder. */
enum status checkpoint_begin(struct checkpoint *cp, struct error *err);

/* How many of the next `most` steps may be taken before a checkpoint can be due. */
uint64_t checkpoint_most(const struct checkpoint *cp, uint64_t done, uint64_t most);

/* Is a checkpoint due at this step, by the model's time; now, by the clock's? */
bool checkpoint_due_at(const struct checkpoint *cp, uint64_t done);
bool checkpoint_due_now(const struct checkpoint *cp);

/* Must the run stop now, so that its checkpoint is written max_wall seconds after opened_at?
 * Ranks stop a block later. */
bool checkpoint_out_of_time(const struct checkpoint *cp, double opened_at);

/* Is the output complete, with nothing to add? */
bool checkpoint_is_settled(const struct checkpoint *cp, uint64_t done);

/* Adds to an error what is safe and how to go on. */
void checkpoint_explain(const struct checkpoint *cp, struct error *err);

#endif
