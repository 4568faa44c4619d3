/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "postern_connect.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "carry.h"
#include "crypto.h"
#include "fdpass.h"
#include "number.h"
#include "postern.h"
#include "reach.h"
#include "say.h"
#include "wish.h"

static int parse_port(struct wish *wish, const char *text)
{
	uint32_t port;
	if (number_parse(&port, text, UINT16_MAX) != 0 || port == 0)
		return say(SAY_USAGE, "%s is no port: 1 to 65535", text);
	wish->doors[0] = (struct door){.port = (uint16_t)port, .proto = DOOR_TCP};
	wish->n_doors = 1;
	return SAY_DONE;
}

/* Who reads a token reads standard input to its end: nothing would be left to carry. */
static bool token_is_in_the_way(const struct verb_call *call)
{
	const char *file = call->option[POSTERN_TOKEN];
	return file != NULL && strcmp(file, "-") == 0 && call->option[POSTERN_FDPASS] == NULL;
}

/* With -t the NAME may be left out. */
static int parse_call(struct wish *wish, const struct verb_call *call)
{
	bool named = call->n_arguments == 2;
	int code = wish_options(wish, call);
	if (code == SAY_DONE && !named && call->option[POSTERN_TOKEN] == NULL)
		code = verb_misused(call, "PORT is missing");
	if (code == SAY_DONE)
		code = parse_port(wish, call->arguments[named]);
	if (code == SAY_DONE && token_is_in_the_way(call))
		code = say(SAY_USAGE, "-t -: what connect carries comes from standard input: have "
				      "the token in a file");
	if (code == SAY_DONE && call->option[POSTERN_FDPASS] != NULL && !fdpass_can(STDOUT_FILENO))
		code = say(SAY_USAGE, "--fdpass: standard output is no unix socket; ssh makes it "
				      "one with ProxyUseFdpass yes");
	return code == SAY_DONE ? wish_token(wish, call, named ? call->arguments[0] : NULL) : code;
}

static int connect_to(const struct wish *wish, int *fd)
{
	struct send_target targets[SEND_TARGETS];
	struct reach reach = {.wish = wish, .targets = targets, .door = wish->doors[0]};
	int code = wish_plan(wish, targets, &reach.n_targets);
	return code == SAY_DONE ? reach_door(&reach, fd) : code;
}

/* Whoever gets it expects an ordinary socket. */
static int hand_over(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	bool failed =
	    fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0 || fdpass_send(STDOUT_FILENO, fd) != 0;
	int code = failed
		       ? say(SAY_FAILED, "the connection can't be handed over: %s", strerror(errno))
		       : SAY_DONE;
	close(fd);
	return code;
}

/* What ssh would do with a socket of its own. */
static int carry(int fd)
{
	struct error error;
	int on = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	signal(SIGPIPE, SIG_IGN);
	if (carry_run(STDIN_FILENO, STDOUT_FILENO, fd, &error) != 0)
		return say(SAY_FAILED, "%s", error.text);
	return SAY_DONE;
}

int postern_connect_run(const struct verb_call *call)
{
	struct wish wish = {.action = KNOCK_OPEN};
	int fd = -1;
	int code = parse_call(&wish, call);
	if (code == SAY_DONE && wish.wait_ms == 0)
		wish.wait_ms = WISH_WAIT_MS;
	if (code == SAY_DONE)
		code = connect_to(&wish, &fd);
	crypto_wipe(&wish, sizeof wish);
	if (code != SAY_DONE)
		return code;
	return call->option[POSTERN_FDPASS] != NULL ? hand_over(fd) : carry(fd);
}
