/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nft.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clocks.h"
#include "family.h"
#include "living.h"
#include "log.h"
#include "nfnetlink.h"
#include "nftdump.h"
#include "nftwrite.h"
#include "sets.h"

enum { SEND_BUFFER = 8 * 1024 * 1024 }; /* for all that may live, in one transaction */

struct family {
	bool v4, absent;
	const char *type, *word;
	struct nftdump_table table;
	char set[CONFIG_SET];
	bool asked; /* by a rule, when we last looked */
};

static struct family families[] = {
    {.v4 = true, .type = "ipv4_addr", .word = "ip"},
    {.v4 = false, .type = "ipv6_addr", .word = "ip6"},
};
static struct {
	struct nft_ctx *library;
	struct mnl_socket *socket;
	bool within; /* libnftables */
	/* At this generation all was right; as long as there were no changes but ours, it is. */
	uint32_t sound_at, ours;
} nft;

#define EACH_FAMILY(family)               \
	struct family *family = families; \
	family < families + 2;            \
	family++

/* ---- the sets ---- */

static int no_kernel(const char *what, struct error *error)
{
	return error_set(error, "%s: %s; is the kernel's module there: `modprobe nf_tables'?", what,
			 strerror(errno));
}

static int no_table(const struct family *family, struct error *error)
{
	return error_set(
	    error,
	    "there is no table %s in nftables: load this host's ruleset first, or "
	    "name its table in the configuration; `nft list tables' shows which there are",
	    family->table.text);
}

/* It ends the process where it has no memory, and says so on standard error, which nobody hears. */
static void tell_end(void)
{
	if (nft.within)
		log_error("libnftables has ended this process, which it does without memory");
}

static int run(const char *text)
{
	nft.within = true;
	int result = nft_run_cmd_from_buffer(nft.library, text);
	nft.within = false;
	return result;
}

/* By libnftables, in the language of nft. */
static int make_set(const struct family *family, const char *set, struct error *error)
{
	char text[256];
	const char *why;

	snprintf(text, sizeof(text),
		 "add set %s %s { type %s . inet_proto . inet_service; flags timeout; }",
		 family->table.text, set, family->type);
	if (run(text) == 0)
		return 0;
	why = nft_ctx_get_error_buffer(nft.library);
	return error_set(error, "cannot make the set %s in the table %s: %.*s", set,
			 family->table.text, (int)strcspn(why, "\n"), why);
}

static int not_ours(const struct family *family, struct error *error)
{
	return error_set(error,
			 "the set %s in the table %s is not { type %s . inet_proto . "
			 "inet_service; flags timeout; }: change it, or name another in the "
			 "configuration",
			 family->set, family->table.text, family->type);
}

static int need_table(const struct family *family, struct error *error)
{
	if (nftdump_table(nft.socket, &family->table) == 0)
		return 0;
	return errno == ENOENT ? no_table(family, error)
			       : no_kernel("cannot read the tables of nftables", error);
}

/* One of another kind is not to be written to. */
static int check_set(const struct family *family, bool *exists, struct error *error)
{
	bool fit;

	if (need_table(family, error) == -1)
		return -1;
	*exists = nftdump_set(&fit, nft.socket, &family->table, family->set, family->v4) == 0;
	if (*exists)
		return fit ? 0 : not_ours(family, error);
	return errno == ENOENT
		   ? 0
		   : error_set(error, "cannot read the set %s: %s", family->set, strerror(errno));
}

/* Made if it is not there. */
static int need_set(const struct family *family, struct error *error)
{
	bool exists;

	if (check_set(family, &exists, error) == -1)
		return -1;
	return exists ? 0 : make_set(family, family->set, error);
}

/* With a trial, so that it has all that it needs before it may open nothing more. */
static int start_library(struct error *error)
{
	atexit(tell_end);
	nft.within = true;
	nft.library = nft_ctx_new(NFT_CTX_DEFAULT);
	nft.within = false;
	if (nft.library == NULL || nft_ctx_buffer_error(nft.library) != 0 ||
	    nft_ctx_buffer_output(nft.library) != 0)
		return error_set(error, "libnftables has no memory");
	nft_ctx_set_dry_run(nft.library, true);
	if (make_set(&families[0], "postern-trial", error) == -1)
		return -1;
	nft_ctx_set_dry_run(nft.library, false);
	return 0;
}

static void enlarge(int fd)
{
	const int size = SEND_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) == -1)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static int start(const struct config *config, int lock, struct error *error)
{
	(void)lock;
	if (sets_start(error) == -1)
		return -1;
	if (!nftdump_name(&families[0].table, config->table) ||
	    !nftdump_name(&families[1].table,
			  config->table6[0] != '\0' ? config->table6 : config->table))
		return error_set(error, "tables of no family");
	snprintf(families[0].set, sizeof(families[0].set), "%s", config->set4);
	snprintf(families[1].set, sizeof(families[1].set), "%s", config->set6);
	nft.socket = nfnetlink_open();
	if (nft.socket == NULL)
		return no_kernel("cannot open a socket to netfilter", error);
	enlarge(mnl_socket_get_fd(nft.socket));
	if (need_table(&families[0], error) == -1)
		return -1;
	if (start_library(error) == -1)
		return -1;
	for (EACH_FAMILY(family)) {
		bool exists;
		family->absent = family_absent(family->v4);
		if (!family->absent && check_set(family, &exists, error) == -1)
			return -1;
	}
	return 0;
}

/* ---- commit ---- */

static int failed(struct error *error)
{
	return error_set(error, "cannot write to the sets of the table %s: %s%s",
			 families[0].table.text, strerror(errno),
			 errno == EMSGSIZE ? "; raise the sysctl net.core.wmem_max"
			 : errno == ENFILE ? "; the set is full: give it a greater size, or none"
					   : "");
}

/* With all, each is; else the one whose doors open or close. */
static bool is_concerned(const struct family *family, const struct rules *rules)
{
	return !family->absent &&
	       (rules->all || family_any(rules->opened, rules->n_opened, family->v4) ||
		family_any(rules->closed, rules->n_closed, family->v4));
}

static int rewrite(const struct rules *rules, struct error *error)
{
	struct rules all = *rules;

	all.all = true;
	nft.sound_at = 0;
	for (EACH_FAMILY(family))
		if (is_concerned(family, rules) && need_set(family, error) == -1)
			return -1;
	nftwrite_begin();
	for (EACH_FAMILY(family)) {
		size_t n;
		const struct sets_element *list;
		if (!is_concerned(family, rules))
			continue;
		list = sets_take(&all, family->v4, &n);
		nftwrite_flush(&family->table, family->set);
		nftwrite_put(&family->table, family->set, family->v4, list, n, clocks_boot_ms());
	}
	return nftwrite_commit(nft.socket) == 0 ? 0 : failed(error);
}

/* 0, or -1 with errno. */
static int edit(const struct rules *rules)
{
	bool any = false;

	nftwrite_begin();
	for (EACH_FAMILY(family)) {
		size_t n;
		const struct sets_element *list;
		if (!is_concerned(family, rules))
			continue;
		list = sets_take(rules, family->v4, &n);
		nftwrite_remove(&family->table, family->set, family->v4, list, n);
		nftwrite_put(&family->table, family->set, family->v4, list, n, clocks_boot_ms());
		any = true;
	}
	if (any && nftwrite_commit(nft.socket) == -1)
		return -1;
	nft.ours += any;
	return 0;
}

static int commit(const struct rules *rules, struct error *error)
{
	int result;

	if (!rules->all && edit(rules) == 0)
		return 0;
	/* A set that is not there is made, and has all of its family at once. */
	result = rules->all || errno == ENOENT ? rewrite(rules, error) : failed(error);
	if (result == -1)
		sets_forget();
	return result;
}

/* ---- look ---- */

static enum backend_state unreadable(const struct family *family, struct error *error)
{
	if (errno != ENOENT) {
		error_set(error, "cannot read the set %s: %s", family->set, strerror(errno));
		return BACKEND_UNREADABLE;
	}
	if (nftdump_table(nft.socket, &family->table) == -1) {
		no_table(family, error);
		return BACKEND_UNREADABLE;
	}
	error_set(error, "the set %s is not there", family->set);
	return BACKEND_GONE;
}

static enum backend_state look_family(const struct family *family, const struct rules *rules,
				      struct error *error)
{
	struct sets_look looking;
	struct nftdump_elements elements = {sets_look_at, &looking};
	bool fit;

	sets_look(&looking, rules, clocks_boot_ms());
	if (nftdump_set(&fit, nft.socket, &family->table, family->set, family->v4) == -1)
		return unreadable(family, error);
	if (!fit) {
		not_ours(family, error);
		return BACKEND_UNREADABLE;
	}
	if (nftdump_elements(&elements, nft.socket, &family->table, family->set) == -1)
		return unreadable(family, error);
	if (!sets_look_end(&looking, family->v4)) {
		error_set(error, "the set %s is not as it was written", family->set);
		return BACKEND_CHANGED;
	}
	return BACKEND_SOUND;
}

/* Where both families have one table, it is read once. */
static enum backend_state look_at_use(struct error *error)
{
	struct nftdump_use use = {.sets = {families[0].set, families[1].set}};

	for (EACH_FAMILY(family)) {
		size_t i = (size_t)(family - families);
		bool again = i > 0 && strcmp(family->table.text, families[0].table.text) == 0;
		if (family->absent)
			continue;
		if (!again && nftdump_use(&use, nft.socket, &family->table) == -1) {
			error_set(error, "cannot read the rules of the table %s: %s",
				  family->table.text, strerror(errno));
			return BACKEND_UNREADABLE;
		}
		family->asked = use.used[i];
	}
	return BACKEND_SOUND;
}

/* All of it: sets, elements, rules. */
static enum backend_state look_at_all(const struct rules *rules, struct error *error)
{
	enum backend_state found = look_at_use(error);

	for (EACH_FAMILY(family)) {
		struct error why = {""};
		if (!family->absent)
			family_find(&found, error, look_family(family, rules, &why), &why);
	}
	return found;
}

static enum backend_state judge_use(const struct rules *rules, struct error *error)
{
	for (EACH_FAMILY(family)) {
		if (family->absent || family->asked ||
		    !family_any(rules->living, rules->n_living, family->v4))
			continue;
		error_set(error,
			  "no rule of the table %s asks the set %s, so no grant opens anything: "
			  "`nft insert rule %s input ct state new %s saddr . meta l4proto . th "
			  "dport @%s accept', best after the rule for established",
			  family->table.text, family->set, family->table.text, family->word,
			  family->set);
		return BACKEND_NO_JUMP;
	}
	return BACKEND_SOUND;
}

/* Nothing is read again where nobody but us has changed anything. */
static enum backend_state look(const struct rules *rules, struct error *error)
{
	uint32_t before = 0, after = 0;
	enum backend_state found;

	if (nftdump_generation(&before, nft.socket) == -1) {
		error_set(error, "cannot ask nftables for its changes: %s", strerror(errno));
		return BACKEND_UNREADABLE;
	}
	if (nft.sound_at == 0 || before != nft.sound_at + nft.ours) {
		nft.sound_at = 0;
		found = look_at_all(rules, error);
		if (found != BACKEND_SOUND)
			return found;
		if (nftdump_generation(&after, nft.socket) == -1 || after != before)
			return judge_use(rules, error);
		nft.sound_at = before;
		nft.ours = 0;
	}
	return judge_use(rules, error);
}

const struct backend nft_backend = {.name = "nft", .start = start, .commit = commit, .look = look};
