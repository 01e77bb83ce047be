// SPDX-License-Identifier: GPL-2.0
/*
 * core/trace.c - the code behind the tracepoints
 *
 * Layer:    core.
 * Not here: the events, trace.h.
 */
#define CREATE_TRACE_POINTS
#include "core/trace.h"
