/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backend.h"

#include "iptc.h"
#include "none.h"

static const struct backend *const table[] = {
    [CONFIG_IPTC] = &iptc_backend,
    [CONFIG_NONE] = &none_backend,
};

const struct backend *backend_of(uint32_t kind)
{
	return kind < sizeof(table) / sizeof(*table) ? table[kind] : NULL;
}
