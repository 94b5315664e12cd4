/* What lies in the output directory of a sweep. */
#ifndef MEGALIF_SWEEP_FOLDER_H
#define MEGALIF_SWEEP_FOLDER_H

#include "sweep/sweep_run.h"

/* Makes the directory where it is missing (not when it is to be there `already`), and keeps other
 * sweeps of the same share out of it until this process ends: STATUS_BUSY. */
enum status sweep_folder_take(const struct sweep_run *s, bool already, struct error *err);

/* Finds out which points are done: from all tables there, and from the points' files. An output
 * file of another config is an error, before anything is run, unless force is set. */
enum status sweep_folder_look(struct sweep_run *s, struct error *err);

/* N of the tables of tasks I/N that are there; 0 where there is none, or they are of different N.
 */
uint64_t sweep_folder_tasks(const struct sweep_run *s);

/* Writes this task's table as far as it goes; the whole sweep's also as HDF5 when `complete`. */
enum status sweep_folder_publish(const struct sweep_run *s, bool complete, struct error *err);

#endif
