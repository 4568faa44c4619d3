/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logline.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "number.h"

enum { TCP = 6, UDP = 17, UDP_HEADER = 8, LONGEST_LENGTH = 65535 };

/* Fields that are looked at; null: not there. */
struct fields {
	const char *src, *dst, *proto, *dport, *udp_length;
	bool syn, other; /* TCP's flags: this, and those that may not stand beside it */
	bool fragment;
};

/* ---- what was found ---- */

static bool parse_source(struct address *address, const char *text)
{
	static const uint8_t zero[12];

	if (address_parse(address, text) == -1 || address_is_nobodys(address))
		return false;
	/* IPv4 within IPv6: nobody sends from it. */
	return strchr(text, ':') == NULL ||
	       (!address_is_v4(address) && memcmp(address->bytes, zero, sizeof zero) != 0);
}

static uint8_t parse_proto(const char *text)
{
	if (text == NULL || strcasecmp(text, "tcp") == 0 || strcmp(text, "6") == 0)
		return TCP;
	return strcasecmp(text, "udp") == 0 || strcmp(text, "17") == 0 ? UDP : 0;
}

static enum packet_reason fill(struct sighting *sighting, const char *src, const char *dst,
			       const char *proto, const char *dport)
{
	struct address unused;
	uint32_t port;

	sighting->proto = parse_proto(proto);
	sighting->kind = SIGHTING_TOUCH;
	if (sighting->proto == 0)
		return PACKET_PROTOCOL;
	if (!parse_source(&sighting->source, src))
		return PACKET_SOURCE;
	if (dst != NULL && (address_parse(&unused, dst) == -1 ||
			    (strchr(dst, ':') == NULL) != (strchr(src, ':') == NULL)))
		return PACKET_HEADER;
	if (number_parse(&port, dport, UINT16_MAX) == -1 || port == 0)
		return PACKET_PORT;
	sighting->port = (uint16_t)port;
	return PACKET_OK;
}

enum packet_reason logline_sighting(struct sighting *sighting, const char *src, const char *dst,
				    const char *proto, const char *dport)
{
	enum packet_reason reason;

	memset(sighting, 0, sizeof *sighting);
	reason = fill(sighting, src, dst, proto, dport);
	if (reason != PACKET_OK)
		memset(sighting, 0, sizeof *sighting);
	return reason;
}

/* ---- the line ---- */

/* The next word of *text, which is cut off behind it; null at the end. */
static char *next_word(char **text)
{
	char *word;

	do
		word = strsep(text, " ");
	while (word != NULL && word[0] == '\0');
	return word;
}

static bool all_of(const char *text, int (*is)(int))
{
	for (; *text != '\0'; text++)
		if (!is((unsigned char)*text))
			return false;
	return true;
}

/* "sshd[123]:" */
static bool is_process(const char *word, size_t size)
{
	size_t at = size - 1;

	if (at == 0 || word[--at] != ']')
		return false;
	while (at > 0 && isdigit((unsigned char)word[at - 1]))
		at--;
	return at > 1 && word[at - 1] == '[' && word[at] != ']' && strncmp(word, "kernel[", 7) != 0;
}

/* Who says it? The first word that ends in a colon does; without one, we cannot know. */
static bool from_process(const char *text)
{
	while (*text != '\0') {
		size_t size = strcspn(text, " ");
		if (size > 1 && text[size - 1] == ':')
			return is_process(text, size);
		text += size;
		text += strspn(text, " ");
	}
	return false;
}

/* The last "IN=name OUT= ", which the kernel writes side by side; null if there is none, or if the
 * packet did not come in here, or is on its way to elsewhere. Cuts the line off before it, and gives
 * what is behind. */
static char *find_fields(char *line)
{
	char *out = NULL, *in, *at = line;

	while ((at = strstr(at, " OUT=")) != NULL)
		out = at++;
	if (out == NULL || (out[5] != ' ' && out[5] != '\0'))
		return NULL;
	*out = '\0';
	in = strrchr(line, ' ');
	in = in == NULL ? line : in;
	for (at = in; (at = strstr(at, "IN=")) != NULL; at++)
		in = at;
	if (strncmp(in, "IN=", 3) != 0 || in[3] == '\0')
		return NULL;
	*in = '\0';
	return out + 5;
}

/* A field that may come once. */
static bool keep(const char **field, const char *value)
{
	if (*field != NULL)
		return false;
	*field = value;
	return true;
}

/* NAME=VALUE. LEN comes twice: of the whole, and behind PROTO=UDP of the datagram. */
static bool take_field(struct fields *fields, const char *name, const char *value)
{
	if (!all_of(name, isalnum))
		return false;
	if (strcmp(name, "IN") == 0 || strcmp(name, "OUT") == 0)
		return false;
	if (strcmp(name, "SRC") == 0)
		return keep(&fields->src, value);
	if (strcmp(name, "DST") == 0)
		return keep(&fields->dst, value);
	if (strcmp(name, "PROTO") == 0)
		return fields->src != NULL && fields->dst != NULL && keep(&fields->proto, value);
	if (strcmp(name, "DPT") == 0)
		return fields->proto != NULL && keep(&fields->dport, value);
	if (strcmp(name, "LEN") == 0 && fields->proto != NULL)
		return keep(&fields->udp_length, value);
	return true;
}

/* Flags of the header, and TCP's; options come as "OPT (0204...)". */
static bool take_flag(struct fields *fields, const char *word)
{
	static const char *const others[] = {"ACK", "RST", "FIN"};
	static const char *const harmless[] = {"CE",  "DF",  "PSH", "URG",
					       "ECE", "CWR", "OPT", "INCOMPLETE"};

	if (strcmp(word, "SYN") == 0)
		return fields->syn = true;
	if (strcmp(word, "MF") == 0 || strncmp(word, "FRAG:", 5) == 0)
		return fields->fragment = true;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (strcmp(word, others[i]) == 0)
			return fields->other = true;
	for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
		if (strcmp(word, harmless[i]) == 0)
			return true;
	return word[0] == '(' && word[strlen(word) - 1] == ')';
}

static bool take_fields(struct fields *fields, char *text)
{
	char *word, *equal;

	if (!all_of(text, isprint))
		return false;
	while ((word = next_word(&text)) != NULL) {
		/* Within an ICMP error: the packet that it is about, which did not come here. */
		if (word[0] == '[' && fields->proto != NULL)
			return parse_proto(fields->proto) == 0;
		equal = strchr(word, '=');
		if (equal != NULL)
			*equal = '\0';
		if (equal != NULL ? !take_field(fields, word, equal + 1) : !take_flag(fields, word))
			return false;
	}
	return fields->proto != NULL;
}

/* What the line says of the transport that no port does. */
static enum packet_reason check_transport(const struct fields *fields)
{
	uint8_t proto = parse_proto(fields->proto);
	uint32_t length;

	if (fields->fragment)
		return PACKET_FRAGMENT;
	if (proto == 0)
		return PACKET_PROTOCOL;
	if (fields->dport == NULL)
		return PACKET_SHORT;
	if (proto == TCP)
		return fields->syn && !fields->other ? PACKET_OK : PACKET_NOT_SYN;
	if (fields->udp_length == NULL ||
	    number_parse(&length, fields->udp_length, LONGEST_LENGTH) == -1 || length < UDP_HEADER)
		return PACKET_HEADER;
	return length - UDP_HEADER < KNOCK_SIZE ? PACKET_OK : PACKET_LENGTH;
}

bool logline_parse(struct sighting *sighting, enum packet_reason *reason, const char *line,
		   size_t size)
{
	char text[LOGLINE_LONGEST + 1], *rest;
	struct fields fields = {0};

	if (size > LOGLINE_LONGEST || memchr(line, '\0', size) != NULL)
		return false;
	memcpy(text, line, size);
	text[size] = '\0';
	rest = find_fields(text);
	if (rest == NULL || from_process(text) || !take_fields(&fields, rest))
		return false;
	memset(sighting, 0, sizeof *sighting);
	*reason = check_transport(&fields);
	if (*reason == PACKET_OK)
		*reason =
		    logline_sighting(sighting, fields.src, fields.dst, fields.proto, fields.dport);
	return true;
}
