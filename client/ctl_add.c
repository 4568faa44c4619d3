/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_add.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "ctl_token.h"
#include "posternctl.h"
#include "record.h"
#include "say.h"

#define DEFAULT_DOOR "tcp/22"

/* Options and the fields of a line that they become. */
static const struct {
	enum ctl_option option;
	const char *field;
} fields[] = {
    {CTL_HOST, "host"}, {CTL_OPEN, "open"}, {CTL_FOR, "for"}, {CTL_MAX, "max"},
    {CTL_FROM, "from"}, {CTL_USER, "user"}, {CTL_NAT, "nat"}, {CTL_EXPIRES, "expires"},
};

/* What would be more than one word of a line, or none. */
static bool is_word(const char *value)
{
	for (; *value != '\0'; value++)
		if ((unsigned char)*value <= 0x20 || *value == 0x7f)
			return false;
	return true;
}

/* The key that the options describe, but for its secrets, which stand here as zeros. The parser of lines
 * judges the values, so that nothing can be added that could not be read. */
static int parse_options(struct key *key, const struct verb_call *call, const char *doors)
{
	char line[KEYS_LINE];
	uint8_t server[CRYPTO_KEY];
	uint64_t since_ms;
	struct error error;
	int used = snprintf(line, sizeof line, "%s id=00000001 key=%043d since=1970-01-01",
			    call->arguments[0], 0);
	memset(strstr(line, " key=") + 5, 'A', 43);
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		const char *value = call->option[fields[i].option];
		if (fields[i].option == CTL_OPEN && value == NULL)
			value = doors;
		if (value == NULL)
			continue;
		if (!is_word(value))
			return say(SAY_USAGE, "--%s: a value is one word", fields[i].field);
		bool flag = fields[i].option == CTL_NAT;
		used += snprintf(line + used, sizeof line - (size_t)used, " %s%s%s",
				 fields[i].field, flag ? "" : "=", value);
		if ((size_t)used >= sizeof line)
			return say(SAY_USAGE, "--%s is too long", fields[i].field);
	}
	if (keys_parse_line(line, key, server, &since_ms, &error) == KEYS_KEY)
		return SAY_DONE;
	size_t name = strcspn(error.text, "=");
	bool named = strncmp(error.text + name, "=: ", 3) == 0;
	return say(SAY_USAGE, "%s%.*s%s", named ? "--" : "", (int)name, error.text,
		   error.text + name + named);
}

static bool has_door(const struct config *config, const struct door *door)
{
	for (uint32_t i = 0; i < config->n_doors; i++)
		if (door_equal(&config->doors[i], door))
			return true;
	return false;
}

/* Without --open: ssh, where the server may open it. Null and an exit code where that can't be known. */
static const char *default_doors(const struct ctl *ctl)
{
	struct door door;
	door_parse(&door, DEFAULT_DOOR, NULL);
	if (ctl->config_path == NULL) {
		say(SAY_USAGE, "--open is missing: say what the key may open, as --open tcp/22");
		return NULL;
	}
	if (!has_door(&ctl->config, &door)) {
		say(SAY_USAGE, "--open is missing: say what the key may open, of doors in %s",
		    ctl->config_path);
		return NULL;
	}
	say(SAY_DONE, "without --open, %s may open " DEFAULT_DOOR, ctl->call->arguments[0]);
	return DEFAULT_DOOR;
}

/* A door that the server would never open is a mistake in one of two places. */
static int check_doors(const struct ctl *ctl, const struct key *key)
{
	char text[DOOR_TEXT];
	if (ctl->config_path == NULL)
		return SAY_DONE;
	for (uint8_t i = 0; i < key->n_doors; i++)
		if (!has_door(&ctl->config, &key->doors[i])) {
			door_print(text, &key->doors[i]);
			return say(SAY_REFUSED, "--open %s is not among doors in %s; add it there",
				   text, ctl->config_path);
		}
	return SAY_DONE;
}

static int check(const struct verb_call *call, const char *name)
{
	if (!name_valid(name))
		return say(SAY_USAGE,
			   "%s can't be a key's name: 1 to 32 of A-Za-z0-9._-, and no "
			   "- in front",
			   name);
	if (call->option[CTL_HOST] == NULL)
		return verb_misused(call, "--host is missing: the server's name or address as the "
					  "client will use it");
	if (call->option[CTL_CODE] != NULL)
		return say(SAY_USAGE, "--code: this version takes no rolling codes yet, only "
				      "single packets and sequences");
	return SAY_DONE;
}

/* The state folder, postern-auth's own. */
static int make_state(const struct config *config, struct error *error)
{
	const struct passwd *user = getpwnam(config->user_auth);
	if (user == NULL)
		return error_set(error,
				 "there is no user %s: useradd --system --user-group "
				 "--no-create-home --home-dir / --shell /usr/sbin/nologin %s",
				 config->user_auth, config->user_auth);
	if (mkdir(config->state, 0700) != 0)
		return errno == EEXIST ? 0
				       : error_set(error, "%s can't be made: %s", config->state,
						   strerror(errno));
	if (user->pw_uid == geteuid() || chown(config->state, user->pw_uid, user->pw_gid) == 0)
		return 0;
	error_set(error, "%s can't be given to %s: %s", config->state, config->user_auth,
		  strerror(errno));
	rmdir(config->state);
	return -1;
}

/* A key that is older than the record has to wait at first; so the record is there before it. */
static int make_record(const struct ctl *ctl, struct error *error)
{
	char path[PATH_MAX];
	if (ctl->own_keys)
		return 0;
	if (make_state(&ctl->config, error) != 0)
		return -1;
	snprintf(path, sizeof path, "%s/state.db", ctl->config.state);
	return record_make(path, clock_now_ms(), error) < 0 ? -1 : 0;
}

void ctl_add_renew(struct key *key, const struct keys *keys)
{
	crypto_random(key->who.key, sizeof key->who.key);
	do
		crypto_random(&key->who.id, sizeof key->who.id);
	while (key->who.id == 0 || keys_find(keys, key->who.id) != NULL);
	key->since_ms = clock_now_ms();
}

int ctl_add_append(struct keyfile *file, const struct key *key, struct error *error)
{
	char line[KEYS_LINE];
	int result = keys_print_line(line, sizeof line, key, error);
	if (result == 0)
		result = keyfile_append(file, line, error);
	crypto_wipe(line, sizeof line);
	return result;
}

/* A file without one gets the server's secret. */
static int ensure_server(struct keyfile *file, uint8_t server[static CRYPTO_KEY],
			 struct error *error)
{
	char line[KEYS_LINE];
	const struct keys *keys = keyfile_keys(file);
	if (keys->has_server) {
		memcpy(server, keys->server, CRYPTO_KEY);
		return 0;
	}
	crypto_random(server, CRYPTO_KEY);
	keys_print_server(line, sizeof line, server, clock_now_ms());
	int result = keyfile_append(file, line, error);
	crypto_wipe(line, sizeof line);
	return result;
}

void ctl_add_tell_reload(const struct ctl *ctl)
{
	char command[SAY_COMMAND];
	say_command(command, "reload", ctl->config_path);
	if (!ctl->own_keys)
		say(SAY_DONE, "now let posternd read %s again: %s", ctl->keys_path, command);
}

static bool opens_ssh(const struct key *key)
{
	struct door ssh;
	door_parse(&ssh, DEFAULT_DOOR, NULL);
	for (uint8_t i = 0; i < key->n_doors; i++)
		if (door_equal(&key->doors[i], &ssh))
			return true;
	return false;
}

/* Neither a name nor a host can hold what a shell or ssh would take for something else. */
void ctl_add_tell_next(const struct ctl *ctl, const struct key *key, bool replaces)
{
	const char *given = ctl->call->option[CTL_HOST];
	ctl_add_tell_reload(ctl);
	say(SAY_DONE,
	    "on the client, these two; the first asks for the token, the line that begins "
	    "with postern://");
	say_lines("    postern add%s\n"
		  "    postern open %s\n",
		  replaces ? " --replace" : "", key->name);
	if (!opens_ssh(key))
		return;
	say(SAY_DONE, "for ssh, paste this into ~/.ssh/config there:");
	say_lines("    Host %s\n"
		  "        ProxyCommand postern connect %s %%p\n",
		  given != NULL ? given : key->host, key->name);
}

/* With the file locked: what depends on what is in it. */
static int check_file(const struct ctl *ctl, const struct key *key, const struct keys *keys)
{
	const struct key *taken = ctl_find_key(keys, key->name);
	if (taken == NULL)
		return SAY_DONE;
	return say(SAY_REFUSED,
		   "line %u of %s is %s already: `posternctl key rotate %s` gives it a new key, "
		   "`key revoke %s` removes it",
		   taken->line, ctl->keys_path, key->name, key->name, key->name);
}

static int add(const struct ctl *ctl, const struct ctl_ports *ports, struct keyfile *file,
	       struct key *key)
{
	uint8_t server[CRYPTO_KEY];
	struct error error;
	int code = check_file(ctl, key, keyfile_keys(file));
	if (code != SAY_DONE)
		return code;
	int result = make_record(ctl, &error);
	if (result == 0)
		result = ensure_server(file, server, &error);
	ctl_add_renew(key, keyfile_keys(file));
	if (result == 0)
		result = ctl_add_append(file, key, &error);
	if (result == 0)
		result = keyfile_write(file, &error);
	if (result == 0)
		result = ctl_token_print(ctl, ports, server, key, NULL, &error);
	crypto_wipe(server, sizeof server);
	if (result != 0)
		return say(SAY_REFUSED, "%s", error.text);
	ctl_add_tell_next(ctl, key, false);
	return SAY_DONE;
}

static int check_and_add(const struct ctl *ctl, struct key *key)
{
	struct ctl_ports ports;
	struct error error;
	int code = check_doors(ctl, key);
	if (code != SAY_DONE)
		return code;
	if (keys_expired(key, clock_now_ms()))
		return say(SAY_USAGE, "--expires %s is over already",
			   ctl->call->option[CTL_EXPIRES]);
	if (ctl_token_ports(&ports, ctl, &error) != 0)
		return say(SAY_USAGE, "%s", error.text);
	struct keyfile *file = ctl_edit_keys(ctl, true);
	if (file == NULL)
		return SAY_REFUSED;
	code = add(ctl, &ports, file, key);
	keyfile_close(file);
	return code;
}

int ctl_add(const struct verb_call *call)
{
	struct ctl ctl;
	struct key key;
	const char *doors = call->option[CTL_OPEN];
	int code = check(call, call->arguments[0]);
	if (code == SAY_DONE)
		code = ctl_start(&ctl, call);
	if (code == SAY_DONE && doors == NULL && (doors = default_doors(&ctl)) == NULL)
		code = SAY_USAGE;
	if (code == SAY_DONE)
		code = parse_options(&key, call, doors);
	if (code != SAY_DONE)
		return code;
	code = check_and_add(&ctl, &key);
	keys_key_free(&key);
	return code;
}
