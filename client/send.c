/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "send.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network.h"

/* Addresses that are seen as such only by who is inside of the same network. */
static const char *const private_networks[] = {
    "10.0.0.0/8",     "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
    "169.254.0.0/16", "fc00::/7",      "fe80::/10",
};

static bool is_private(const struct address *address)
{
	struct network network;
	for (size_t i = 0; i < sizeof private_networks / sizeof *private_networks; i++)
		if (network_parse(&network, private_networks[i], NULL) == 0 &&
		    network_contains(&network, address))
			return true;
	return false;
}

static int family_of(const struct address *address)
{
	return address_is_v4(address) ? AF_INET : AF_INET6;
}

static socklen_t to_socket(struct sockaddr_storage *out, const struct address *address,
			   uint16_t port)
{
	memset(out, 0, sizeof *out);
	if (address_is_v4(address)) {
		struct sockaddr_in *four = (struct sockaddr_in *)out;
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		memcpy(&four->sin_addr, address->bytes + 12, 4);
		return sizeof *four;
	}
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(port);
	memcpy(&six->sin6_addr, address->bytes, 16);
	return sizeof *six;
}

static void from_socket(struct address *address, const struct sockaddr *in)
{
	if (in->sa_family == AF_INET)
		address_from_v4(address,
				(const uint8_t *)&((const struct sockaddr_in *)in)->sin_addr);
	else
		memcpy(address->bytes, &((const struct sockaddr_in6 *)in)->sin6_addr, 16);
}

/* A socket for one packet. With from: bound to that address, unless it is not of this machine
 * (the public side of a router, say). -1 with errno. */
static int open_socket(int type, const struct address *server, uint16_t port,
		       const struct address *from)
{
	struct sockaddr_storage name;
	int fd = socket(family_of(server), type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (from != NULL) {
		socklen_t size = to_socket(&name, from, 0);
		if (bind(fd, (struct sockaddr *)&name, size) != 0 && errno != EADDRNOTAVAIL)
			goto failed;
	}
	socklen_t size = to_socket(&name, server, port);
	if (connect(fd, (struct sockaddr *)&name, size) == 0 || errno == EINPROGRESS)
		return fd;
failed:;
	int why = errno;
	close(fd);
	errno = why;
	return -1;
}

/* The source address that the kernel's routes choose. connect sends nothing in UDP. */
static enum send_result find_source(struct send_target *target, const struct address *from,
				    struct error *error)
{
	struct sockaddr_storage name;
	socklen_t size = sizeof name;
	char text[ADDRESS_TEXT];
	int fd = open_socket(SOCK_DGRAM, &target->server, 1, from);
	if (fd < 0 || getsockname(fd, (struct sockaddr *)&name, &size) != 0) {
		address_print(text, &target->server);
		error_set(error, "%s can't be reached: %s", text, strerror(errno));
		if (fd >= 0)
			close(fd);
		return SEND_FAILED;
	}
	close(fd);
	from_socket(&target->source, (struct sockaddr *)&name);
	return SEND_OK;
}

static enum send_result choose_auto(struct send_target *target, const struct token *token,
				    struct error *error)
{
	target->bound = !is_private(&target->source) || is_private(&target->server);
	if (target->bound || token->nat)
		return SEND_OK;
	char source[ADDRESS_TEXT], server[ADDRESS_TEXT];
	address_print(source, &target->source);
	address_print(server, &target->server);
	error_set(
	    error,
	    "%s will not see the private address %s: name the public one by --source, or have "
	    "a key made with --nat",
	    server, source);
	return SEND_REFUSED;
}

/* Decides what goes into the knock for this address. */
static enum send_result choose(struct send_target *target, const struct token *token,
			       const struct send_wish *wish, struct error *error)
{
	const struct address *from = wish->source == SEND_SOURCE_GIVEN ? &wish->given : NULL;
	enum send_result result = find_source(target, from, error);
	if (result != SEND_OK)
		return result;
	if (wish->source == SEND_SOURCE_AUTO)
		return choose_auto(target, token, error);
	target->bound = from != NULL;
	if (from != NULL)
		target->source = *from;
	return SEND_OK;
}

static int check_wish(const struct token *token, const struct send_wish *wish, struct error *error)
{
	int family = wish->source == SEND_SOURCE_GIVEN ? family_of(&wish->given) : wish->family;
	if (wish->source == SEND_SOURCE_NONE && !token->nat)
		return error_set(error,
				 "the key of %s must have an address bound in: leave --source none "
				 "out, or have a key made with --nat",
				 token->name);
	if (wish->family != AF_UNSPEC && wish->family != family)
		return error_set(error, "--source and -%c are of different families",
				 wish->family == AF_INET ? '4' : '6');
	return 0;
}

/* Puts it among the others, bound ones first. */
static void put(struct send_target *targets, size_t *n_targets, const struct send_target *target)
{
	size_t at = *n_targets;
	for (; target->bound && at > 0 && !targets[at - 1].bound; at--)
		targets[at] = targets[at - 1];
	targets[at] = *target;
	(*n_targets)++;
}

struct failure {
	enum send_result result;
	struct error why;
};

/* None could be knocked at: what the user can do something about comes first. */
static enum send_result worst(const struct failure *failures, size_t n_failures,
			      struct error *error)
{
	size_t at = 0;
	while (at + 1 < n_failures && failures[at].result != SEND_REFUSED)
		at++;
	*error = failures[at].why;
	return failures[at].result;
}

static enum send_result plan_each(struct send_target *targets, size_t *n_targets,
				  const struct addrinfo *list, const struct token *token,
				  const struct send_wish *wish, send_tell *tell, void *context,
				  struct error *error)
{
	struct failure failures[SEND_TARGETS];
	size_t n_failures = 0;
	for (; list != NULL && *n_targets + n_failures < SEND_TARGETS; list = list->ai_next) {
		struct failure *failure = &failures[n_failures];
		struct send_target target;
		from_socket(&target.server, list->ai_addr);
		failure->result = choose(&target, token, wish, &failure->why);
		if (failure->result == SEND_OK)
			put(targets, n_targets, &target);
		else
			n_failures++;
	}
	if (*n_targets == 0)
		return worst(failures, n_failures, error);
	for (size_t i = 0; i < n_failures; i++)
		tell(context, failures[i].result, &failures[i].why);
	return SEND_OK;
}

enum send_result send_plan(struct send_target targets[static SEND_TARGETS], size_t *n_targets,
			   const struct token *token, const struct send_wish *wish, send_tell *tell,
			   void *context, struct error *error)
{
	struct addrinfo *list, hints = {.ai_socktype = SOCK_DGRAM, .ai_family = wish->family};
	*n_targets = 0;
	if (check_wish(token, wish, error) != 0)
		return SEND_REFUSED;
	if (wish->source == SEND_SOURCE_GIVEN)
		hints.ai_family = family_of(&wish->given);
	int failed = getaddrinfo(token->host, NULL, &hints, &list);
	if (failed != 0) {
		error_set(error, "%s has no%s address: %s", token->host,
			  hints.ai_family == AF_INET    ? " IPv4"
			  : hints.ai_family == AF_INET6 ? " IPv6"
							: "",
			  failed == EAI_SYSTEM ? strerror(errno) : gai_strerror(failed));
		return SEND_FAILED;
	}
	enum send_result result =
	    plan_each(targets, n_targets, list, token, wish, tell, context, error);
	freeaddrinfo(list);
	return result;
}

static int unreachable(const struct send_target *target, uint16_t port, struct error *error)
{
	char text[ADDRESS_TEXT];
	address_print(text, &target->server);
	return error_set(error, "%s port %u can't be reached: %s", text, port, strerror(errno));
}

int send_packet(const struct send_target *target, uint16_t port, const void *packet, size_t size,
		struct error *error)
{
	int fd = open_socket(SOCK_DGRAM, &target->server, port, &target->source);
	/* "refused" is the answer to an earlier packet, and what a closed port may say. */
	bool sent = fd >= 0 && (send(fd, packet, size, 0) >= 0 || errno == ECONNREFUSED);
	int result = sent ? 0 : unreachable(target, port, error);
	if (fd >= 0)
		close(fd);
	return result;
}

int send_connect(const struct send_target *target, uint16_t port)
{
	return open_socket(SOCK_STREAM | SOCK_NONBLOCK, &target->server, port, &target->source);
}

int send_syn(const struct send_target *target, uint16_t port, struct error *error)
{
	int fd = send_connect(target, port);
	if (fd < 0 && errno != ECONNREFUSED)
		return unreachable(target, port, error);
	if (fd >= 0)
		close(fd);
	return 0;
}
