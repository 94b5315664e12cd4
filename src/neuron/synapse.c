/* Propagators of synaptic currents, in double. With x = h (1/tau_syn - 1/tau_m):
 *   V from I   h / C e^(-h / tau_syn) phi1(x),      phi1(x) = (e^x - 1) / x
 *   V from dI  h^2 / C e^(-h / tau_syn) phi2(x),    phi2(x) = (e^x - 1 - x) / x^2
 * which have no seam at tau_syn = tau_m. */
#include "neuron/synapse.h"

#include "base/elementary.h"

#include <math.h>

static const double euler = 2.718281828459045235;

/* Where x is small; else its exponentials may overflow, and nothing cancels. */
static bool is_near(double x)
{
    return fabs(x) < 0.5;
}

/* phi1 and phi2 by their series: x^k / (k + n)!, n = 1 or 2. */
static double phi(double x, int n)
{
    double sum = 0.0;
    for (int k = 16; k > 0; k--)
        sum = (sum + 1.0) * x / (k + n);
    return n == 1 ? sum + 1.0 : 0.5 * (sum + 1.0);
}

static double distance(const struct synapse_of *s)
{
    return s->h * (s->tau_m - s->tau_syn) / (s->tau_syn * s->tau_m);
}

/* e^(-h / tau_m) - e^(-h / tau_syn) */
static double apart(const struct synapse_of *s)
{
    return elementary_exp(-s->h / s->tau_m) - elementary_exp(-s->h / s->tau_syn);
}

double synapse_by_current(const struct synapse_of *s)
{
    double x = distance(s);
    if (s->method == METHOD_EULER)
        return s->h / s->C;
    if (is_near(x))
        return s->h / s->C * elementary_exp(-s->h / s->tau_syn) * phi(x, 1);
    return s->h / s->C * apart(s) / x;
}

/* D is dI in units of e / tau_syn. */
double synapse_by_feed(const struct synapse_of *s)
{
    double x = distance(s), unit = euler / s->tau_syn * s->h * s->h / s->C;
    double decayed = elementary_exp(-s->h / s->tau_syn);
    if (s->method == METHOD_EULER)
        return 0.0;
    if (is_near(x))
        return unit * decayed * phi(x, 2);
    return unit * (apart(s) - x * decayed) / (x * x);
}

double synapse_feeds(const struct synapse_of *s)
{
    double decayed = s->method == METHOD_EULER ? 1.0 : elementary_exp(-s->h / s->tau_syn);
    return euler * (s->h / s->tau_syn) * decayed;
}
