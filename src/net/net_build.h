/* Makes what a network holds. */
#ifndef MEGALIF_NET_BUILD_H
#define MEGALIF_NET_BUILD_H

#include "net/net_private.h"

/* Lists the tables, draws them by all threads. The grid must be there. net_build_close in any case.
 */
enum status net_build(struct net *net, struct error *err);
void net_build_close(struct net *net);

#endif
