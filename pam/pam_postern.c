/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pam_postern: may this login go on, or has its address not knocked? Reads its options, asks the
 * daemon, decides. Whatever is not a plain yes is a no, and logged with its reason. It keeps no
 * state between calls, sets no signal handler and waits for two seconds at most.
 */
#include <limits.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "address.h"
#include "check.h"
#include "door.h"
#include "encoding.h"
#include "network.h"
#include "paths.h"
#include "when.h"

enum { NETWORKS = 32 };

struct options {
	const char *socket;
	struct door door;
	uint32_t max_age_s;
	bool any_door, has_max_age, match_user, consume, local, debug;
	struct network allow[NETWORKS];
	size_t n_allow;
};

struct login {
	pam_handle_t *pamh;
	const char *service, *user, *host;
	struct address address;
};

static int deny(const struct login *login, const char *reason, const char *detail)
{
	char user[ENCODING_PERCENT_TEXT(64)], host[ENCODING_PERCENT_TEXT(64)];
	char service[ENCODING_PERCENT_TEXT(32)];
	encoding_percent_encode(user, sizeof user, login->user);
	encoding_percent_encode(host, sizeof host, login->host);
	encoding_percent_encode(service, sizeof service, login->service);
	pam_syslog(login->pamh, LOG_NOTICE,
		   "event=denied by=pam addr=%s user=%s reason=%s service=%s%s%s", host, user,
		   reason, service, detail[0] != '\0' ? " detail=" : "", detail);
	return -1;
}

static bool parse_allow(struct options *options, const char *list)
{
	char items[1024], *rest = items, *item;
	if (strlen(list) >= sizeof items)
		return false;
	strcpy(items, list);
	while ((item = strsep(&rest, ",")) != NULL) {
		if (strcmp(item, "local") == 0)
			options->local = true;
		else if (options->n_allow == NETWORKS ||
			 network_parse(&options->allow[options->n_allow++], item, NULL) != 0)
			return false;
	}
	return true;
}

static bool parse_door(struct options *options, const char *text)
{
	options->any_door = strcmp(text, "any") == 0;
	return options->any_door || door_parse(&options->door, text, NULL) == 0;
}

/* Of no time at all: to the daemon that would be "however old". */
static bool parse_max_age(struct options *options, const char *text)
{
	options->has_max_age = true;
	return when_span_parse(&options->max_age_s, text, NULL) == 0 && options->max_age_s > 0;
}

static bool parse_option(struct options *options, const char *text)
{
	if (strncmp(text, "max_age=", 8) == 0)
		return parse_max_age(options, text + 8);
	if (strncmp(text, "door=", 5) == 0)
		return parse_door(options, text + 5);
	if (strncmp(text, "allow=", 6) == 0)
		return parse_allow(options, text + 6);
	if (strncmp(text, "socket=/", 8) == 0)
		return options->socket = text + 7, true;
	if (strcmp(text, "match_user") == 0)
		return options->match_user = true;
	if (strcmp(text, "consume") == 0)
		return options->consume = true;
	if (strcmp(text, "debug") == 0)
		return options->debug = true;
	return false;
}

static int parse_args(struct options *options, const struct login *login, int argc,
		      const char **argv)
{
	*options =
	    (struct options){.socket = PATHS_CONTROL, .door = {.port = 22, .proto = DOOR_TCP}};
	for (int i = 0; i < argc; i++)
		if (!parse_option(options, argv[i])) {
			char option[ENCODING_PERCENT_TEXT(64)];
			encoding_percent_encode(option, sizeof option, argv[i]);
			return deny(login, "bad-option", option);
		}
	return 0;
}

/* A login name goes into a line of text: nothing that could end a field or a line. */
static bool plain(const char *name)
{
	for (const char *c = name; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return false;
	return name[0] != '\0' && strlen(name) <= 256;
}

static const char *item(pam_handle_t *pamh, int type)
{
	const void *value = NULL;
	return pam_get_item(pamh, type, &value) == PAM_SUCCESS && value != NULL ? value : "";
}

static bool allowed(const struct options *options, const struct address *address)
{
	for (size_t i = 0; i < options->n_allow; i++)
		if (network_contains(&options->allow[i], address))
			return true;
	return false;
}

static int ask_daemon(const struct options *options, const struct login *login, bool consume)
{
	struct check check = {.address = login->address,
			      .user = options->match_user ? login->user : NULL,
			      .door = options->any_door ? NULL : &options->door,
			      .has_max_age = options->has_max_age,
			      .max_age_s = options->max_age_s,
			      .consume = consume,
			      .by = "pam",
			      .service = login->service,
			      .login = login->user};
	struct check_answer answer;
	bool yes = check_ask(&answer, options->socket, &check);
	if (options->debug)
		pam_syslog(login->pamh, LOG_DEBUG, "asked \"%s\", got \"%.200s\" %s",
			   answer.question, answer.line, answer.error.text);
	return yes ? 0 : deny(login, answer.reason, "");
}

static int decide(pam_handle_t *pamh, int argc, const char **argv, bool account)
{
	struct login login = {.pamh = pamh,
			      .service = item(pamh, PAM_SERVICE),
			      .user = item(pamh, PAM_USER),
			      .host = item(pamh, PAM_RHOST)};
	struct options options;
	if (parse_args(&options, &login, argc, argv) != 0)
		return -1;
	if (login.host[0] == '\0')
		return options.local ? 0 : deny(&login, "not-an-address", "");
	if (address_parse(&login.address, login.host) != 0)
		return deny(&login, "not-an-address", "");
	if (!plain(login.user))
		return deny(&login, "malformed", "");
	if (allowed(&options, &login.address))
		return 0;
	return ask_daemon(&options, &login, account && options.consume);
}

PAM_EXTERN int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	return decide(pamh, argc, argv, false) == 0 ? PAM_SUCCESS : PAM_AUTH_ERR;
}

PAM_EXTERN int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags, (void)argc, (void)argv;
	return PAM_SUCCESS;
}

PAM_EXTERN int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	return decide(pamh, argc, argv, true) == 0 ? PAM_SUCCESS : PAM_PERM_DENIED;
}
