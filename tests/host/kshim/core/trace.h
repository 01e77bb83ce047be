/* SPDX-License-Identifier: GPL-2.0 */
/* core/trace.h - tracepoints that nobody listens to */
#ifndef SHIM_CORE_TRACE_H
#define SHIM_CORE_TRACE_H

#define trace_vam_inject(vcpu, ev) ((void)(ev))

#endif /* SHIM_CORE_TRACE_H */
