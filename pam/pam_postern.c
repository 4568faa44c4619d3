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
#include "ask.h"
#include "door.h"
#include "encoding.h"
#include "network.h"
#include "paths.h"
#include "when.h"

enum { NETWORKS = 32, ANSWER_MS = 2000 };

struct options {
	const char *socket;
	char door[DOOR_TEXT]; /* empty: any */
	uint32_t max_age_s;
	bool has_max_age, match_user, consume, local, debug;
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
	struct door door;
	if (strcmp(text, "any") == 0) {
		options->door[0] = '\0';
		return true;
	}
	if (door_parse(&door, text, NULL) != 0)
		return false;
	door_print(options->door, &door);
	return true;
}

static bool parse_option(struct options *options, const char *text)
{
	if (strncmp(text, "max_age=", 8) == 0)
		return options->has_max_age =
			   when_span_parse(&options->max_age_s, text + 8, NULL) == 0;
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
	*options = (struct options){.socket = PATHS_CONTROL, .door = "tcp/22"};
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

/* The daemon's one line. */
struct answer {
	char line[ASK_LINE];
};

static bool take(void *context, const char *line)
{
	struct answer *answer = context;
	snprintf(answer->line, sizeof answer->line, "%s", line);
	return false;
}

static void put_question(char line[static ASK_LINE], const struct options *options,
			 const struct login *login, bool consume)
{
	char address[ADDRESS_TEXT], user[ENCODING_PERCENT_TEXT(256)];
	address_print(address, &login->address);
	encoding_percent_encode(user, sizeof user, login->user);
	int used = snprintf(line, ASK_LINE, "check %s", address);
	if (options->match_user)
		used += snprintf(line + used, (size_t)(ASK_LINE - used), " user=%s", user);
	if (options->door[0] != '\0')
		used += snprintf(line + used, (size_t)(ASK_LINE - used), " door=%s", options->door);
	if (options->has_max_age)
		used += snprintf(line + used, (size_t)(ASK_LINE - used), " max-age=%u",
				 options->max_age_s);
	if (consume)
		snprintf(line + used, (size_t)(ASK_LINE - used), " consume");
}

/* A reason as the daemon may give one; anything else from it is no answer of ours to pass on. */
static bool reason_valid(const char *reason)
{
	size_t length = strspn(reason, "abcdefghijklmnopqrstuvwxyz-");
	return length > 0 && length <= 32 && reason[length] == '\0';
}

static int ask_daemon(const struct options *options, const struct login *login, bool consume)
{
	char line[ASK_LINE];
	struct answer answer = {""};
	struct error error = {""};
	put_question(line, options, login, consume);
	enum ask_result result = ask(options->socket, line, ANSWER_MS, 0, take, &answer, &error);
	if (options->debug)
		pam_syslog(login->pamh, LOG_DEBUG, "asked \"%s\", got \"%.200s\" %s", line,
			   answer.line, error.text);
	if (result == ASK_TIMEOUT)
		return deny(login, "timeout", "");
	if (result == ASK_OK && strncmp(answer.line, "yes key=", 8) == 0)
		return 0;
	if (result == ASK_OK && strncmp(answer.line, "no reason=", 10) == 0 &&
	    reason_valid(answer.line + 10))
		return deny(login, answer.line + 10, "");
	return deny(login, "no-daemon", "");
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
