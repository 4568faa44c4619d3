/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl.h"

#include <string.h>

#include "ctl_qr.h"
#include "paths.h"
#include "posternctl.h"
#include "say.h"

int ctl_start(struct ctl *ctl, const struct verb_call *call)
{
	struct error error;
	memset(ctl, 0, sizeof *ctl);
	ctl->call = call;
	if (call->option[CTL_QR] != NULL && !ctl_qr_can())
		return say(SAY_USAGE,
			   "--qr: posternctl was built without libqrencode; have the token "
			   "as text");
	ctl->own_keys = call->option[CTL_KEYS] != NULL;
	ctl->keys_path = call->option[CTL_KEYS];
	ctl->config_path = call->option[CTL_FILE];
	if (ctl->config_path == NULL && !ctl->own_keys)
		ctl->config_path = PATHS_CONFIG;
	if (ctl->config_path == NULL)
		return SAY_DONE;
	if (config_read(&ctl->config, ctl->config_path, &error) != 0)
		return say(SAY_REFUSED, "%s", error.text);
	if (!ctl->own_keys)
		ctl->keys_path = ctl->config.keys;
	return SAY_DONE;
}

int ctl_start_anyway(struct ctl *ctl, const struct verb_call *call, bool named)
{
	struct error error;
	const char *path = call->option[CTL_FILE];
	*ctl = (struct ctl){.call = call, .config_path = path != NULL ? path : PATHS_CONFIG};
	if (config_read(&ctl->config, ctl->config_path, &error) == 0)
		return SAY_DONE;
	if ((path != NULL && !named) || config_read(&ctl->config, "/dev/null", NULL) != 0)
		return say(SAY_REFUSED, "%s", error.text);
	ctl->assumed = true;
	return say(SAY_DONE, "%s; its defaults are assumed", error.text);
}

static struct keyfile *opened(struct keyfile *file, const struct error *error)
{
	if (file == NULL)
		say(SAY_REFUSED, "%s", error->text);
	else if (keyfile_exposed(file) != NULL)
		say(SAY_DONE, "%s", keyfile_exposed(file));
	return file;
}

struct keyfile *ctl_read_keys(const struct ctl *ctl)
{
	struct error error;
	return opened(keyfile_read(ctl->keys_path, &error), &error);
}

struct keyfile *ctl_edit_keys(const struct ctl *ctl, bool make)
{
	struct error error;
	return opened(keyfile_edit(ctl->keys_path, make, &error), &error);
}

const struct key *ctl_find_key(const struct keys *keys, const char *name)
{
	const struct key *newest = NULL;
	for (size_t i = 0; i < keys->count; i++) {
		const struct key *key = &keys->list[i];
		if (strcmp(key->name, name) == 0 &&
		    (newest == NULL || key->since_ms >= newest->since_ms))
			newest = key;
	}
	return newest;
}
