#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# tour.sh DIR - print the head comments of DIR in the order of its README.md
#
# The order is that in which the README names the files; what it does not
# name comes last.

cd "${1:-kmod/vamhost}" || exit 2
{
	[ ! -e README.md ] ||
		grep -oE '[a-z]+(/[a-z_]+)*\.[chS]' README.md
	find . -name '*.[chS]' | sed 's,^\./,,' | sort
} | awk '!seen[$0]++' | while read -r f; do
	[ -e "$f" ] || continue
	awk '
	/^\/\*$/ && !begun { begun = 1; next }
	begun && /\*\/$/ { exit }
	begun { sub(/^ \* ?/, ""); print }' "$f"
	echo
done
