#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tests/run/check.sh - run the stanzas of tests/matrix.cfg and judge them
#
# Usage: check.sh [--matrix FILE] [--jobs N] [--list] [PATTERN]
#
# PATTERN chooses stanzas by name (svm-tcg.load, svm-tcg.*), or one payload of
# a comparing stanza (svm-tcg.diff/hello). TAP goes to stdout, progress to
# stderr, everything else to build/logs/NAME.*. The last line is
# "N passed, N failed, N skipped"; the exit code is 0 only if nothing failed.
#
# A run passes only if it says so: its TAP plan is fulfilled, its exit code is
# 0 and, in the emulated host, the token came last, the kernel log is clean
# and nothing was left behind. All that is one more result, named "run".

# In braces, so that the shell has read all of it before it begins: somebody
# may edit this file during a long run.
{
set -u
export LC_ALL=C
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 2
build=${BUILD:-$top/build}
# What "make check T=..." was called with is not meant for the tests' own make.
unset T MAKEFLAGS MFLAGS MAKEOVERRIDES
export BUILD=$build KERNELS=${KERNELS:-$top/build/kernels}
matrix=tests/matrix.cfg
jobs=${JOBS:-2}
list=

while [ $# -gt 0 ]; do
	case $1 in
	--matrix) matrix=$2; shift 2 ;;
	--jobs) jobs=$2; shift 2 ;;
	--list) list=1; shift ;;
	-*) sed -n '5,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	*) break ;;
	esac
done
pattern=${1:-*}
only=*
case $pattern in
*/*) only=${pattern#*/} pattern=${pattern%%/*} ;;
esac

logs=$build/logs
mkdir -p "$logs"

# --- the matrix --------------------------------------------------------------

declare -A cfg=()
names=()

read_matrix() {
	local line name='' key n=0
	while IFS= read -r line; do
		n=$((n + 1))
		line=${line%"${line##*[![:space:]]}"}
		case $line in
		''|'#'*) ;;
		'['*']') name=${line#[}; name=${name%]}
			[ -z "${cfg[$name,type]+x}" ] ||
				{ echo "$matrix:$n: $name again" >&2; exit 2; }
			names+=("$name"); cfg[$name,type]=host ;;
		*=*) key=${line%%=*}; key=${key//[[:space:]]/}
			line=${line#*=}
			cfg[$name,$key]=${line#"${line%%[![:space:]]*}"}
			case $key in
			type|kernel|cpu|mem|smp|timeout|append|params|build|\
			command|programs|each|payloads|kind|device|skip|exec|\
			backend|module|memcheck|reset|icount|exit|threads) ;;
			*) echo "$matrix:$n: unknown key $key" >&2; exit 2 ;;
			esac ;;
		*) echo "$matrix:$n: neither [name] nor key = value" >&2
			exit 2 ;;
		esac
	done < "$matrix"
}

get() {	# NAME KEY DEFAULT
	echo "${cfg[$1,$2]-$3}"
}

# --- TAP ---------------------------------------------------------------------

# Results of FILE, each named for the stanza NAME; what follows a failed one
# explains it and is kept. Fails if the plan was not fulfilled.
tap_results() {	# NAME FILE
	tr -d '\r' < "$2" | awk -v name="$1" '
	/^(not )?ok( |$)/ {
		bad = /^not/
		sub(/^(not )?ok *[0-9]* *(- )?/, "")
		if (bad) sub(/# *(TODO|SKIP).*/, "")
		print (bad ? "not ok" : "ok") " - " name ": " $0
		n++
		next
	}
	/^1\.\.[0-9]+/ {
		plans++
		planned += substr($1, 4)
		if (/# *SKIP/) { print "ok - " name ": " $0; }
		next
	}
	/^Bail out!/ { print "# " $0; bailed = 1 }
	/^#/ { if (bad) print }
	END { exit !(plans && planned == n && !bailed) }'
}

# The result about the run as a whole.
run_result() {	# NAME RC-OF-PLAN RC RIG-OUTPUT
	local want verdict
	want=$(get "$1" exit 0)
	verdict=$(sed -n 's/^rig: FAILED: //p' "$4" 2>/dev/null)
	if [ -n "$verdict" ]; then
		echo "not ok - $1: run: $verdict"
		sed -n 's/^/#   /p' "$4" | tail -n 60
	elif [ "$3" != "$want" ]; then
		echo "not ok - $1: run: exit code $3, expected $want"
		tail -n 20 "$4" 2>/dev/null | sed 's/^/#   /'
	elif [ "$2" != 0 ]; then
		echo "not ok - $1: run: the plan was not fulfilled"
	else
		echo "ok - $1: run"
	fi
}

# --- kinds of stanza ---------------------------------------------------------

host_args() {	# NAME
	local n=$1 build_kind ko
	args=(--name "$n" --timeout "$(get "$n" timeout 120)"
		--kernel "$(get "$n" kernel 6.1)" --smp "$(get "$n" smp 2)"
		--mem "$(get "$n" mem 1024)"
		--backend "$(get "$n" backend svm)"
		--threads "$(get "$n" threads multi)")
	build_kind=$(get "$n" build '')
	if [ -n "$build_kind" ]; then
		ko=$build/mod/$(get "$n" kernel 6.1)-$build_kind
		args+=(--module "$ko/kmod/vamhost/vamhost.ko")
	fi
	case $(get "$n" cpu -) in
	-) ;;
	[-+]*) args+=(--cpu "$(get "$n" cpu -)") ;;
	*) args+=(--cpu-model "$(get "$n" cpu -)") ;;
	esac
	for key in append params device; do
		[ -z "$(get "$n" $key '')" ] ||
			args+=("--$key" "$(get "$n" $key '')")
	done
	[ "$(get "$n" module yes)" = yes ] || args+=(--no-module)
	[ "$(get "$n" memcheck yes)" = yes ] || args+=(--no-memcheck)
	[ "$(get "$n" reset no)" = no ] || args+=(--expect-reset)
	[ "$(get "$n" icount no)" = no ] || args+=(--icount)
}

run_host() {	# NAME
	local n=$1 command plan=0 rc
	host_args "$n"
	command=$(get "$n" command '')
	if [ -n "$(get "$n" programs '')" ]; then
		command="tapall $(get "$n" each 60) $(get "$n" programs '')"
	fi
	tests/run/host.sh "${args[@]}" -- "$command" \
		> /dev/null 2> "$logs/$n.rig"
	rc=$?
	if [ "$(get "$n" type host)" = host ]; then
		tap_results "$n" "$logs/$n.out"
		plan=$?
	fi
	run_result "$n" $plan $rc "$logs/$n.rig"
}

run_unit() {	# NAME
	local n=$1 plan rc
	timeout -k 5 "$(get "$n" timeout 120)" \
		bash -c "$(get "$n" command false)" \
		> "$logs/$n.out" 2> "$logs/$n.rig" < /dev/null
	rc=$?
	tap_results "$n" "$logs/$n.out"
	plan=$?
	# A program that counted failures may say so by its exit code as well.
	if [ $plan = 0 ] && grep -q '^not ok' "$logs/$n.out"; then
		rc=0
	fi
	run_result "$n" $plan $rc "$logs/$n.rig"
}

# name vcpus memory cpu cmdline reason of the payloads of NAME
payloads_of() {	# NAME KIND
	local want cpu p
	want=$(get "$1" payloads '*') cpu=$(get "$1" cpu -)
	set -f
	awk -v kind="$2" -v cpu="$cpu" '
	!/^#/ && NF >= 6 && $6 == kind && $4 == cpu {
		line = $1 " " $2 " " $3 " " $4 " " $5
		for (i = 7; i <= NF; i++)
			line = line " " $i
		print line
	}' "$build/guests/payloads.list" |
	while read -r p rest; do
		for w in $want; do
			# shellcheck disable=SC2053 # patterns are meant
			if [[ $p == $w && $p == $only ]]; then
				echo "$p $rest"
				break
			fi
		done
	done
	set +f
}

# What the emulated CPU cannot do in a VM: only that the payload is right.
run_bare() {	# NAME DIR
	local name vcpus memory cpu cmdline why rc
	payloads_of "$1" bare | while read -r name vcpus memory cpu cmdline why; do
		tests/run/bare.sh "$build/guests/${name%%-*}.elf" "$vcpus" \
			"$memory" "$cpu" "$cmdline" "$(get "$1" each 30)" \
			> "$2/$name.bare"
		rc=$?
		if [ $rc = 1 ]; then
			echo "ok - $1/$name # SKIP bare machine only: $why"
		else
			echo "not ok - $1/$name: on the bare machine it ended with $rc"
		fi
	done
}

run_diff() {	# NAME
	local n=$1 each dir name vcpus memory cpu cmdline rc
	each=$(get "$n" each 30) dir=$logs/$n.d
	rm -rf "$dir"
	mkdir -p "$dir"
	if [ "$(get "$n" kind diff)" = diff ]; then
		run_bare "$n" "$dir" | tee "$dir/bare"
	fi
	payloads_of "$n" "$(get "$n" kind diff)" > "$dir/list"
	if [ ! -s "$dir/list" ]; then
		[ -s "$dir/bare" ] ||
			echo "not ok - $n: run: no payload fits this stanza"
		return
	fi
	if [ "$(get "$n" kind diff)" = diff ]; then
		while read -r name vcpus memory cpu cmdline; do
			tests/run/bare.sh "$build/guests/${name%%-*}.elf" "$vcpus" \
				"$memory" "$cpu" "$cmdline" "$each" \
				> "$dir/$name.bare"
			echo $? > "$dir/$name.barerc"
		done < "$dir/list"
	fi
	host_args "$n"
	tests/run/host.sh "${args[@]}" -- "guestrun $each $(get "$n" exec '') <<'END'
$(cut -d' ' -f1-3,5- "$dir/list")
END" > /dev/null 2> "$logs/$n.rig"
	rc=$?
	tr -d '\r' < "$logs/$n.out" | awk -v dir="$dir" '
	/^@begin / { base = dir "/" $2; printf "" > (base ".report"); next }
	/^@end / { print $3 > (base ".rc"); close(base ".report"); next }
	/^\|/ { print substr($0, 2) > (base ".report") }
	/^!/ { print substr($0, 2) > (base ".said") }'
	while read -r name vcpus memory cpu cmdline; do
		"judge_$(get "$n" kind diff)" "$n" "$name" "$dir/$name"
	done < "$dir/list"
	run_result "$n" 0 $rc "$logs/$n.rig"
}

judge_diff() {	# STANZA PAYLOAD BASE
	local rc barerc
	rc=$(cat "$3.rc" 2>/dev/null)
	barerc=$(cat "$3.barerc")
	if [ $((barerc % 2)) = 0 ] || [ ! -s "$3.bare" ]; then
		echo "not ok - $1/$2: on the bare machine it ended with $barerc"
	elif [ -z "$rc" ]; then
		echo "not ok - $1/$2: no report; the host did not get that far"
	elif [ "$rc" != "$barerc" ]; then
		echo "not ok - $1/$2: exit code $rc, bare machine $barerc"
	elif ! cmp -s "$3.bare" "$3.report"; then
		echo "not ok - $1/$2: the report differs"
	elif [ "$barerc" != 1 ]; then
		echo "not ok - $1/$2: reports its own failure ($barerc)"
	else
		echo "ok - $1/$2"
		return
	fi
	[ ! -e "$3.said" ] || sed 's/^/# ddctl: /' "$3.said" | tail -n 5
	diff -u --label bare --label vamhost "$3.bare" "$3.report" 2>/dev/null |
		head -n 24 | sed 's/^/# /'
}

# The machine may die, by its own hand or by vamhost's with a sentence.
judge_hostile() {	# STANZA PAYLOAD BASE
	local rc
	rc=$(cat "$3.rc" 2>/dev/null)
	case $rc in
	'') echo "not ok - $1/$2: no report; the host did not get that far" ;;
	124) echo "ok - $1/$2: stopped by its time-out" ;;
	125) if [ -s "$3.said" ]; then
			echo "ok - $1/$2: $(head -n 1 "$3.said")"
		else
			echo "not ok - $1/$2: killed without a sentence"
		fi ;;
	*[13579]) [ "$rc" -lt 128 ] && echo "ok - $1/$2: ended with $rc" ||
		echo "not ok - $1/$2: ddctl ended with $rc" ;;
	*) echo "not ok - $1/$2: ddctl ended with $rc"
		[ ! -e "$3.said" ] || sed 's/^/# ddctl: /' "$3.said" ;;
	esac
}

# skip = issue N, until YYYY-MM-DD: reason
skipped() {	# NAME
	local why until
	why=$(get "$1" skip '')
	[ -n "$why" ] || return 1
	until=$(sed -n 's/.*until \([0-9-]\{10\}\):.*/\1/p' <<< "$why")
	if [ -z "$until" ] || ! grep -q 'issue [0-9]' <<< "$why"; then
		echo "not ok - $1: run: skip without issue and end date: $why"
	elif [[ $(date +%F) > $until ]]; then
		echo "not ok - $1: run: skipped for too long: $why"
	else
		echo "ok - $1: run # SKIP $why"
	fi
}

run_stanza() {	# NAME
	skipped "$1" && return
	local try
	for try in 1 2; do
		run_once "$1" > "$logs/$1.try"
		# The one failure that is known not to be ours, tests/README.md.
		grep -qs 'emulator is stuck' "$logs/$1.rig" || break
		echo "# $1: the emulator was stuck in a stale breakpoint"
	done
	cat "$logs/$1.try"
	rm -f "$logs/$1.try"
}

run_once() {	# NAME
	case $(get "$1" type host) in
	host|shell) run_host "$1" ;;
	unit) run_unit "$1" ;;
	diff) run_diff "$1" ;;
	*) echo "not ok - $1: run: unknown type $(get "$1" type host)" ;;
	esac
}

# --- running them ------------------------------------------------------------

read_matrix
queue=()
for name in "${names[@]}"; do
	# shellcheck disable=SC2053 # a pattern is meant
	[[ $name == $pattern ]] && queue+=("$name")
done
if [ -n "$list" ]; then
	printf '%s\n' ${queue[@]+"${queue[@]}"}
	exit 0
fi

number=0 passed=0 failed=0 skips=0
declare -A running=() started=()
failures=()
begin=$SECONDS
next_beat=$((SECONDS + 30))
tty=
[ -t 2 ] && tty=1

# Each run is a process group of its own, so that it can be stopped as one.
set -m
stop() {
	trap '' INT TERM
	for name in "${!running[@]}"; do
		kill -TERM -- "-${running[$name]}" 2>/dev/null
	done
	wait
	exit 130
}
trap stop INT TERM HUP

progress() {
	local text name
	text="[$((SECONDS - begin)) s] $passed passed, $failed failed"
	text+=", ${#queue[@]} waiting; running:"
	for name in "${!running[@]}"; do
		text+=" $name ($((SECONDS - started[$name])) s)"
	done
	if [ -n "$tty" ]; then
		printf '\r\033[K%s' "${text:0:$((${COLUMNS:-80} - 1))}" >&2
	elif [ $SECONDS -ge $next_beat ]; then
		next_beat=$((SECONDS + 30))
		echo "$text" >&2
	fi
}

finish() {	# NAME
	local line
	[ -z "$tty" ] || printf '\r\033[K' >&2
	if ! grep -q '^\(not \)\?ok' "$logs/$1.tap"; then
		echo "not ok - $1: run: no result at all" >> "$logs/$1.tap"
	fi
	while IFS= read -r line; do
		case $line in
		'not ok - '*) number=$((number + 1)) failed=$((failed + 1))
			failures+=("${line#not ok - }")
			line="not ok $number - ${line#not ok - }" ;;
		'ok - '*) number=$((number + 1))
			case $line in
			*'# SKIP'*|*'# skip'*) skips=$((skips + 1)) ;;
			*) passed=$((passed + 1)) ;;
			esac
			line="ok $number - ${line#ok - }" ;;
		esac
		printf '%s\n' "$line"
	done < "$logs/$1.tap"
	echo "# $1 took $((SECONDS - started[$1])) s"
}

echo "TAP version 13"
while [ ${#queue[@]} -gt 0 ] || [ ${#running[@]} -gt 0 ]; do
	while [ ${#queue[@]} -gt 0 ] && [ ${#running[@]} -lt "$jobs" ]; do
		name=${queue[0]}
		queue=("${queue[@]:1}")
		rm -f "$logs/$name".{tap,out,rig,console,qemu}
		started[$name]=$SECONDS
		(set +m; run_stanza "$name") > "$logs/$name.tap" < /dev/null &
		running[$name]=$!
	done
	for name in "${!running[@]}"; do
		if ! kill -0 "${running[$name]}" 2>/dev/null; then
			wait "${running[$name]}" 2>/dev/null
			unset "running[$name]"
			finish "$name"
		fi
	done
	progress
	sleep 0.2
done
[ -z "$tty" ] || printf '\r\033[K' >&2

echo "1..$number"
if [ ${#failures[@]} -gt 0 ]; then
	echo "# failed:"
	printf '#   %s\n' "${failures[@]}"
fi
echo "# $((SECONDS - begin)) s"
if [ $number = 0 ]; then
	echo "check: nothing in $matrix is called $pattern" >&2
	failed=1
fi
echo "$passed passed, $failed failed, $skips skipped"
[ $failed = 0 ]
exit
}
