/* The kernels: what a thread does to one tile of neurons in one step. Each is written once
 * (step.h, leap.h, rows.h, ...) over a small vocabulary of intrinsics (simd_*.h) and compiled once
 * per instruction set and precision; the results are the same bits in all of them. A kernel knows
 * pointers, a count and coefficients, and nothing of populations, drives or threads.
 *
 * `real` is float or double by the table's precision. Arrays of reals are aligned to 64 bytes;
 * counts are multiples of TILE_ALIGN. All functions are pure but for what they write, and
 * thread-safe. */
#ifndef MEGALIF_KERNEL_KERNEL_H
#define MEGALIF_KERNEL_KERNEL_H

#include "base/cpu.h"
#include "base/digest.h"

#include <stddef.h>
#include <stdint.h>

enum {
    TILE_ALIGN = 128, /* neurons: what one set of random words serves */
    TILE_MOST = 32768 /* neurons in a tile: ids in a tile fit 16 bits */
};

/* One value per neuron, or one for all: data NULL means that every element is `value`. */
struct field {
    const void *data; /* real[] */
    double value;     /* representable as real */
};

/* A refractory (or padding) neuron is parked: a quiet NaN with its sign set, which the update keeps
 * and the sign test never takes. Stated bits, the same on every architecture. */
#define PARKED_BITS_32 UINT32_C(0xffc00000)
#define PARKED_BITS_64 UINT64_C(0xfff8000000000000)

/* A random stream: see docs/numerics.md for which counter and word serve which neuron. */
struct philox_key {
    uint32_t word[2];
};

/* Noise of a step, made in it: d = fma(c, xi, d), xi the standard normals of `step` for neurons
 * first_id ... as of `normals`. With a memory: z = z + fma(-forgets, z, xi), and z in place of xi.
 */
struct noise {
    struct philox_key key;
    uint64_t step, first_id; /* a multiple of TILE_ALIGN */
    struct field c;
    void *z; /* real[count], or NULL: none */
    double forgets;
};

/* n = #{j : cdf[j] <= U} for a 64-bit uniform U: the inverse of a cumulative distribution. U's high
 * 16 bits are drawn first; the other 48 only when a cdf[j] lies within the same 2^48. */
enum { COUNTS_SLACK = 48 };
struct counts_table {
    const uint64_t *cdf;   /* [length], non-decreasing, 2^64 P(N <= j) */
    const uint16_t *high;  /* [length + COUNTS_SLACK]: cdf >> 48, then the largest number */
    const uint16_t *guide; /* [4096]: first j with high[j] >= 16 index */
    uint32_t length;
    uint32_t compares; /* distinct comparisons that settle all but ties, <= length */
};

/* Events of `step` for neurons first_id ..., as many as `counts` says: each is a jump of c. */
struct events {
    const struct counts_table *table;
    struct philox_key key;
    uint64_t step, first_id; /* a multiple of TILE_ALIGN */
    struct field c;
};

/* u += fma(-e, u, d), then u += jump; a neuron whose sign bit is clear afterwards has crossed. */
struct step_arguments {
    void *u;                   /* real[count], state: V - V_th */
    struct field e;            /* -expm1(-dt / tau_m) */
    struct field d;            /* e (E_L - V_th + R I) and this step's noise */
    const void *jump;          /* real[count], or NULL: none */
    const struct noise *noise; /* or NULL: none but what is in d */
    size_t count;
    uint16_t *group; /* out, room for count / 64: groups of 64 neurons with a crossing, ascending */
    uint64_t *crossed; /* out, likewise: bit i set: neuron 64 group + i has crossed */
};

/* LEAP_STEPS steps at once, for a drift that stays the same: each neuron is loaded and stored once.
 * Every u must be below threshold (sign set) and every e below 0.75. Then a neuron that crosses has
 * d > 0 and stays above, whatever the rounding, so that its last sign says it all; and whoever has
 * crossed is parked until the end of the leap. */
enum {
    LEAP_STEPS = 8,
    LEAP_SLACK = 16 /* elements that may be read or written behind a list of neurons */
};
struct leap_arguments {
    const void *from; /* real[count]: u before */
    void *to;         /* real[count]: u after; another array, so that crossings can be replayed */
    struct field e, d;
    size_t count;
    uint64_t *crossed; /* [count / 64]: working space */
    uint16_t *ids;     /* [count + LEAP_SLACK], out: neurons that have crossed, ascending */
};

/* Some neurons of a tile through the same steps, to see when each crosses first. */
struct replay_arguments {
    const uint16_t *ids;  /* [count] in the tile; LEAP_SLACK more can be read and are in it, too */
    const uint8_t *since; /* [count] likewise: step in which the neuron begins; NULL: all in 0 */
    size_t count;
    struct field start, e, d; /* of the tile */
    void *u;                  /* real[count + LEAP_SLACK], out: at the end, if it has not crossed */
    uint8_t *below; /* [count + LEAP_SLACK], out: steps before the one in which it crosses;
                       LEAP_STEPS: it does not */
    void *path;    /* NULL, or (since NULL) real[LEAP_STEPS][stride], out: u before each step, as if
                      nobody who crosses were parked */
    size_t stride; /* of path: a multiple of LEAP_SLACK, at least count */
};

/* A neuron that was at `before` and now is at u < 0 has crossed in between with the probability
 * p = exp(-c before u) of a Brownian bridge (in float32; of parked ones 0): it has crossed, too,
 * when its uniform number (32 bits) is below p. */
struct bridge_arguments {
    const void *before, *u; /* real[count] */
    struct field c;         /* tau_m / (sigma_V^2 dt), per mV^2 */
    size_t count;
    struct philox_key key;
    uint64_t step, first_id; /* a multiple of TILE_ALIGN */
    uint16_t *group;         /* out, as of step */
    uint64_t *crossed;       /* out, as of step */
};

/* Synapses act on neurons at receptors: 0, excitatory, what arrives with weights above 0; 1,
 * inhibitory, with those below. What decays is 0 below SYNAPSE_LEAST, so that no sum or product
 * meets a denormal, which some processors take slowly. */
enum { KERNEL_RECEPTORS = 2 };
#define SYNAPSE_LEAST 0x1p-100

/* Currents I of two receptors, exponential, or alpha functions, which D feeds (in units in which a
 * spike of weight w adds w to it). Of the values before the step:
 *   c = d, then for each receptor c = fma(by_feed, D, c) (alpha), c = fma(by_current, I, c)
 *   u += fma(-e, u, c)
 *   I = fma(feeds, D, fma(-forgets, I, I)), D = fma(-forgets, D, D) + jump           (alpha)
 *   I = fma(-forgets, I, I) + jump                                                   (exponential)
 * and whose sign of u is clear afterwards has crossed. */
struct psc_receptor {
    void *current;           /* real[count], state: I, pA */
    void *feed;              /* real[count], state: D of alpha functions; NULL: exponential */
    const void *jump;        /* real[count], or NULL: none */
    struct field by_current; /* mV per pA of I, over a step */
    struct field by_feed;    /* likewise of D */
    struct field forgets;    /* -expm1(-dt / tau_syn) */
    struct field feeds;      /* what D adds to I in a step */
};
struct psc_arguments {
    void *u; /* as of step_arguments, and so are e, d, group, crossed */
    struct field e, d;
    struct psc_receptor receptor[KERNEL_RECEPTORS];
    size_t count;
    uint16_t *group;
    uint64_t *crossed;
};

/* Conductances g of two receptors. One step of Runge-Kutta-Fehlberg's fifth order (Fehlberg 1969)
 * of, with v = min(u, 0) and slopes times dt,
 *   u' = rate d - leak v - sum over receptors (per_nS g) (v + driving)
 *   g' = -decay g                                                                    (exponential)
 *   g' = decay (e y - g), y' = -decay y                           (alpha; e = 2.71828..., y as D)
 * then g (of alpha functions y) += |jump|. Parked neurons stay parked, their g and y go on. */
struct cond_receptor {
    void *conductance;    /* real[count], state: g, nS */
    void *feed;           /* real[count], state: y of alpha functions; NULL: exponential */
    const void *jump;     /* real[count], or NULL: none */
    struct field driving; /* V_th - E_rev */
    struct field decay;   /* dt / tau_syn */
};
struct cond_arguments {
    void *u;             /* as of step_arguments, and so are d, group, crossed */
    struct field d;      /* per step of the exact membrane, so with a factor e in it */
    struct field rate;   /* dt / (tau_m e) */
    struct field leak;   /* dt / tau_m */
    struct field per_nS; /* dt / C_m */
    struct cond_receptor receptor[KERNEL_RECEPTORS];
    size_t count;
    uint16_t *group;
    uint64_t *crossed;
};

/* Adds to each sum the weight times the number of rows that have its bit: bit i % 8 of byte i / 8
 * is of sum i. */
enum {
    BIT_ROWS_ABREAST = 8, /* rows */
    BIT_ROWS_MOST = 56
};
struct bits_arguments {
    const uint8_t *const *row; /* [count] of whole 64 bytes, aligned to them */
    size_t count;              /* a multiple of BIT_ROWS_ABREAST, at most BIT_ROWS_MOST */
    size_t most;               /* no bit is set in more of them */
    size_t targets;            /* sums: a multiple of 64 */
    int64_t weight;
    void *sum; /* int32_t where real is float, else int64_t; aligned to 64 bytes */
};

enum {
    HALVES_MOST = 8, /* of the words of one draw */
    HALVES_SLACK = 32
};

struct kernels {
    enum isa isa;
    int bits; /* of real */

    /* Steps a tile; returns how many groups were listed. */
    size_t (*step)(const struct step_arguments *arguments);

    /* The same with synapses. */
    size_t (*step_psc)(const struct psc_arguments *arguments);
    size_t (*step_cond)(const struct cond_arguments *arguments);

    /* The same bits as LEAP_STEPS times `step`; returns how many neurons have crossed. */
    size_t (*leap)(const struct leap_arguments *arguments);
    void (*replay)(const struct replay_arguments *arguments);

    /* out[i] = fma(c[i], row[i], in[i]); out may be in.data or row.data. */
    void (*accumulate)(void *out, struct field in, struct field c, struct field row, size_t count);

    /* out[i] = in[i] + real(sum[i]) unit, a power of two: sums are int32 where real is float, else
     * int64; out may be in.data. */
    void (*add_sums)(void *out, struct field in, const void *sum, double unit, size_t count);

    /* Bitmaps into sums, exactly, so in any order. */
    void (*add_bits)(const struct bits_arguments *arguments);

    /* sum[i] += count[i] weight and count[i] = 0: sums as of add_sums. */
    void (*add_counts)(void *sum, uint8_t *count, int64_t weight, size_t targets);

    /* u[i] = max(u[i], floor[i]); parked neurons stay parked. */
    void (*clamp)(void *u, struct field floor, size_t count);

    /* Lists the groups with a crossing anew, as step does: at the end of a step, or in it. */
    size_t (*bridge)(const struct bridge_arguments *arguments);

    /* Standard normals (float32 values in both precisions) of `step` for neurons first_id ...;
     * first_id is a multiple of TILE_ALIGN. */
    void (*normals)(void *row, size_t count, struct philox_key key, uint64_t step,
                    uint64_t first_id);

    /* Counts from a table, as reals, likewise. */
    void (*counts)(void *row, size_t count, const struct counts_table *table, struct philox_key key,
                   uint64_t step, uint64_t first_id);

    /* out[i] = fma(c[i], n[i], in[i]) with these counts n; out may be in.data. */
    void (*jumps)(void *out, struct field in, const struct events *events, size_t count);

    /* words[i] = Philox4x32-10 of counter {group lo, group hi | draw << 16, step lo, step hi} for
     * group = first_group + i, i < 16: the raw bits under the two above. */
    void (*philox16)(uint32_t words[16][4], struct philox_key key, uint64_t step,
                     uint64_t first_group, uint16_t draw);

    /* words[i] = Philox4x32-10 of counter {index[i], second, step[i], step_high}, i < count, a
     * multiple of 16. */
    void (*philox_rows)(uint32_t (*words)[4], struct philox_key key, const uint32_t *index,
                        uint32_t second, const uint32_t *step, uint32_t step_high, size_t count);

    /* Of the same words the first keep[i] <= HALVES_MOST halves, the low one before the high one,
     * in any order; returns how many, behind which HALVES_SLACK more may be written. */
    size_t (*draw_halves)(uint16_t *to, struct philox_key key, const uint32_t *index,
                          uint32_t second, const uint32_t *step, uint32_t step_high,
                          const uint8_t *keep, size_t count);

    /* Adds id[i] under the key mix64(one[i]) ^ mix64(other[i]), i < count, to a digest. */
    void (*digest_pairs)(struct digest *digest, const uint64_t *one, const uint64_t *other,
                         const uint64_t *id, size_t count);

    /* What neurons are made with: value[i], i < count, from the words of group first + i, draw 0,
     * step 0. Uniform in [lo, hi), or normal: neuron/draw.h's, the same in all tables. */
    void (*draw_uniform)(double *value, size_t count, struct philox_key key, uint64_t first,
                         double lo, double hi);
    void (*draw_normal)(double *value, size_t count, struct philox_key key, uint64_t first,
                        double mean, double sd);
};

/* The kernels of an instruction set for 32 or 64 bit reals; NULL when they were not built or this
 * CPU lacks it. */
const struct kernels *kernels_for(enum isa isa, int bits);

/* Built into this program, whether or not the CPU has it. */
int kernels_built(enum isa isa);

/* The widest instruction set that is built and that this CPU has. */
enum isa kernels_best_isa(void);

#endif
