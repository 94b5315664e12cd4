/* The exchanges of comm.h by MPI: the only source that knows mpi.h. A library of its own for each
 * MPI, which is loaded when that MPI has launched the program, and never otherwise.
 *
 * MPI counts in int: what may be longer goes in pieces. Errors end all ranks, as is MPI's default.
 */
#include "comm/comm.h"

#include <mpi.h>

#include <string.h>

enum { PIECE = 1 << 30 }; /* bytes that one call of MPI may take */

static int shim_start(int *rank, int *ranks)
{
    int provided, code = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    if (code == MPI_SUCCESS)
        code = MPI_Comm_rank(MPI_COMM_WORLD, rank);
    if (code == MPI_SUCCESS)
        code = MPI_Comm_size(MPI_COMM_WORLD, ranks);
    return code;
}

static void shim_finish(void)
{
    MPI_Finalize();
}

static void shim_abort(int code)
{
    MPI_Abort(MPI_COMM_WORLD, code);
}

static int piece(uint64_t left)
{
    return left < PIECE ? (int)left : PIECE;
}

/* `each` bytes of the ranks, or `alike` of all, rank after rank to all of them. */
static void spread(const void *own, const uint64_t *each, uint64_t alike, int ranks, char *to)
{
    int rank;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    for (int r = 0; r < ranks; r++) {
        const uint64_t bytes = each ? each[r] : alike;
        if (r == rank && to != own)
            memcpy(to, own, bytes);
        for (uint64_t at = 0; at < bytes; at += PIECE)
            MPI_Bcast(to + at, piece(bytes - at), MPI_BYTE, r, MPI_COMM_WORLD);
        to += bytes;
    }
}

static void shim_allgather(const void *own, size_t bytes, void *all)
{
    int ranks;
    if (bytes <= PIECE) {
        MPI_Allgather(own, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE, MPI_COMM_WORLD);
        return;
    }
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    spread(own, NULL, bytes, ranks, all);
}

static void shim_allgather_each(const void *own, const uint64_t *each, void *all)
{
    int ranks;
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    spread(own, each, 0, ranks, all);
}

static void send(const char *own, uint64_t bytes)
{
    for (uint64_t at = 0; at < bytes; at += PIECE)
        MPI_Send(own + at, piece(bytes - at), MPI_BYTE, 0, 0, MPI_COMM_WORLD);
}

static void receive(char *to, uint64_t bytes, int rank)
{
    for (uint64_t at = 0; at < bytes; at += PIECE)
        MPI_Recv(to + at, piece(bytes - at), MPI_BYTE, rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static void shim_gather_each(const void *own, const uint64_t *each, void *all)
{
    int rank, ranks;
    char *to = all;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (rank > 0) {
        send(own, each[rank]);
        return;
    }
    memcpy(to, own, each[0]);
    for (int r = 1; r < ranks; r++)
        receive(to += each[r - 1], each[r], r);
}

static void shim_sum(uint64_t *values, size_t count)
{
    for (size_t at = 0; at < count; at += PIECE / sizeof *values) {
        size_t left = count - at, most = PIECE / sizeof *values;
        MPI_Allreduce(MPI_IN_PLACE, values + at, (int)(left < most ? left : most), MPI_UINT64_T,
                      MPI_SUM, MPI_COMM_WORLD);
    }
}

extern __attribute__((visibility("default"))) const struct comm_calls megalif_comm_calls_1;
const struct comm_calls megalif_comm_calls_1 = {
    .start = shim_start,
    .finish = shim_finish,
    .abort = shim_abort,
    .allgather = shim_allgather,
    .allgather_each = shim_allgather_each,
    .gather_each = shim_gather_each,
    .sum = shim_sum,
};
