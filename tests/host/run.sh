#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# run.sh DIR TEST... - run host tests and print one TAP stream
#
# Results are renumbered across programs. A program that dies, hangs, prints no
# plan or stops before its plan counts as one more failed result; so silence
# never passes.

dir=$1
shift
total=0
failed=0

for test in "$@"; do
	log=$dir/$test.tap
	timeout "${TEST_TIMEOUT:-300}" "$dir/$test" >"$log" 2>"$dir/$test.err"
	rc=$?
	echo "# $test"
	results=$(grep -cE '^(not )?ok ' "$log")
	bad=$(grep -c '^not ok ' "$log")
	plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$log")
	awk -v n="$total" -v t="$test" '
		/^(not )?ok / {
			sub(/ok [0-9]+ - /, "ok " ++n " - " t ": ")
			print
			next
		}
		/^1\.\./ { next }
		{ print }' "$log"
	total=$((total + results))
	failed=$((failed + bad))
	if [ "$plan" != "$results" ] || { [ $rc -ne 0 ] && [ "$bad" -eq 0 ]; }
	then
		total=$((total + 1))
		failed=$((failed + 1))
		echo "not ok $total - $test: runs to its end (exit code $rc)"
		tail -n 40 "$dir/$test.err" | sed 's/^/# /'
	fi
done

echo "1..$total"
echo "# host: $((total - failed)) passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$total" -gt 0 ]
