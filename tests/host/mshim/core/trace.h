/* SPDX-License-Identifier: GPL-2.0 */
/* core/trace.h - tracepoints that nobody listens to */
#ifndef SHIM_CORE_TRACE_H
#define SHIM_CORE_TRACE_H

#define trace_vam_fault(vcpu, gva, error, verdict) ((void)(verdict))
#define trace_vam_fill(vcpu, gva, gpa, level, spte) ((void)(spte))
#define trace_vam_zap(vm, gfn, role) ((void)(vm))

#endif /* SHIM_CORE_TRACE_H */
