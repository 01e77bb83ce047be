#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# format.sh [--fix] - fail if a C file is not formatted by .clang-format
#
# With --fix the files are rewritten. Tracepoint headers are a language of
# their own, which the formatter does not know.

mode='--dry-run -Werror --ferror-limit=3'
[ "${1:-}" = --fix ] && mode=-i
find kmod userspace include tests -name '*.[ch]' -type f ! -name trace.h | sort |
	xargs clang-format --style=file $mode
