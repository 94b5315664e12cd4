/* Finds out whether MPI has launched this process as one of several ranks, and loads what speaks
 * with that MPI: a library of its own, so that one program serves with any MPI and without. */
#ifndef MEGALIF_COMM_MPI_H
#define MEGALIF_COMM_MPI_H

#include "comm/comm.h"

/* What the environment variable MEGALIF_MPI may say: no (never), yes (whatever else the environment
 * says), openmpi, mpich (that one), or the path of a library. Unset: where an MPI's launcher has
 * started more than one process. MEGALIF_EXCHANGE, for tests: comm->spikes.
 *
 * Starts MPI and sets *out, which is the caller's (comm_mpi_close); NULL: this process is alone.
 * STATUS_CONFIG with what would help: no library for this MPI; or srun has started several tasks
 * without telling them of each other. At most once in a process. */
enum status comm_mpi_open(struct comm **out, struct error *err);

/* Ends MPI: waits for all ranks to do so. NULL is fine. */
void comm_mpi_close(struct comm *comm);

#endif
