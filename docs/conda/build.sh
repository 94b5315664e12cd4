#!/bin/bash
# What conda-build runs at the top of the sources: CC, CFLAGS, LDFLAGS, CPU_COUNT and PREFIX are its own.
set -euo pipefail
export MEGALIF_NO_INSTALL=1
export HDF5_CFLAGS=${HDF5_CFLAGS-"-I$PREFIX/include"} HDF5_LIBS=${HDF5_LIBS-"-L$PREFIX/lib -lhdf5"}
make -j"${CPU_COUNT:-1}" all
make install PREFIX="$PREFIX"
