// SPDX-License-Identifier: GPL-2.0
/*
 * core/pin.c - the sum of all pin ledgers
 *
 * A VM's own ledger goes with it. This one stays, so that a test can see after
 * the last VM that nothing was left behind.
 *
 * Layer:    core.
 * Locks:    none; atomic counters.
 */
#include "core/pin.h"

struct vam_pin_ledger vam_pin_total;
