/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_token.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl_qr.h"
#include "file.h"
#include "posternctl.h"

#define DEFAULT_SPA "20480-32767" /* of the configuration's default, what no service needs */

static const struct {
	enum ctl_option option;
	const char *name;
} port_options[] = {{CTL_SPA, "spa"}, {CTL_SEQUENCE, "seq"}};

static int parse_ports(struct portset *set, const char *name, const char *text, struct error *error)
{
	struct error why;
	if (text != NULL && portset_parse(set, text, &why) != 0)
		return error_set(error, "--%s: %s", name, why.text);
	return 0;
}

int ctl_token_ports(struct ctl_ports *ports, const struct ctl *ctl, struct error *error)
{
	const char *const *option = ctl->call->option;
	if (ctl->config_path != NULL) {
		const struct config *config = &ctl->config;
		for (size_t i = 0; i < sizeof port_options / sizeof *port_options; i++)
			if (option[port_options[i].option] != NULL)
				return error_set(error,
						 "--%s is for -k alone; the ports are those of %s",
						 port_options[i].name, ctl->config_path);
		*ports = (struct ctl_ports){config->spa, config->sequence};
		return 0;
	}
	const char *spa = option[CTL_SPA] != NULL ? option[CTL_SPA] : DEFAULT_SPA;
	*ports = (struct ctl_ports){0};
	if (parse_ports(&ports->spa, "spa", spa, error) != 0)
		return -1;
	return parse_ports(&ports->sequence, "seq", option[CTL_SEQUENCE], error);
}

int ctl_token_print(const struct ctl *ctl, const struct ctl_ports *ports,
		    const uint8_t server[static CRYPTO_KEY], const struct key *key,
		    const char *host, struct error *error)
{
	char text[TOKEN_TEXT + 1];
	struct token token = {.codelen = TOKEN_CODELEN, .nat = key->nat};
	host = host != NULL ? host : key->host;
	if (host == NULL)
		return error_set(error, "line %u has no host=: say which by --host", key->line);
	if (!token_host_valid(host))
		return error_set(error, "--host %s is neither a name nor an address", host);
	strcpy(token.name, key->name);
	strcpy(token.host, host); /* a valid one fits, as the name does */
	token.who = key->who;
	memcpy(token.server, server, sizeof token.server);
	token.spa = ports->spa;
	token.sequence = ports->sequence;
	size_t size = token_print(text, &token);
	text[size++] = '\n';
	int result = file_write(STDOUT_FILENO, text, size);
	if (result != 0)
		error_set(error,
			  "the token can't be written to standard output: %s; `posternctl key "
			  "token %s` prints it again",
			  strerror(errno), key->name);
	else if (ctl->call->option[CTL_QR] != NULL)
		result = ctl_qr_print(text, size - 1, error);
	crypto_wipe(text, sizeof text);
	crypto_wipe(&token, sizeof token);
	return result;
}
