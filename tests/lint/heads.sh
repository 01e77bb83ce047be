#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# heads.sh - fail if a file does not begin with a licence and a purpose
#
# Line 1 (2 in a script) names the licence; the comment that follows names the
# file: "name - what it does".

rc=0
bad() { echo "$1: $2"; rc=1; }

while IFS= read -r f; do
	head -n 2 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0' ||
		bad "$f" "no licence line"
	name=${f##*/}
	case $name in
	Kbuild|Makefile|*.cfg|*.list|*.mk) continue ;;
	esac
	head -n 6 "$f" | grep -qF -- "$name" && head -n 6 "$f" | grep -q ' - ' ||
		head -n 6 "$f" | grep -q "^#.*$name" ||
		bad "$f" "the head does not say \"$name - what it does\""
done < <(find kmod userspace include tests Kbuild Makefile \
	\( -name '*.[chS]' -o -name '*.sh' -o -name Makefile -o -name Kbuild \
	-o -name '*.cfg' \) -type f | sort)
exit $rc
