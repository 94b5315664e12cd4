# `make install` and `make uninstall`: where things go, and what is built for them alone. DESTDIR
# stands before all folders; all of them may have blanks.
PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man
BASHDIR    ?= $(PREFIX)/share/bash-completion/completions
DOCDIR     ?= $(PREFIX)/share/doc/megalif
INSTALL    ?= install
OBJCOPY    ?= objcopy

# As long as MAJOR is 0 each MINOR is another interface (CHANGELOG.md).
shared    := libmegalif.so.$(VERSION)
soname    := libmegalif.so.$(basename $(VERSION))
built     := $(BUILD)/install
artefacts := $(addprefix $(built)/,$(shared) libmegalif.a megalif.pc megalif.1)
headers   := $(sort $(wildcard include/megalif/*.h))
documents := README.md CHANGELOG.md LICENSE bench/peers/README.md $(sort $(wildcard docs/*.md \
             docs/examples/*.c docs/notebooks/*.ipynb docs/pictures/*.png configs/*.ini \
             configs/slurm/* data/*))

# A text, a folder, the places of files in a folder, each as one word of the shell; and what puts
# files into a folder, with a mode.
quoted = '$(subst ','\'',$(1))'
folder = $(call quoted,$(DESTDIR)$(1))
placed = $(foreach file,$(2),$(call folder,$(1)/$(file)))
put    = $(INSTALL) -d $(folder) && $(INSTALL) -m $(or $(3),755) $(2) $(folder)

.PHONY: install uninstall shared where-shared
shared: $(built)/$(shared) ## the shared library, which the Python package loads

where-shared:
	@echo $(built)/$(shared)

install: all $(artefacts) ## program, library, header, manual below PREFIX=/usr/local; DESTDIR=...
	$(call put,$(BINDIR),$(PROGRAM))
	$(call put,$(INCLUDEDIR)/megalif,$(headers),644)
	$(call put,$(LIBDIR),$(built)/libmegalif.a $(built)/$(shared),644)
	ln -sf $(shared) $(call placed,$(LIBDIR),$(soname))
	ln -sf $(soname) $(call placed,$(LIBDIR),libmegalif.so)
	$(call put,$(LIBDIR)/pkgconfig,$(built)/megalif.pc,644)
	$(call put,$(MANDIR)/man1,$(built)/megalif.1,644)
	$(if $(shims),$(call put,$(LIBDIR)/megalif,$(shims),644))
	$(INSTALL) -d $(call folder,$(BASHDIR))
	$(INSTALL) -m 644 src/install/megalif.bash $(call placed,$(BASHDIR),megalif)
	@set -e; docs=$(call folder,$(DOCDIR)); for f in $(documents); do \
	    $(INSTALL) -d "$$docs/$$(dirname $$f)"; $(INSTALL) -m 644 $$f "$$docs/$$f"; done
	@$(if $(DESTDIR),true,src/install/next-words $(call quoted,$(BINDIR)) $(call quoted,$(LIBDIR)))

uninstall: ## removes what install has put there, with the same PREFIX and DESTDIR
	rm -f $(call placed,$(BINDIR),megalif) $(call placed,$(INCLUDEDIR)/megalif,$(notdir $(headers)))
	rm -f $(call placed,$(LIBDIR),libmegalif.a $(shared) $(soname) libmegalif.so \
	    pkgconfig/megalif.pc $(foreach m,openmpi mpich mpi,megalif/libmegalif-$m.so))
	rm -f $(call placed,$(MANDIR),man1/megalif.1) $(call placed,$(BASHDIR),megalif)
	rm -f $(call placed,$(DOCDIR),$(documents))
	-rmdir $(call folder,$(INCLUDEDIR)/megalif)
	@[ ! -d $(call folder,$(LIBDIR)/megalif) ] || rmdir $(call folder,$(LIBDIR)/megalif)
	-find $(call folder,$(DOCDIR)) -depth -type d -empty -delete

# Only mlif_ names leave the libraries that are installed: a version script in the shared one; in
# the static one a single object, whose hidden names have become local.
$(built)/$(shared): $(lib_obj) src/install/libmegalif.map $(BUILD)/link
	$(call say,LINK)
	$(Q)mkdir -p $(@D) && $(CC) $(cflags) -shared -Wl,-soname,$(soname) -Wl,-z,defs \
	    -Wl,--version-script=src/install/libmegalif.map $(lib_obj) -o $@ $(ldflags) $(libs)

$(built)/libmegalif.a: $(lib_obj) $(BUILD)/link
	$(call say,AR)
	$(Q)mkdir -p $(@D) && $(CC) -r -nostdlib $(lib_obj) -o $(built)/megalif.o
	$(Q)$(OBJCOPY) --localize-hidden $(built)/megalif.o
	$(Q)rm -f $@ && $(AR) rcs $@ $(built)/megalif.o

# Libraries that pkg-config knows are named; others are given as flags.
pc_names := $(if $(and $(HDF5_PC),$(filter file,$(origin HDF5_LIBS))),$(HDF5_PC)) \
            $(foreach m,$(pc_libs),$(if $(call pkg,--modversion $m),$m))
pc_flags := $(if $(filter $(HDF5_PC),$(pc_names)),,$(HDF5_LIBS)) \
            $(if $(filter inih,$(pc_names)),,-linih) \
            $(if $(filter libdeflate,$(pc_names)),,-ldeflate) \
            $(if $(filter libcrypto,$(pc_names)),,-lcrypto)

# Writes a text in place of @NAME@; sed takes \, & and | of the text as they are.
escaped = $(subst |,\|,$(subst &,\&,$(subst \,\\,$(2))))
filled  = -e $(call quoted,s|@$(1)@|$(escaped)|)
$(built)/megalif.pc: src/install/megalif.pc.in FORCE
	$(Q)mkdir -p $(@D) && sed $(call filled,PREFIX,$(PREFIX)) $(call filled,LIBDIR,$(LIBDIR)) \
	    $(call filled,INCLUDEDIR,$(INCLUDEDIR)) $(call filled,VERSION,$(VERSION)) \
	    $(call filled,REQUIRES,$(strip $(pc_names))) \
	    $(call filled,LIBS,$(strip $(pc_flags) -lm -ldl -pthread -fopenmp)) $< > $@

$(built)/megalif.1: docs/megalif.1.in src/install/man-page $(PROGRAM)
	$(call say,MAN)
	$(Q)mkdir -p $(@D) && src/install/man-page $(PROGRAM) $< $(VERSION) > $@
