#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tests/bench/run.sh - make bench: every row of the table
#
# Usage: run.sh [QUICK]    with any argument: the first set of rows only
#
# Each line of "sets" below is a script that appends JSON lines (one a row) to
# the file it is given, and a list of the rows that must come of it. All of
# them end up in one table on stdout and in build/bench.json. Fails when a row
# is missing or when the peer is ahead in one.

set -u
export LC_ALL=C
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" && pwd) || exit 2
export BUILD=$build
here=$top/tests/bench
lines=$build/bench/rows.jsonl
start=$SECONDS

mkdir -p "$build/bench"
: > "$lines"
: > "$build/bench/expected"

# set LABEL SCRIPT [VARIABLE=VALUE...]
set_of_rows() {
	local label=$1 script=$2
	shift 2
	echo "bench: $script${label:+ [$label]}" >&2
	sed '/^#/d; /^$/d; s/|.*//' "$here/$script.rows" |
		sed "s/\$/${label:+ [$label]}/" >> "$build/bench/expected"
	env LABEL="$label" "$@" "$here/$script.sh" "$lines" ||
		echo "bench: $script${label:+ [$label]} failed" >&2
}

set_of_rows '' exits
if [ $# = 0 ]; then
	set_of_rows mitigations=off exits APPEND=mitigations=off
	set_of_rows 6.12 exits KERNEL=6.12
fi

jq -s . "$lines" > "$build/bench.json" || exit 2

# The table, then what is missing and what is behind.
jq -r '[.row, .unit, .native, .ours, .peer, .target, .better, .note]
	| map(. // "-") | join("|")' "$lines" |
awk -F'|' -v expected="$build/bench/expected" '
	function n(v) {
		if (v == "-")
			return v
		return v == int(v) || v >= 100 ? sprintf("%.0f", v) : \
			sprintf("%.1f", v)
	}
	BEGIN {
		form = "%-34s %10s %10s %10s %9s %8s  %s\n"
		printf form, "row (instructions; lower is better)", "native",
			"ours", "peer", "ours/peer", "target", ""
	}
	{
		rows++
		have[$1] = 1
		up = $7 == "higher"
		ratio = mark = "-"
		if ($5 != "-") {
			if ($5 > 0)
				ratio = sprintf("%.3f", $4 / $5)
			ahead = up ? $4 > $5 + 0 : $4 < $5 + 0
			compared++
			if (!ahead) {
				behind++
				mark = "BEHIND THE PEER"
			} else {
				mark = "ahead"
			}
		} else {
			mark = "no peer"
		}
		if ($6 != "-") {
			aims++
			if (up ? $4 >= $6 + 0 : $4 <= $6 + 0) {
				mark = mark ", target met"
				met++
			} else {
				mark = mark ", target missed"
			}
		}
		label = $1
		if ($2 != "instructions")
			label = label " (" $2 ($7 == "higher" ? ", higher is better" : "") ")"
		printf form, label, n($3), n($4), n($5), ratio, n($6), mark
		if ($1 !~ /\[/)
			notes = notes sprintf("  %-18s %s\n", $1, $8)
	}
	END {
		printf "\nnative: the same machine without a host; peer: KVM, " \
			"npt=0, in the same boot as ours\n%s\n", notes
		while ((getline row < expected) > 0)
			if (!have[row]) {
				print "missing: " row
				missing++
			}
		printf "%d rows, %d missing; ahead of the peer in %d of %d; " \
			"target met in %d of %d\n", rows, missing,
			compared - behind, compared, met, aims
		exit missing || behind || !rows
	}'
rc=$?
echo "bench: $((SECONDS - start)) s, $build/bench.json" >&2
exit $rc
