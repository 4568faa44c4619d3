/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipset.h"

#include <errno.h>
#include <libipset/data.h>
#include <libipset/session.h>
#include <libipset/types.h>
#include <stdio.h>
#include <string.h>

#include "clocks.h"
#include "family.h"
#include "ipsetdump.h"
#include "living.h"
#include "log.h"
#include "nfnetlink.h"
#include "sets.h"

#define TYPE "hash:ip,port"

_Static_assert(IPSET_ELEMENTS == 2 * LIVING_MAX,
	       "room for all grants twice: those of others are in there, until they are found");

struct family {
	bool v4, absent;
	uint8_t number; /* NFPROTO_… */
	const char *command, *word;
	char set[IPSET_MAXNAMELEN], making[IPSET_MAXNAMELEN];
};

static struct family families[] = {
    {.v4 = true, .number = NFPROTO_IPV4, .command = "iptables", .word = "inet"},
    {.v4 = false, .number = NFPROTO_IPV6, .command = "ip6tables", .word = "inet6"},
};
static struct {
	struct ipset_session *session; /* writes */
	struct mnl_socket *socket;     /* reads */
} ipset;

#define EACH_FAMILY(family)               \
	struct family *family = families; \
	family < families + 2;            \
	family++

/* ---- one command ---- */

/* libipset prints nothing of what we have it do. */
static int print_nothing(struct ipset_session *session, void *data, const char *format, ...)
{
	(void)session;
	(void)data;
	(void)format;
	return 0;
}

static int failed(const char *what, const char *set, struct error *error)
{
	const char *report = ipset_session_report_msg(ipset.session);

	if (report == NULL || report[0] == '\0') /* as where its socket fails */
		report = errno != 0 ? strerror(errno) : "libipset does not say why";
	error_set(error, "cannot %s the set %s: %.*s", what, set, (int)strcspn(report, "\n"),
		  report);
	/* An answer that could not be read is still there, and each from now on would be one too late. */
	if (errno == EPROTO)
		log_fatal(
		    "%s: libipset and the kernel are out of step; ending, to be started again",
		    error->text);
	ipset_session_report_reset(ipset.session);
	ipset_data_reset(ipset_session_data(ipset.session));
	return -1;
}

static bool put(enum ipset_opt option, const void *value)
{
	return ipset_session_data_set(ipset.session, option, value) == 0;
}

/* Names the set, and has libipset find out what it is. */
static bool name(enum ipset_cmd command, const char *set)
{
	return put(IPSET_SETNAME, set) && ipset_type_get(ipset.session, command) != NULL;
}

static int create(const struct family *family, const char *set, struct error *error)
{
	const uint32_t most = IPSET_ELEMENTS, seconds = IPSET_SECONDS;

	if (put(IPSET_SETNAME, set) && put(IPSET_OPT_TYPENAME, TYPE) &&
	    put(IPSET_OPT_FAMILY, &family->number) &&
	    ipset_type_get(ipset.session, IPSET_CMD_CREATE) != NULL &&
	    put(IPSET_OPT_TIMEOUT, &seconds) && put(IPSET_OPT_MAXELEM, &most) &&
	    ipset_cmd(ipset.session, IPSET_CMD_CREATE, 0) == 0)
		return 0;
	return failed("make", set, error);
}

static int destroy(const char *set, struct error *error)
{
	if (put(IPSET_SETNAME, set) && ipset_cmd(ipset.session, IPSET_CMD_DESTROY, 0) == 0)
		return 0;
	return failed("remove", set, error);
}

static int swap(const char *set, const char *other, struct error *error)
{
	if (put(IPSET_SETNAME, set) && put(IPSET_OPT_SETNAME2, other) &&
	    ipset_cmd(ipset.session, IPSET_CMD_SWAP, 0) == 0)
		return 0;
	return failed("replace", set, error);
}

/* Whole seconds: rounded down. 0, which would be for ever, is no time to write. */
static uint32_t seconds_left(const struct sets_element *element, uint64_t now_ms)
{
	return element->until_ms <= now_ms ? 0 : (uint32_t)((element->until_ms - now_ms) / 1000);
}

/* Many go in one message, until something else comes. */
static bool change(enum ipset_cmd command, const struct family *family, const char *set,
		   const struct sets_element *element, uint32_t seconds)
{
	const void *address = element->address.bytes + (family->v4 ? 12 : 0);

	return name(command, set) && put(IPSET_OPT_FAMILY, &family->number) &&
	       put(IPSET_OPT_IP, address) && put(IPSET_OPT_PROTO, &element->door.proto) &&
	       put(IPSET_OPT_PORT, &element->door.port) &&
	       (command == IPSET_CMD_DEL || put(IPSET_OPT_TIMEOUT, &seconds)) &&
	       ipset_cmd(ipset.session, command, 1) == 0;
}

/* Those that must be there, or those that must not. */
static bool change_all(enum ipset_cmd command, const struct family *family, const char *set,
		       const struct sets_element *list, size_t n)
{
	uint64_t now_ms = clocks_boot_ms();

	for (size_t i = 0; i < n; i++) {
		uint32_t seconds = seconds_left(&list[i], now_ms);
		if ((seconds > 0) == (command == IPSET_CMD_ADD) &&
		    !change(command, family, set, &list[i], seconds))
			return false;
	}
	return ipset_commit(ipset.session) == 0;
}

/* ---- is the set ours? ---- */

/* One of another kind is not to be written to: there an address alone may open all. */
static int check_set(const struct family *family, bool *exists, struct error *error)
{
	struct ipsetdump dump = {.each = NULL};
	int result = ipsetdump_read(&dump, ipset.socket, family->set);

	*exists = result == 0;
	if (result == -1 && errno == ENOENT)
		return 0;
	if (result == -1)
		return error_set(error, "cannot read the set %s: %s", family->set, strerror(errno));
	if (strcmp(dump.type, TYPE) != 0 || dump.family != family->number)
		return error_set(error,
				 "the set %s is there and is no %s of the family %s: `ipset rename "
				 "%s other', or name another in the configuration",
				 family->set, TYPE, family->word, family->set);
	return 0;
}

static int no_kernel(const char *what, struct error *error)
{
	return error_set(error,
			 "%s; are the kernel's modules there: `modprobe -a ip_set "
			 "ip_set_hash_ipport xt_set'?",
			 what);
}

/* One is made and removed, so that the kernel loads what it lacks now, and libipset has all that it
 * needs before it may open nothing more. */
static int start_family(struct family *family, struct error *error)
{
	char trial[IPSET_MAXNAMELEN]; /* not what another of us, who works, may be making */
	struct error unwanted;
	bool exists;

	snprintf(trial, sizeof(trial), "%.25s-trial", family->set);
	family->absent = family_absent(family->v4);
	if (family->absent)
		return 0;
	destroy(trial, &unwanted);
	if (create(family, trial, error) == -1)
		return no_kernel(error->text, error);
	if (destroy(trial, error) == -1)
		return -1;
	return check_set(family, &exists, error);
}

static int no_socket(struct error *error)
{
	char what[128];

	snprintf(what, sizeof(what), "cannot open a socket to netfilter: %s", strerror(errno));
	return no_kernel(what, error);
}

static int start(const struct config *config, int lock, struct error *error)
{
	(void)lock;
	if (sets_start(error) == -1)
		return -1;
	ipset.socket = nfnetlink_open();
	if (ipset.socket == NULL)
		return no_socket(error);
	ipset_load_types();
	ipset.session = ipset_session_init(print_nothing, NULL);
	if (ipset.session == NULL)
		return error_set(error, "libipset has no memory");
	ipset_envopt_set(ipset.session, IPSET_ENV_EXIST);
	snprintf(families[0].set, sizeof(families[0].set), "%s", config->set4);
	snprintf(families[1].set, sizeof(families[1].set), "%s", config->set6);
	for (EACH_FAMILY(family)) {
		snprintf(family->making, sizeof(family->making), "%.27s-new", family->set);
		if (start_family(family, error) == -1)
			return -1;
	}
	return 0;
}

/* ---- commit ---- */

/* A set of what lives takes the place of the one that is there, all at once. */
static int rewrite(const struct family *family, const struct rules *rules, struct error *error)
{
	struct rules all = *rules;
	struct error unwanted;
	const struct sets_element *list;
	bool exists;
	size_t n;

	all.all = true;
	list = sets_take(&all, family->v4, &n);
	destroy(family->making, &unwanted);
	if (check_set(family, &exists, error) == -1 ||
	    (!exists && create(family, family->set, error) == -1) ||
	    create(family, family->making, error) == -1)
		return -1;
	if (!change_all(IPSET_CMD_ADD, family, family->making, list, n))
		return failed("fill", family->making, error);
	if (swap(family->making, family->set, error) == -1)
		return -1;
	return destroy(family->making, error);
}

/* Messages are small, so some of the elements may be there when one fails: they go again. Those that
 * were there before are put right when all is written anew. */
static int edit(const struct family *family, const struct sets_element *list, size_t n,
		struct error *error)
{
	if (change_all(IPSET_CMD_DEL, family, family->set, list, n) &&
	    change_all(IPSET_CMD_ADD, family, family->set, list, n))
		return 0;
	failed("write to", family->set, error);
	for (size_t i = 0; i < n; i++)
		change(IPSET_CMD_DEL, family, family->set, &list[i], 0);
	ipset_commit(ipset.session);
	ipset_session_report_reset(ipset.session);
	return -1;
}

static int commit_family(const struct family *family, const struct rules *rules,
			 struct error *error)
{
	size_t n;
	const struct sets_element *list;
	bool exists;

	if (rules->all)
		return rewrite(family, rules, error);
	list = sets_take(rules, family->v4, &n);
	if (n == 0)
		return 0;
	if (check_set(family, &exists, error) == -1)
		return -1;
	/* A set that is not there is made, and has all at once. */
	return exists ? edit(family, list, n, error) : rewrite(family, rules, error);
}

static int commit(const struct rules *rules, struct error *error)
{
	int result = 0;

	errno = 0;
	for (EACH_FAMILY(family))
		if (!family->absent && result == 0)
			result = commit_family(family, rules, error);
	if (result == -1)
		sets_forget();
	return result;
}

/* ---- look ---- */

static enum backend_state judge(const struct family *family, const struct ipsetdump *dump,
				bool changed, bool living, struct error *error)
{
	if (changed || !dump->timeouts || strcmp(dump->type, TYPE) != 0 ||
	    dump->family != family->number) {
		error_set(error, "the set %s is not as it was written", family->set);
		return BACKEND_CHANGED;
	}
	if (!living || dump->references > 0)
		return BACKEND_SOUND;
	error_set(
	    error,
	    "no rule of %s asks the set %s, so no grant opens anything: `%s -I INPUT -m "
	    "conntrack --ctstate NEW -m set --match-set %s src,dst -j ACCEPT', best after the "
	    "rule for ESTABLISHED",
	    family->command, family->set, family->command, family->set);
	return BACKEND_NO_JUMP;
}

static enum backend_state look_family(const struct family *family, const struct rules *rules,
				      struct error *error)
{
	struct sets_look looking;
	struct ipsetdump dump = {.each = sets_look_at, .data = &looking};

	sets_look(&looking, rules, clocks_boot_ms());
	if (ipsetdump_read(&dump, ipset.socket, family->set) == -1) {
		error_set(error, "cannot read the set %s: %s", family->set, strerror(errno));
		if (errno != ENOENT)
			return BACKEND_UNREADABLE;
		error_set(error, "the set %s is not there", family->set);
		return BACKEND_GONE;
	}
	return judge(family, &dump, !sets_look_end(&looking, family->v4),
		     family_any(rules->living, rules->n_living, family->v4), error);
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

const struct backend ipset_backend = {
    .name = "ipset", .least_ms = 1500, .start = start, .commit = commit, .look = look};
