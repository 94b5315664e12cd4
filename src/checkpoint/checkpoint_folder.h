/* The folder beside an output in which a run with checkpoints keeps what it has
 * (docs/checkpoints.md):
 *
 *   lock                 held by the run that works there
 *   checkpoint           the state, see checkpoint_file.h
 *   checkpoint.prev      the one before
 *   segment-000001.h5    closed pieces of the raster, readable at any time
 *   segment-000001.NAME.h5   likewise, of the traces of recorder NAME
 *   *.part               what is being written */
#ifndef MEGALIF_CHECKPOINT_FOLDER_H
#define MEGALIF_CHECKPOINT_FOLDER_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct checkpoint_folder {
    char *path;
    char *checkpoint, *previous; /* paths of the two files */
    int lock;                    /* descriptor; -1: the lock is not ours */
};

enum { CHECKPOINT_SEGMENT_NAME = 64 };

/* Makes the folder OUTPUT.checkpoint unless it is there, and takes its lock, at once or not at all:
 * STATUS_BUSY when another run has it; STATUS_OUTPUT. checkpoint_folder_close also after an error.
 */
enum status checkpoint_folder_open(struct checkpoint_folder *out, const char *output,
                                   struct error *err);

/* Its names only, for a rank that does nothing there. STATUS_MEMORY. */
enum status checkpoint_folder_name(struct checkpoint_folder *out, const char *output,
                                   struct error *err);

/* STATUS_BUSY when the folder was removed, and another run has made and locked it since. */
enum status checkpoint_folder_check(const struct checkpoint_folder *folder, struct error *err);

/* Gives the lock back. */
void checkpoint_folder_close(struct checkpoint_folder *folder);

/* A file that cannot be looked at (no permission, a loop of links, a disk in trouble) counts as
 * there: a run that took it for absent would begin anew and write over it. */
bool checkpoint_folder_is_there(const char *path);

/* Is there a checkpoint (or its predecessor) in the folder of this output? Creates nothing. */
bool checkpoint_folder_has_run(const char *output);

/* "segment-000001.h5"; name: >= CHECKPOINT_SEGMENT_NAME bytes. */
void checkpoint_folder_segment_name(uint64_t number, char *name);

/* The path of that segment, or of any file in the folder, allocated; NULL without memory. */
char *checkpoint_folder_segment(const struct checkpoint_folder *folder, uint64_t number);
char *checkpoint_folder_file(const struct checkpoint_folder *folder, const char *name);

/* Gives the file at `path` a second name in the folder: a link, or a copy where there can be none.
 * It stays when `path` is replaced. STATUS_OUTPUT, STATUS_MEMORY. */
enum status checkpoint_folder_adopt(const struct checkpoint_folder *folder, const char *path,
                                    const char *name, struct error *err);

/* The previous checkpoint becomes the present one, in place of a damaged one. */
enum status checkpoint_folder_go_back(const struct checkpoint_folder *folder, struct error *err);

/* Removes segments whose name `keeps` does not want (NULL: all of them), and everything that was
 * being written. Files that are not ours stay. */
enum status checkpoint_folder_clean(const struct checkpoint_folder *folder,
                                    bool (*keeps)(const void *context, const char *name),
                                    const void *context, struct error *err);

/* Removes both checkpoints. */
enum status checkpoint_folder_forget(const struct checkpoint_folder *folder, struct error *err);

/* Removes the previous checkpoint alone. */
enum status checkpoint_folder_forget_previous(const struct checkpoint_folder *folder,
                                              struct error *err);

/* Removes all of ours, and the folder unless something else is in it; the lock is given up then. */
enum status checkpoint_folder_remove(struct checkpoint_folder *folder, struct error *err);

#endif
