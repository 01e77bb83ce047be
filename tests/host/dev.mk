# SPDX-License-Identifier: GPL-2.0
#
# dev.mk - the device models and event delivery in user space: dev_test
#
# kshim/kernel_shim.h stands in for every kernel header that they include and
# shim/ does not have; those are generated as lines that include it.

dev-shim := $(OUT)/kshim
dev-headers := $(patsubst %,linux/%.h,atomic bcd bitops circ_buf gfp hrtimer \
	kref ktime list math64 mc146818rtc mm mutex preempt sched sizes slab \
	spinlock time vmalloc wait) \
	$(patsubst %,asm/%.h,apicdef msr msr-index processor-flags trapnr tsc)

SRCS_dev_test := lib/range.c irq/virq.c $(patsubst %,dev/%.c,bus devices \
	debugexit ioapic lapic pic pit rtc uart)
CFLAGS_dev_test := -iquote $(CURDIR)/kshim -I$(dev-shim) -I$(CURDIR)/kshim \
	-include $(CURDIR)/kshim/kernel_shim.h

$(dev-shim)/made: dev.mk
	@mkdir -p $(dev-shim)/linux $(dev-shim)/asm
	@for h in $(dev-headers); do \
		echo '#include "kernel_shim.h"' > $(dev-shim)/$$h; done
	@touch $@

$(OUT)/dev_test: $(dev-shim)/made kshim/kernel_shim.h \
	$(wildcard $(LIB)/*/*.h)
