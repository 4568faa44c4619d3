/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build.h"

#include "backend.h"

#include "ipset.h"
#include "iptc.h"
#include "nft.h"
#include "none.h"

static const struct backend *const table[] = {
    [CONFIG_IPTC] = &iptc_backend,
#ifdef HAVE_LIBIPSET
    [CONFIG_IPSET] = &ipset_backend,
#endif
#ifdef HAVE_LIBNFTABLES
    [CONFIG_NFT] = &nft_backend,
#endif
    [CONFIG_NONE] = &none_backend,
};

const struct backend *backend_of(uint32_t kind)
{
	return kind < sizeof(table) / sizeof(*table) ? table[kind] : NULL;
}
