# megalif: `make help` lists what can be made.
#
# Everything is built below build/, one folder for each compiler and CONFIG, so that they never mix:
#   build/                     CONFIG=release (the default): the program is build/megalif
#   build/asan tsan debug      the other CONFIGs
#   build/clang clang-asan ... the same when the compiler's name has clang in it (make CC=clang)
# Objects are rebuilt when the flags or the compiler change. Every *.c below src/ is found by
# itself: the rooms of main_src are the program, all others the library libmegalif.a.

VERSION := 0.1.0
CONFIG  ?= release
.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules

# ---- jobs ----------------------------------------------------------------------------------------
# All cores, where nobody says how many jobs: -j on the command line wins over this, and make that
# make has started has the other's. A clean comes before what is made after it.
cores = $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
asked_jobs := $(filter -j%,$(MAKEFLAGS) $(shell printf %s "$$MAKEFLAGS"))
ifeq ($(or $(MAKELEVEL),0)$(asked_jobs)$(filter clean,$(MAKECMDGOALS)),0)
MAKEFLAGS += -j$(cores)
endif

# ---- compiler ------------------------------------------------------------------------------------
needs_clang := $(filter tsan fuzz,$(CONFIG))
ifeq ($(origin CC),default)
CC := $(if $(needs_clang),clang,gcc)
endif
ifeq ($(origin CXX),default)
CXX := $(if $(findstring clang,$(notdir $(CC))),clang++,g++)
endif
clang := $(if $(needs_clang),,$(findstring clang,$(notdir $(CC))))

# ---- dependencies: probed before anything is compiled, installed where that is allowed -----------
goals := $(or $(MAKECMDGOALS),all)
builds := $(filter-out clean help format format-check lint docs uninstall where-shared,$(goals))
needs := $(if $(builds),build) $(if $(filter-out shared,$(builds)),plot) \
         $(if $(filter test test-% bench-peers,$(goals)),test) \
         $(if $(filter test-slurm,$(goals)),slurm) \
         $(if $(filter bench,$(goals)),bench) \
         $(if $(filter fuzz,$(goals))$(findstring clang,$(notdir $(CC))),clang)
dry_run     := $(findstring n,$(filter-out -%,$(firstword $(MAKEFLAGS))))
may_install := $(if $(dry_run),,$(filter demo test test-% bench bench-peers fuzz,$(goals)))
ifneq ($(filter build,$(needs)),)
probe := CC='$(CC)' CXX='$(CXX)' PYTHON='$(PYTHON)' HDF5_CFLAGS='$(HDF5_CFLAGS)' \
         HDF5_LIBS='$(HDF5_LIBS)' $(if $(may_install),,MEGALIF_NO_INSTALL=1) \
         .ci/install-deps $(needs)
ifneq ($(shell $(probe) >&2 && echo ready),ready)
$(error dependencies are missing, see above)
endif
endif

# ---- flags and libraries -------------------------------------------------------------------------
ifeq ($(CONFIG),release)
variant := $(clang)
else
variant := $(if $(clang),clang-)$(CONFIG)
endif
BUILD := build$(if $(variant),/$(variant))
OBJ   := $(BUILD)/obj

sanitize := -fno-omit-frame-pointer -fno-sanitize-recover=all
cflags_release := -O2 -g
cflags_debug   := -O0 -g3
cflags_asan    := -O1 -g -fsanitize=address,undefined $(sanitize)
cflags_tsan    := -O1 -g -fsanitize=thread $(sanitize)
cflags_fuzz    := -O1 -g -fsanitize=fuzzer-no-link,address,undefined $(sanitize)
ifeq ($(cflags_$(CONFIG)),)
$(error CONFIG=$(CONFIG) is unknown; it can be release, debug, asan, tsan)
endif
kernel_cflags := $(if $(filter release,$(CONFIG)),-O3)

CFLAGS   ?= $(cflags_release)
warnings := -Wall -Wextra -Wshadow -Wconversion $(if $(WERROR),-Werror)
# Ours come after the user's: the same bits everywhere depend on -ffp-contract=off.
common   := -fno-fast-math -ffp-contract=off -fno-math-errno -fvisibility=hidden -fPIC -pthread \
            -fopenmp
cflags   := $(if $(filter release,$(CONFIG)),$(CFLAGS),$(cflags_$(CONFIG))) -std=gnu11 $(common) \
            $(warnings) -Wstrict-prototypes -Wmissing-prototypes
cxxflags := $(cflags_$(CONFIG)) -std=gnu++17 $(common) $(warnings)

pkg = $(shell pkg-config $(1) 2>/dev/null)
HDF5_PC     := $(firstword $(foreach m,hdf5-serial hdf5,$(shell pkg-config --exists $m && echo $m)))
HDF5_CFLAGS ?= $(call pkg,--cflags $(HDF5_PC))
HDF5_LIBS   ?= $(or $(call pkg,--libs $(HDF5_PC)),-lhdf5)
pc_libs     := inih libdeflate libcrypto
libs_cflags := $(HDF5_CFLAGS) $(call pkg,--cflags $(pc_libs))
libs        := $(HDF5_LIBS) $(or $(call pkg,--libs $(pc_libs)),-linih -ldeflate -lcrypto) -lm -ldl
test_libs   := $(or $(call pkg,--libs cmocka),-lcmocka) $(or $(call pkg,--libs mpfr),-lmpfr -lgmp)
bench_libs  := $(or $(call pkg,--libs benchmark),-lbenchmark)
# Libraries outside the system's folders (conda, Spack) are found again when the program runs.
comma := ,
ldflags = $(LDFLAGS) $(patsubst -L%,-Wl$(comma)-rpath$(comma)%,$(filter -L%,$(libs)))

# Instruction sets by architecture; src/kernel/kernel.c reads HAVE_* and chooses when the program
# runs.
isas := scalar
ifneq ($(filter x86_64%,$(shell $(CC) -dumpmachine 2>/dev/null)),)
isas += avx2 avx512
endif
isa_scalar := -DKERNEL_SCALAR
isa_avx2   := -DKERNEL_AVX2 -mavx2 -mfma
isa_avx512 := -DKERNEL_AVX512 -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma \
              -mprefer-vector-width=512
cppflags := $(CPPFLAGS) -Isrc -Iinclude $(patsubst -I%,-isystem%,$(libs_cflags)) \
            $(if $(filter avx2,$(isas)),-DHAVE_AVX2 -DHAVE_AVX512)

# ---- what is made of what ------------------------------------------------------------------------
sources     := $(sort $(wildcard src/*/*.c))
main_src    := $(filter $(foreach room,cli plot sweep emit commands,src/$(room)/%),$(sources))
lib_src     := $(filter-out $(main_src) src/kernel/kernels.c,$(sources))
test_src    := $(sort $(wildcard tests/unit/test_*.c tests/unit/long_*.c))
tool_src    := $(sort $(wildcard tests/tools/*.c))
preload_src := $(sort $(wildcard tests/preload/*.c))
fuzz_src    := $(sort $(wildcard tests/fuzz/fuzz_*.c))
bench_src   := $(sort $(filter-out bench/limits.cc,$(wildcard bench/*.cc)))
kinds       := $(foreach isa,$(isas),$(isa)_f32 $(isa)_f64)
limit_obj   := $(kinds:%=$(OBJ)/bench/limits_%.o)
kernel_obj  := $(kinds:%=$(OBJ)/src/kernel/kernels_%.o)
lib_obj     := $(lib_src:%.c=$(OBJ)/%.o) $(kernel_obj)
main_obj    := $(main_src:%.c=$(OBJ)/%.o)

LIBRARY := $(BUILD)/libmegalif.a
PROGRAM := $(BUILD)/megalif
tests   := $(test_src:tests/unit/%.c=$(BUILD)/tests/%)
tools   := $(tool_src:tests/%.c=$(BUILD)/tests/%)
preload := $(preload_src:tests/%.c=$(BUILD)/tests/%.so)
fuzzers := $(fuzz_src:tests/fuzz/%.c=$(BUILD)/%)

# The benchmarks, where there is what they need: tests run them, too.
benchmarks := $(if $(and $(call pkg,--modversion benchmark),$(shell $(CXX) --version 2>/dev/null)),\
              $(BUILD)/megalif-bench)

# What speaks with an MPI, for each one that works: loaded by ranks alone (docs/mpi.md). Debian
# names the compilers of several; elsewhere mpicc is that of the one that is set up.
works      = $(shell echo '\#include <mpi.h>' | $(1) -E -x c - >/dev/null 2>&1 && echo $(2))
mpis       := $(if $(filter build,$(needs)),$(foreach m,openmpi mpich,$(call works,mpicc.$m,$m)))
mpis       := $(or $(strip $(mpis)),$(if $(filter build,$(needs)),$(call works,mpicc,mpi)))
shims      := $(mpis:%=$(BUILD)/libmegalif-%.so)

PYTHON ?= $(shell .ci/find-python)
say = @echo "  $(1)	$(patsubst $(BUILD)/%,%,$@)"
Q   = $(if $(V),,@)

.PHONY: all static demo docs test test-long test-unit test-asan test-package test-slurm \
        test-programs small-run benchmarks bench bench-peers fuzz fuzz-run format format-check \
        lint clean help FORCE
.SECONDARY:
.DELETE_ON_ERROR:

all: $(LIBRARY) $(PROGRAM) $(shims) ## the program, build/megalif (default), and libraries
all: $(if $(filter release,$(CONFIG)),shared)

static: $(BUILD)/megalif-static ## the program for any Linux of this architecture: megalif-static

demo: all ## a million neurons for a second: out/demo.h5 and out/demo.png
	@mkdir -p out
	$(PROGRAM) run configs/demo.ini --force -o out/demo.h5
	$(PROGRAM) plot out/demo.h5 --force -o out/demo.png
	@echo 'The spikes are in out/demo.h5, a picture of them in out/demo.png.'

docs: ## the library's reference by Doxygen: build/docs/html/index.html
	@mkdir -p $(BUILD)/docs
	{ cat docs/Doxyfile && echo OUTPUT_DIRECTORY=$(BUILD)/docs; } | doxygen -

test: all test-programs benchmarks ## all tests that take seconds
	@$(PYTHON) tests/run --build $(BUILD)

test-long: all test-programs benchmarks ## these and the long ones
	@$(PYTHON) tests/run --build $(BUILD) --long

test-unit: all test-programs ## the unit tests alone
	@$(PYTHON) tests/run --build $(BUILD) --unit

test-slurm: all ## the job scripts of configs/slurm in a real Slurm of its own
	@MEGALIF='$(abspath $(PROGRAM))' $(PYTHON) -m pytest -q -p no:cacheprovider -rs tests/slurm/jobs.py

test-asan: ## unit tests, a small run and Python under address and undefined behaviour sanitizers
	@$(MAKE) --no-print-directory CONFIG=asan test-unit small-run test-package

# Python itself knows nothing of the sanitizer, so it is loaded beforehand.
test-package: shared
	LD_PRELOAD=$$($(CC) -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 \
	    MEGALIF_BUILD='$(abspath $(BUILD))' $(PYTHON) -m pytest -q -p no:cacheprovider \
	    $(addprefix tests/python/,test_package_simulation.py test_package_run.py sanitized.py)

small-run: all
	$(PROGRAM) run configs/demo.ini --set simulation.duration='20 ms' --quiet --force \
	    -o $(BUILD)/demo.h5

test-programs: $(tests) $(tools) $(preload)

benchmarks: $(benchmarks)

bench: all $(BUILD)/megalif-bench ## benchmarks; figures also in build/bench.json
	$(BUILD)/megalif-bench --benchmark_out=$(BUILD)/bench.json --benchmark_out_format=json \
	    $(BENCH_ARGS)

bench-peers: all ## the same work by NEST, Brian2, ANNarchy, Arbor (PyPI); also in build/peers.json
	$(PYTHON) bench/peers/run.py $(PEERS_ARGS)

FUZZ_SECONDS ?= 10
fuzz: ## libFuzzer on what reads foreign bytes, FUZZ_SECONDS=10 each (clang)
	@$(MAKE) --no-print-directory CONFIG=fuzz fuzz-run

fuzz-run: $(fuzzers)
	@set -e; for f in $^; do corpus=$(BUILD)/corpus/$${f##*/}; mkdir -p $$corpus; \
	    name=$${f##*/fuzz_}; $$f -max_total_time=$(FUZZ_SECONDS) -verbosity=0 -print_final_stats=1 \
	        -timeout=10 -dict=tests/fuzz/$$name.dict -artifact_prefix=$$corpus- \
	        $$corpus tests/fuzz/corpus_$$name; done

format: ## clang-format on all C and C++ files
	clang-format -i $(c_files)

format-check: ## tells what clang-format would change
	clang-format --dry-run --Werror $(c_files)

lint: ## rooms, circles, headers, lengths, what the library must not do
	@$(or $(PYTHON),python3) .ci/lint
	@set -e; for h in include/megalif/*.h; do [ -e "$$h" ] || continue; \
	    $(CC) -std=c11 -pedantic -Wall -Wextra -Werror -fsyntax-only -Iinclude -x c "$$h"; done

clean: ## removes build/
	rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' \
	    Makefile src/install/install.mk
	@echo "CONFIG=release|debug|asan|tsan, CC=gcc|clang, V=1 shows the commands, WERROR=1;"
	@echo "-j1: one job at a time; without -j as many as there are cores"

c_files = $(sort $(shell find src include tests bench -name '*.[ch]' -o -name '*.cc'))

# ---- rules ---------------------------------------------------------------------------------------
# A stamp file changes only when its text does.
stamp = @mkdir -p $(@D); printf '%s\n' '$(1)' | cmp -s - $@ || printf '%s\n' '$(1)' > $@

$(BUILD)/flags: FORCE
	$(call stamp,$(shell $(CC) --version | head -n 1) $(CC) $(CXX) $(cppflags) $(cflags) \
	    $(kernel_cflags) $(foreach i,$(isas),$(isa_$(i))))

$(BUILD)/link: FORCE
	$(call stamp,$(ldflags) $(libs) $(test_libs) $(lib_obj) $(main_obj))

# The compiler reads these flags from the stamp.
describe = git -c safe.directory='*' describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null
commit   = $(or $(if $(wildcard .git),$(shell $(describe))),unknown)
$(BUILD)/version: FORCE
	$(call stamp,-DMEGALIF_VERSION=\"$(VERSION)\" -DMEGALIF_GIT_COMMIT=\"$(commit)\")

$(OBJ)/src/base/version.o: $(BUILD)/version
$(OBJ)/src/base/version.o: private cppflags += @$(BUILD)/version

# Python that `check --emit` writes out stands in the program.
$(OBJ)/src/emit/emit_script.o: $(wildcard src/emit/*.py)

# KIND, as avx2_f32: what makes an object of the instruction set and precision.
kind = $(isa_$(word 1,$(subst _, ,$(1)))) -DKERNEL_BITS=$(lastword $(subst _f, ,$(1)))

compile = $(Q)mkdir -p $(@D) && $(CC) $(cppflags) $(cflags) $(1) -MMD -MP -c -o $@ $<

$(kernel_obj): $(OBJ)/src/kernel/kernels_%.o: src/kernel/kernels.c $(BUILD)/flags
	$(call say,CC)
	$(call compile,$(kernel_cflags) $(call kind,$*))

$(OBJ)/%.o: %.c $(BUILD)/flags
	$(call say,CC)
	$(call compile)

$(OBJ)/%.o: %.cc $(BUILD)/flags
	$(call say,CXX)
	$(Q)mkdir -p $(@D) && $(CXX) $(cppflags) -I. $(cxxflags) -MMD -MP -c -o $@ $<

$(LIBRARY): $(lib_obj) $(BUILD)/link
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $(lib_obj)

link = $(Q)mkdir -p $(@D) && $(1) $(filter %.o,$^) $(LIBRARY) -o $@ $(ldflags)

$(PROGRAM): $(main_obj) $(LIBRARY) $(BUILD)/link
	$(call say,LINK)
	$(call link,$(CC) $(cflags)) $(libs)
	$(if $(mpis),,@echo 'megalif: no mpicc here, so no runs on several processes (docs/mpi.md)')

$(shims): $(BUILD)/libmegalif-%.so: src/comm/shim/shim.c src/comm/comm.h $(BUILD)/flags
	$(call say,LINK)
	$(Q)mkdir -p $(@D) && mpicc$(if $(filter mpi,$*),,.$*) -std=gnu11 -O2 -g $(warnings) -Isrc \
	    -fvisibility=hidden -fPIC -shared -o $@ $<

# HDF5's archive wants more than its pkg-config file says: those of these that there are.
has_archive = $(findstring /,$(shell $(CC) -print-file-name=lib$(1).a))
archived    = $(foreach l,sz aec z,$(if $(call has_archive,$l),-l$l))
static_libs = $(libs) $(archived)
$(BUILD)/megalif-static: $(main_obj) $(LIBRARY) $(BUILD)/link
	$(call say,LINK)
	$(call link,$(CC) $(cflags) -static -s) $(static_libs)

$(tests): $(BUILD)/tests/%: $(OBJ)/tests/unit/%.o $(LIBRARY) $(BUILD)/link
	$(call say,LINK)
	$(call link,$(CC) $(cflags)) $(test_libs) $(libs)

# Our own calls of these go to the tests' stand-ins, which can fail.
wrapped := malloc calloc realloc aligned_alloc strdup strndup open_memstream mmap pthread_create \
           libdeflate_alloc_compressor EVP_MD_CTX_new fsync link
$(filter $(BUILD)/tests/test_allocations%,$(tests)): private ldflags += $(wrapped:%=-Wl,--wrap=%)

$(tools): $(BUILD)/tests/tools/%: $(OBJ)/tests/tools/%.o $(LIBRARY) $(BUILD)/link
	$(call say,LINK)
	$(call link,$(CC) $(cflags)) $(libs)

# Loaded into the program by LD_PRELOAD: no sanitizer, no OpenMP, every symbol visible.
$(preload): $(BUILD)/tests/%.so: tests/%.c $(BUILD)/flags
	$(call say,LINK)
	$(Q)mkdir -p $(@D) && $(CC) -std=gnu11 -O1 -g $(warnings) -shared -fPIC -o $@ $< -ldl

$(fuzzers): $(BUILD)/%: $(OBJ)/tests/fuzz/%.o $(LIBRARY) $(BUILD)/link
	$(call say,LINK)
	$(call link,$(CC) $(cflags) -fsanitize=fuzzer) $(libs)

$(limit_obj): $(OBJ)/bench/limits_%.o: bench/limits.cc $(BUILD)/flags
	$(call say,CXX)
	$(Q)mkdir -p $(@D) && $(CXX) $(cppflags) -I. $(cxxflags) $(kernel_cflags) -MMD -MP -c -o $@ $< \
	    $(call kind,$*)

$(BUILD)/megalif-bench: $(bench_src:%.cc=$(OBJ)/%.o) $(limit_obj) $(LIBRARY) $(BUILD)/link
	$(call say,LINK)
	$(call link,$(CXX) $(cxxflags)) $(bench_libs) $(libs)

include src/install/install.mk

-include $(patsubst %.o,%.d,$(lib_obj) $(main_obj) $(limit_obj)) \
    $(patsubst %,$(OBJ)/%.d,$(basename $(test_src) $(tool_src) $(fuzz_src) $(bench_src)))
