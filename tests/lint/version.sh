#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# version.sh - fail if module, tool and dkms.conf are not of the same version
#
# DKMS replaces an installed module only by one of another version, so all of
# them must change together.

dkms=$(sed -n 's/^PACKAGE_VERSION="\([^"]*\)"$/\1/p' dkms.conf)
module=$(sed -n 's/^MODULE_VERSION("\([^"]*\)").*/\1/p' kmod/vamhost/main.c)
tool=$(sed -n 's/^#define DDCTL_VERSION "\([^"]*\)"$/\1/p' \
	userspace/ddctl/ddctl.h)
[ -n "$dkms" ] && [ "$dkms" = "$module" ] && [ "$dkms" = "$tool" ] && exit 0
echo "dkms.conf '$dkms', main.c '$module', ddctl.h '$tool'"
exit 1
