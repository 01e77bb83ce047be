# SPDX-License-Identifier: GPL-2.0
#
# make              modules for KDIR= and the tools, below build/
# make check        all tests; T=name (or a pattern) runs some, V=1 shows more
# make demo         boots the emulated host and runs the hello guest in it
# make lint         architecture checks, formatting, sparse
# make bench        the benchmark table
# make tour         the head comments of the module, in reading order
# make install      modules and tools for the running kernel (or KDIR=)
# make dkms-install the modules through DKMS
# make clean        everything but the downloaded kernels

BUILD ?= build
build := $(abspath $(BUILD))
KERNELS ?= $(abspath build/kernels)
RIG_KERNELS := 6.1 6.12
export KERNELS

# The running kernel if its headers are here, else the rig's oldest.
running := /lib/modules/$(shell uname -r)/build
KDIR ?= $(if $(wildcard $(running)/Makefile),$(running),$(KERNELS)/6.1/kdir)

CC := gcc
CFLAGS ?= -O2 -g
user-cflags := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wmissing-prototypes \
	-Wno-unused-parameter -Wno-missing-field-initializers \
	-Iinclude/uapi -Iuserspace/ddctl -Itests/vm

all: module tools
.PHONY: all

# --- modules -----------------------------------------------------------------
# Each kernel gets its own tree of links to the sources, so that objects for
# different kernels (or build options) never meet.

mod-name = $(notdir $(1))$(if $(filter y 1,$(VAM_FAILNTH)),-failnth)
mod-sources = find Kbuild include kmod -type f -name '[A-Za-z]*' \
	! -name '.*' ! -name '*.md'

define link-sources
mkdir -p $(1); \
$(mod-sources) | sort > $(1)/.sources.new; \
if ! cmp -s $(1)/.sources.new $(1)/.sources; then \
	find $(1) -type l -delete; \
	sed 's,[^/]*$$,,' $(1)/.sources.new | sort -u | \
		(cd $(1) && xargs -I{} mkdir -p ./{}); \
	while read -r f; do ln -sf "$(CURDIR)/$$f" "$(1)/$$f"; done \
		< $(1)/.sources.new; \
fi; \
mv $(1)/.sources.new $(1)/.sources
endef

# build-module OUTDIR KDIR. Type information for BPF would need pahole and the
# kernel's own vmlinux; nothing of ours uses it.
define build-module
@$(call link-sources,$(1))
@$(MAKE) --no-print-directory -C $(2) M=$(1) CONFIG_DEBUG_INFO_BTF_MODULES= \
	$(if $(filter y 1,$(VAM_FAILNTH)),VAM_FAILNTH=y) \
	$(if $(filter y 1,$(VAM_WERROR)),VAM_WERROR=y) $(KBUILD_ARGS) modules
endef

module: | setup-kernels
	$(call build-module,$(build)/mod/$(call mod-name,kdir),$(KDIR))
	@cp $(build)/mod/$(call mod-name,kdir)/kmod/vamhost/vamhost.ko $(build)/
	@echo "built $(BUILD)/vamhost.ko for $$(modinfo -F vermagic \
		$(build)/vamhost.ko | cut -d' ' -f1)"

# The rig's own builds: make mod-6.1 mod-6.12
$(RIG_KERNELS:%=mod-%): mod-%: | setup-kernels
	$(call build-module,$(build)/mod/$(call mod-name,$*),$(KERNELS)/$*/kdir)

# Without headers of the running kernel we need the rig's.
setup-kernels:
ifneq ($(filter $(KERNELS)/%,$(KDIR)),)
	@tests/setup.sh kernels
endif

.PHONY: module setup-kernels $(RIG_KERNELS:%=mod-%)

# --- tools -------------------------------------------------------------------

ddctl-src := $(wildcard userspace/ddctl/*.c)
ddctl-dep := $(wildcard userspace/ddctl/*.h include/uapi/vamhost/*.h)
vm-src := $(wildcard tests/vm/*_test.c)
vm-dep := $(filter-out $(vm-src),$(wildcard tests/vm/*.[ch])) $(ddctl-dep)
fail-src := $(wildcard tests/fail/*_test.c)
vm-bin := $(patsubst tests/%.c,$(build)/%,$(vm-src) $(fail-src))

tools: $(if $(ddctl-src),$(build)/ddctl)

# Static, because the same binary runs in the emulated host's initramfs.
$(build)/ddctl: $(ddctl-src) $(ddctl-dep)
	@mkdir -p $(@D)
	@echo "  CC      $(@:$(build)/%=%)"
	@$(CC) $(user-cflags) $(CFLAGS) -static -o $@ $(ddctl-src) -ljansson

# tests/vm and tests/fail share helpers and run in the same place.
$(vm-bin): $(build)/%: tests/%.c $(vm-dep)
	@mkdir -p $(@D)
	@echo "  CC      $(@:$(build)/%=%)"
	@$(CC) $(user-cflags) $(CFLAGS) -static -pthread -o $@ $< \
		$(filter %.c,$(vm-dep))

.PHONY: tools

# --- tests -------------------------------------------------------------------

include tests/Makefile

# --- installing --------------------------------------------------------------

PREFIX ?= /usr/local
DESTDIR ?=

install: all
	$(MAKE) -C $(KDIR) M=$(build)/mod/$(call mod-name,kdir) modules_install
	install -D -m 755 $(build)/ddctl $(DESTDIR)$(PREFIX)/sbin/ddctl
	install -D -m 644 userspace/ddctl/ddctl.8 \
		$(DESTDIR)$(PREFIX)/share/man/man8/ddctl.8

version := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
dkms-dir := $(DESTDIR)/usr/src/vamhost-$(version)

dkms-install:
	rm -rf $(dkms-dir)
	$(mod-sources) | while read -r f; do \
		install -D -m 644 "$$f" "$(dkms-dir)/$$f" || exit 1; done
	install -m 644 dkms.conf $(dkms-dir)/
	$(if $(DESTDIR),,dkms install vamhost/$(version))

tour:
	@tests/lint/tour.sh kmod/vamhost

clean:
	rm -rf $(filter-out $(KERNELS),$(wildcard $(build)/*))

.PHONY: install dkms-install tour clean
