/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "posternctl.h"

#include "ctl_add.h"
#include "ctl_admin.h"
#include "ctl_check.h"
#include "ctl_doctor.h"
#include "ctl_install.h"
#include "ctl_key.h"
#include "ctl_list.h"
#include "ctl_reload.h"
#include "ctl_remove.h"
#include "ctl_save.h"
#include "ctl_show.h"
#include "ctl_status.h"
#include "ctl_watch.h"

#define OPTION(symbol, name, letter, takes, help) {name, letter, takes, help},
static const struct verb_option options[] = {CTL_OPTIONS(OPTION)};

#define TAKES(option) VERB_TAKES(CTL_##option)
#define WHERE         (TAKES(FILE) | TAKES(KEYS))
#define PORTS         (TAKES(SPA) | TAKES(SEQUENCE))
#define LIMITS                                                                                \
	(TAKES(OPEN) | TAKES(FOR) | TAKES(MAX) | TAKES(FROM) | TAKES(USER) | TAKES(EXPIRES) | \
	 TAKES(NAT) | TAKES(CODE))

static const struct verb verbs[] = {
    {"key add", "NAME", 1, 1, WHERE | PORTS | LIMITS | TAKES(HOST) | TAKES(QR),
     "Make a key, and print the token that its client enrols with.", ctl_add},
    {"key list", "", 0, 0, WHERE | TAKES(JSON), "List the keys.", ctl_key_list},
    {"key show", "NAME", 1, 1, WHERE | TAKES(JSON), "Print what a key may do.", ctl_key_show},
    {"key token", "NAME", 1, 1, WHERE | PORTS | TAKES(HOST) | TAKES(QR),
     "Print a key's token again.", ctl_key_token},
    {"key revoke", "NAME", 1, 1, WHERE, "Remove a key.", ctl_key_revoke},
    {"key rotate", "NAME", 1, 1, WHERE | PORTS | TAKES(HOST) | TAKES(OVERLAP) | TAKES(QR),
     "Make a new key of the same name, print its token, and let the old one expire.",
     ctl_key_rotate},
    {"status", "", 0, 0, TAKES(FILE) | TAKES(JSON) | TAKES(PROMETHEUS), "How the daemon is doing.",
     ctl_status},
    {"reload", "", 0, 0, TAKES(FILE),
     "Have the daemon read its configuration and keys again, and say what came of it.", ctl_reload},
    {"grants", "", 0, 0, TAKES(FILE) | TAKES(JSON), "List what is open, and for whom.",
     ctl_list_grants},
    {"history", "", 0, 0, TAKES(FILE) | TAKES(SINCE) | TAKES(JSON), "List what has happened.",
     ctl_list_history},
    {"watch", "", 0, 0, TAKES(FILE) | TAKES(JSON), "Show what happens, as it happens.", ctl_watch},
    {"check", "ADDR", 1, 1, TAKES(FILE) | TAKES(USER) | TAKES(DOOR) | TAKES(MAX_AGE) | TAKES(JSON),
     "Say what PAM and inetd would be told of an address, and why.", ctl_check},
    {"open", "ADDR DOOR", 2, 2, TAKES(FILE) | TAKES(FOR), "Open a door for an address.",
     ctl_admin_open},
    {"close", "ADDR|NAME|all", 1, 1, TAKES(FILE),
     "Close what is open for an address or a key, or everything.", ctl_admin_close},
    {"block", "ADDR", 1, 1, TAKES(FILE) | TAKES(FOR),
     "Refuse all knocks and logins of an address, and close what is open for it.", ctl_admin_block},
    {"unblock", "ADDR", 1, 1, TAKES(FILE), "Let an address knock again.", ctl_admin_unblock},
    {"blocks", "", 0, 0, TAKES(FILE) | TAKES(JSON), "List the addresses that are blocked.",
     ctl_list_blocks},
    {"clock reset", "", 0, 0, TAKES(FILE),
     "Take the clock for right, although the record has seen a later one.", ctl_admin_clock_reset},
    {"doctor", "", 0, 0, TAKES(FILE) | TAKES(JSON),
     "Is everything in place? If not, which command puts it right.", ctl_doctor},
    {"firewall show", "", 0, 0, TAKES(FILE) | TAKES(BACKEND),
     "Print the firewall rules that this host needs.", ctl_show},
    {"firewall install", "", 0, 0, TAKES(FILE) | TAKES(BACKEND) | TAKES(WITHIN) | TAKES(YES),
     "Put them in; they are taken back unless you say yes in time.", ctl_install},
    {"firewall save", "", 0, 0, TAKES(FILE), "Have the host make them again at its next start.",
     ctl_save},
    {"firewall remove", "", 0, 0, TAKES(FILE) | TAKES(BACKEND), "Take them out.",
     ctl_remove},
};

static const struct verb_program program = {
    .name = "posternctl",
    .purpose = "Keep the keys of a server that runs Postern, and see what it does.",
    .verbs = verbs,
    .n_verbs = sizeof verbs / sizeof *verbs,
    .options = options,
    .n_options = sizeof options / sizeof *options,
};

int main(int argc, char **argv)
{
	return verb_main(&program, argc, argv);
}
