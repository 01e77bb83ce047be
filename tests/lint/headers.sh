#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# headers.sh - fail if a header does not compile alone, included twice
#
# The kernel's own flags are those of an object that has just been built.

rc=0
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT

one() {	# INCLUDE-LINE DIRECTORY FLAGS...
	printf '#include %s\n#include %s\n' "$1" "$1" > "$dir/unit.c"
	shift
	(cd "$1" && shift && "$@" -fsyntax-only "$dir/unit.c") || {
		echo "above: $(head -n 1 "$dir/unit.c")"
		rc=1
	}
}

for k in 6.1 6.12; do
	make -s --no-print-directory BUILD="$BUILD" "mod-$k" > /dev/null || exit 1
	cmd=$(sed -n 's/^\(saved\)\{0,1\}cmd_.*main\.o := //p' \
		"$BUILD/mod/$k/kmod/vamhost/.main.o.cmd")
	flags=$(sed 's/ -Wp,-MMD,[^ ]*//; s/ -c -o .*//; s/;.*//' <<< "$cmd")
	# What differs between the kernels is the compat headers' business.
	dir_of_headers=kmod
	[ $k = 6.1 ] || dir_of_headers=kmod/compat
	while IFS= read -r h; do
		case $h in
		kmod/compat/*) inc="<compat/${h##*/}>" ;;
		*) inc="\"${h#kmod/vamhost/}\"" ;;
		esac
		eval "one '$inc' '$KERNELS/$k/kdir' $flags"
	done < <(find $dir_of_headers -name '*.h' | sort)
done

for h in userspace/ddctl/*.h tests/vm/*.h; do
	[ -e "$h" ] || continue
	one "\"$PWD/$h\"" "$PWD" gcc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra \
		-Wno-unused-function -Wno-unused-parameter \
		-Iinclude/uapi -Iuserspace/ddctl -Itests/vm
done
exit $rc
