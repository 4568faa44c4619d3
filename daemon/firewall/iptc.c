/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptc.h"

#include <errno.h>
#include <linux/netfilter/x_tables.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "clocks.h"
#include "family.h"
#include "iptc4.h"
#include "iptc6.h"
#include "iptclock.h"

enum { TRIES = 20, TRY_PAUSE_MS = 3 };
enum { PREPARE_MS = 15 }; /* from one time that a table is read for an order to come to the next */

struct family {
	const struct iptcrule_family *type;
	bool absent;       /* a kernel without IPv6 */
	int64_t offset_ms; /* between the clocks, as of the last commit: what the rules say */
	struct xtc_handle *ready; /* the table, read under the lock, which is still held; or null */
};

static struct family families[] = {{.type = &iptc4_family}, {.type = &iptc6_family}};
static struct {
	char table[CONFIG_TABLE];
	xt_chainlabel chain;
	uint32_t mark;
	int lock;
	bool locked;
} iptc;

#define EACH_FAMILY(family)               \
	struct family *family = families; \
	family < families + 2;            \
	family++

/* libiptc gives some of its errors the wrong sign. */
static const char *why(const struct iptcrule_family *type)
{
	return type->ops->strerror(errno < 0 ? -errno : errno);
}

/* ---- before lockdown: is everything there? ---- */

static int ask_revision(int fd, const struct iptcrule_family *type,
			const struct iptcrule_part *part)
{
	struct xt_get_revision revision = {.revision = part->revision};
	socklen_t size = sizeof(revision);

	snprintf(revision.name, sizeof(revision.name), "%s", part->name);
	return getsockopt(fd, type->level,
			  part->target ? type->revision_target : type->revision_match, &revision,
			  &size);
}

static bool needed(const struct iptcrule_part *part, const struct config *config)
{
	if (part->target)
		return iptc.mark != 0;
	if (part->proto == 0)
		return true;
	for (uint32_t i = 0; i < config->n_doors; i++)
		if (config->doors[i].proto == part->proto)
			return true;
	return false;
}

/* The kernel loads what it lacks when asked, where it can: here, not at the first knock. */
static int check_parts(const struct iptcrule_family *type, const struct config *config,
		       struct error *error)
{
	int fd = socket(type->domain, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	int result = -1;

	if (fd == -1)
		return error_set(error, "cannot open a raw socket for %s: %s", type->command,
				 strerror(errno));
	for (size_t i = 0; i < iptcrule_n_parts; i++) {
		const struct iptcrule_part *part = &iptcrule_parts[i];

		if (needed(part, config) && ask_revision(fd, type, part) == -1) {
			error_set(error,
				  "the kernel has no %s extension `%s' (revision %u) for %s: "
				  "`modprobe %s', or a kernel with it",
				  part->target ? "target" : "match", part->name, part->revision,
				  type->command, part->module);
			goto out;
		}
	}
	result = 0;
out:
	close(fd);
	return result;
}

static int check_table(const struct iptcrule_family *type, struct error *error)
{
	struct xtc_handle *handle = type->ops->init(iptc.table);

	if (handle == NULL)
		return error_set(
		    error,
		    "cannot read the table %s of %s: %s; is the kernel's module there: "
		    "`modprobe -a %s %.*s_%s'?",
		    iptc.table, type->command, why(type), type->module,
		    (int)strlen(type->command) - 1, type->command, iptc.table);
	type->ops->free(handle);
	return 0;
}

static int start(const struct config *config, int lock, struct error *error)
{
	snprintf(iptc.table, sizeof(iptc.table), "%s", config->table);
	snprintf(iptc.chain, sizeof(iptc.chain), "%s", config->chain);
	iptc.mark = strcmp(config->table, "mangle") == 0 ? config->mark : 0;
	iptc.lock = lock;
	for (EACH_FAMILY(family)) {
		family->absent = family_absent(family->type->v4);
		if (!family->absent && (check_table(family->type, error) == -1 ||
					check_parts(family->type, config, error) == -1))
			return -1;
	}
	return 0;
}

/* ---- grants as rules ---- */

static uint32_t wall_second(uint64_t boot_ms, int64_t offset_ms)
{
	int64_t ms = (int64_t)boot_ms + offset_ms;

	return ms < 0 ? 0 : (uint32_t)(ms / 1000);
}

/* False for a rule that is no rule of this family, or would not match for a second. The stop second
 * is inclusive, and a rule never ends later than its grant. */
static bool make(struct iptcrule_entry *entry, const struct family *family, const struct rule *rule)
{
	struct iptcrule iptcrule = {.rule = rule, .mark = iptc.mark};
	uint32_t end = wall_second(rule->until_ms, family->offset_ms);

	iptcrule.start = wall_second(rule->since_ms, family->offset_ms);
	if (address_is_v4(&rule->address) != family->type->v4 || end <= iptcrule.start)
		return false;
	iptcrule.stop = end - 1;
	family->type->write(entry, &iptcrule);
	return true;
}

/* ---- commit ---- */

static bool concerned(const struct family *family, const struct rules *rules)
{
	return rules->all || family_any(rules->opened, rules->n_opened, family->type->v4) ||
	       family_any(rules->closed, rules->n_closed, family->type->v4);
}

static int fill(const struct family *family, const struct rules *rules, struct xtc_handle *handle)
{
	const struct iptcrule_family *type = family->type;
	struct iptcrule_entry entry;

	if (type->ops->is_chain(iptc.chain, handle)) {
		if (!type->ops->flush_entries(iptc.chain, handle))
			return -1;
	} else if (!type->ops->create_chain(iptc.chain, handle)) {
		return -1;
	}
	for (size_t i = 0; i < rules->n_living; i++)
		if (make(&entry, family, &rules->living[i]) &&
		    !type->append(iptc.chain, &entry, handle))
			return -1;
	return 0;
}

/* The table as it is now: nobody who takes the lock has changed it since it was read. */
static struct xtc_handle *take_table(struct family *family)
{
	struct xtc_handle *handle = family->ready;

	family->ready = NULL;
	return handle != NULL ? handle : family->type->ops->init(iptc.table);
}

/* With our chain as it must be. */
static int try_commit(struct family *family, const struct rules *rules)
{
	struct xtc_handle *handle = take_table(family);
	int result = -1, kept;

	if (handle == NULL)
		return -1;
	if (fill(family, rules, handle) == 0 && family->type->ops->commit(handle))
		result = 0;
	kept = errno;
	family->type->ops->free(handle);
	errno = kept;
	return result;
}

/* The table has changed since it was read, by one who ignores the lock; or while it was read, so
 * that its parts do not fit together. */
static bool overtaken(int code)
{
	return code == EAGAIN || code == EINVAL;
}

static int commit_family(struct family *family, const struct rules *rules, struct error *error)
{
	const struct timespec pause = {.tv_nsec = TRY_PAUSE_MS * 1000000L};
	int64_t before_ms = family->offset_ms;

	family->offset_ms = clocks_offset_ms();
	for (int i = 0; i < TRIES; i++) {
		if (try_commit(family, rules) == 0)
			return 0;
		if (!overtaken(errno))
			break;
		nanosleep(&pause, NULL);
	}
	bool gone = errno == ENOENT;
	const char *reason = why(family->type);
	family->offset_ms = before_ms;
	return error_set(error, "cannot write the chain %s in the table %s of %s: %s%s", iptc.chain,
			 iptc.table, family->type->command, reason,
			 gone ? "; if a kernel module is gone, `posternctl doctor' names it" : "");
}

static void release(void)
{
	for (EACH_FAMILY(family)) {
		if (family->ready != NULL)
			family->type->ops->free(family->ready);
		family->ready = NULL;
	}
	if (iptc.locked)
		iptclock_release(iptc.lock);
	iptc.locked = false;
}

/* Whoever asks for it without an end leaves others time to take the lock. */
static bool prepare(bool v4)
{
	static uint64_t again_ms;
	uint64_t now_ms = clocks_boot_ms();

	if (iptc.locked || now_ms < again_ms || !iptclock_try(iptc.lock))
		return false;
	again_ms = now_ms + PREPARE_MS;
	iptc.locked = true;
	for (EACH_FAMILY(family))
		if (family->type->v4 == v4 && !family->absent)
			family->ready = family->type->ops->init(iptc.table);
	return true;
}

static int commit(const struct rules *rules, struct error *error)
{
	int result = 0;

	if (!iptc.locked && iptclock_take(iptc.lock, error) == -1)
		return -1;
	iptc.locked = true;
	for (EACH_FAMILY(family))
		if (!family->absent && concerned(family, rules) && result == 0)
			result = commit_family(family, rules, error);
	release();
	return result;
}

/* ---- look ---- */

static bool chain_same(const struct family *family, const struct rules *rules,
		       struct xtc_handle *handle)
{
	const struct iptcrule_family *type = family->type;
	const void *there = type->first(iptc.chain, handle);
	struct iptcrule_entry entry;

	for (size_t i = 0; i < rules->n_living; i++) {
		if (!make(&entry, family, &rules->living[i]))
			continue;
		if (there == NULL || !type->same(&entry, there, handle))
			return false;
		there = type->next(there, handle);
	}
	return there == NULL;
}

static enum backend_state tell_no_jump(const struct family *family, struct error *error)
{
	bool filter = strcmp(iptc.table, "filter") == 0;

	error_set(
	    error,
	    "no rule of %s leads to the chain %s in the table %s, so no grant opens anything: "
	    "`%s-legacy -t %s %s INPUT -j %s'%s",
	    family->type->command, iptc.chain, iptc.table, family->type->command, iptc.table,
	    filter ? "-I" : "-A", iptc.chain,
	    filter ? ", best after the rule for ESTABLISHED" : "");
	return BACKEND_NO_JUMP;
}

static enum backend_state look_at(const struct family *family, const struct rules *rules,
				  struct xtc_handle *handle, struct error *error)
{
	const struct iptcrule_family *type = family->type;
	unsigned references = 0;

	if (!type->ops->is_chain(iptc.chain, handle)) {
		error_set(error, "the chain %s in the table %s of %s is not there", iptc.chain,
			  iptc.table, type->command);
		return BACKEND_GONE;
	}
	if (!chain_same(family, rules, handle)) {
		error_set(error, "the chain %s in the table %s of %s is not as it was written",
			  iptc.chain, iptc.table, type->command);
		return BACKEND_CHANGED;
	}
	if (family_any(rules->living, rules->n_living, family->type->v4) &&
	    (!type->references(&references, iptc.chain, handle) || references == 0))
		return tell_no_jump(family, error);
	return BACKEND_SOUND;
}

static enum backend_state look_family(const struct family *family, const struct rules *rules,
				      struct error *error)
{
	struct xtc_handle *handle = family->type->ops->init(iptc.table);
	enum backend_state state;

	if (handle == NULL) {
		error_set(error, "cannot read the table %s of %s: %s", iptc.table,
			  family->type->command, why(family->type));
		return BACKEND_UNREADABLE;
	}
	state = look_at(family, rules, handle, error);
	family->type->ops->free(handle);
	return state;
}

static enum backend_state look(const struct rules *rules, struct error *error)
{
	enum backend_state found = BACKEND_SOUND;

	for (EACH_FAMILY(family)) {
		struct error why = {""};
		if (!family->absent)
			family_find(&found, error, look_family(family, rules, &why), &why);
	}
	return found;
}

const struct backend iptc_backend = {.name = "iptc",
				     .start = start,
				     .commit = commit,
				     .prepare = prepare,
				     .release = release,
				     .look = look};
