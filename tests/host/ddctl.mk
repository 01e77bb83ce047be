# SPDX-License-Identifier: GPL-2.0
# ddctl's loader, built for user space tests like the module's lib/.
DDCTL := ../../userspace/ddctl
SRCS_multiboot_test := $(DDCTL)/boot_multiboot.c
CFLAGS_multiboot_test := -I$(TOP)/userspace/ddctl -D_GNU_SOURCE
