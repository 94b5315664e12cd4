/* The floating-point environment: a program may have set another rounding mode, or traps, and one
 * that was linked with -ffast-math flushes denormals to zero. Any of them could change a raster's
 * bits, so all calculations stand between these, in each thread. */
#ifndef MEGALIF_BASE_FLOAT_ENV_H
#define MEGALIF_BASE_FLOAT_ENV_H

#if defined __x86_64__

/* fegetenv and fesetenv take 0.4 us here, a fifth of a step of a hundred neurons. The x87 unit
 * computes nothing of ours, but strtod rounds as its control word says, and HDF5 may use it. */
struct float_env {
    unsigned mxcsr;
    unsigned short control, status; /* of the x87 unit */
};

enum { FLOAT_ENV_MXCSR = 0x1f80, FLOAT_ENV_CONTROL = 0x37f }; /* as a process begins */
enum { FLOAT_ENV_FLAGS = 0x3f };                              /* of the status */

static inline void float_env_set(unsigned mxcsr, unsigned short control)
{
    __asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(mxcsr), "m"(control) : "memory");
}

static inline unsigned short float_env_status(void)
{
    unsigned short status;
    __asm__ volatile("fnstsw %0" : "=m"(status) : : "memory");
    return status;
}

static inline void float_env_get(struct float_env *env)
{
    __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(env->mxcsr), "=m"(env->control) : : "memory");
    env->status = float_env_status();
}

static inline void float_env_set_default(void)
{
    float_env_set(FLOAT_ENV_MXCSR, FLOAT_ENV_CONTROL);
}

/* Back to the one that was kept. A flag that is new must not meet its trap. */
static inline void float_env_give(struct float_env *env)
{
    if (float_env_status() & ~env->status & FLOAT_ENV_FLAGS)
        __asm__ volatile("fnclex" : : : "memory");
    float_env_set(env->mxcsr, env->control);
}

#else

#include <fenv.h>

struct float_env {
    fenv_t kept;
};

static inline void float_env_get(struct float_env *env)
{
    fegetenv(&env->kept);
}

static inline void float_env_set_default(void)
{
    fesetenv(FE_DFL_ENV);
}

static inline void float_env_give(struct float_env *env)
{
    fesetenv(&env->kept);
}

#endif

/* Keeps the environment there is, and takes the default one: to nearest, denormals, no traps. */
static inline void float_env_take(struct float_env *env)
{
    float_env_get(env);
    float_env_set_default();
}

static inline struct float_env float_env_taken(void)
{
    struct float_env env;
    float_env_take(&env);
    return env;
}

/* Declares `env`: from here to the end of the scope, however it is left. */
#define WITH_OWN_FLOAT_ENV(env)                                                                    \
    __attribute__((unused, cleanup(float_env_give))) struct float_env env = float_env_taken()

#endif
