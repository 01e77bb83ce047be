#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# shell.sh - fail if a script does not parse, or is not executable

rc=0
for f in $(find tests .ci -type f | sort); do
	case $(head -n 1 "$f" | tr -d '\0') in
	'#!/bin/sh'*) sh=dash ;;
	'#!/bin/bash'*) sh=bash ;;
	*) continue ;;
	esac
	$sh -n "$f" || rc=1
	[ -x "$f" ] || { echo "$f: not executable"; rc=1; }
done
exit $rc
