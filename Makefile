# SPDX-License-Identifier: GPL-2.0-only
#
# The front door. `make help` lists the rooms. The kernel's build system never
# reads this file: it reads Kbuild, in the tree of links that OUT becomes.

TOP := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' $(TOP)/dkms.conf)
BUILD := $(TOP)/build

PREFIX ?= /usr/local
DESTDIR ?=
KERNEL ?= 6.12
SUITE ?=
PARAMS ?=

# A plain `make` chooses headers by itself, and says which.
ifdef KDIR
OUT ?= $(BUILD)/module
else
LAZY_KDIR = $(eval LAZY_KDIR := $(shell $(TOP)/scripts/kdir))$(LAZY_KDIR)
OUT ?= $(BUILD)/module
endif
KBUILD_DIR = $(or $(KDIR),$(LAZY_KDIR))
OUT_DIR = $(abspath $(OUT))

.PHONY: all modules tools kunit selftests check reload install uninstall \
	install-files clean help demo test bench setup

all: modules tools

# One build at a time in one OUT; another kernel in the same OUT starts afresh.
modules:
	@[ -n "$(KBUILD_DIR)" ]
	@mkdir -p $(OUT_DIR)
	@if [ "$$(cat $(OUT_DIR)/.kdir 2>/dev/null)" != "$(KBUILD_DIR) $(ARCH)" ]; then \
		rm -rf $(OUT_DIR)/module $(OUT_DIR)/samples; \
		echo "$(KBUILD_DIR) $(ARCH)" >$(OUT_DIR)/.kdir; \
	fi
	@$(TOP)/scripts/farm $(OUT_DIR)
	@$(TOP)/scripts/probes $(KBUILD_DIR) $(OUT_DIR)
	+@flock $(OUT_DIR)/.kdir $(MAKE) -C $(KBUILD_DIR) M=$(OUT_DIR) modules
	@echo "  $(OUT_DIR)/af_toy.ko"

tools:
	@mkdir -p $(BUILD)/bin
	+@$(MAKE) --no-print-directory -C $(TOP)/tools OUT=$(BUILD)/bin

selftests:
	+@$(MAKE) --no-print-directory -C $(TOP)/selftests

kunit:
	@$(TOP)/scripts/kunit $(if $(SUITE),--suite '$(SUITE)')

check:
	@$(TOP)/scripts/check

demo:
	@$(TOP)/scripts/demo $(KERNEL)

test:
	@$(TOP)/scripts/test

bench:
	@$(TOP)/scripts/bench $(KERNEL)

setup:
	@$(TOP)/scripts/setup all

# Sockets are closed first, those of running programs, too. PARAMS goes to insmod.
reload: modules tools
	@TOY=$(BUILD)/bin/toy $(TOP)/scripts/reload $(OUT_DIR)/af_toy.ko $(PARAMS)

# Packagers set DESTDIR and get files only; otherwise DKMS builds and installs
# the module for the running kernel too.
install: tools
	@VERSION=$(VERSION) DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) \
		$(TOP)/scripts/install install

uninstall:
	@VERSION=$(VERSION) DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) \
		$(TOP)/scripts/install uninstall

clean:
	rm -rf $(BUILD)

help:
	@echo 'Build'
	@echo '  make                        module and tools, for the running kernel if its'
	@echo '                              headers are here, else for the newest headers'
	@echo '  make modules KDIR=D OUT=O   module for the kernel build directory D into O'
	@echo '                              (ARCH=um, LLVM=1, W=1, C=2 as in the kernel)'
	@echo '  make tools                  the toy command, in build/bin'
	@echo '  make clean'
	@echo 'Try'
	@echo '  make demo [KERNEL=6.1]      real traffic in a virtual machine with Debian 6.12'
	@echo '  make reload [PARAMS=...]    unload and load on this machine (careful!)'
	@echo 'Test'
	@echo '  make test                   everything; ends with "N passed, N failed"'
	@echo '  make kunit [SUITE=GLOB]     unit tests, in User Mode Linux'
	@echo '  make check                  style, static checkers, both kernels, both compilers'
	@echo '  make -C selftests run_tests selftests in the UML debug kernel'
	@echo '  scripts/uml [--debug] CMD   any command in User Mode Linux'
	@echo '  scripts/vm [--kernel 6.1] CMD   any command on a Debian kernel in QEMU'
	@echo '  make bench [KERNEL=6.1]     instructions per operation, AF_TOY beside AF_INET'
	@echo '                              (scripts/bench --profile ROW: by function)'
	@echo 'Install'
	@echo '  make install [DESTDIR= PREFIX=]   tools, manual pages, DKMS source, modprobe.d'
	@echo '  make uninstall'
