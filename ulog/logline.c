/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logline.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "number.h"

enum { TCP = 6, UDP = 17, UDP_HEADER = 8, LONGEST_LENGTH = 65535 };

/* What others' words come in, and the kernel's do not. */
#define QUOTES "\"'`"

/* nftables' log takes the longest; ulogd writes a blank behind it. */
enum { LONGEST_PREFIX = 127, LONGEST_NFLOG_PREFIX = 64 };

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

static bool one_of(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* ---- who says it ---- */

static const char *behind(const char *text, size_t size)
{
	return text + size + strspn(text + size, " ");
}

/* "Nov", "26", "12:00:01", "2026-11-26T12:00:01.123456+01:00", and svlogd's "2026-11-26_12:00:01.12345" and
 * "@400000006a6e5a0b1d2c3b4a" */
static bool is_time(const char *word, size_t size)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDecMonTueWedThuFriSatSun";

	if (size == 3 && isalpha((unsigned char)word[0]))
		for (const char *name = names; *name != '\0'; name += 3)
			if (strncmp(word, name, 3) == 0)
				return true;
	if (size == 25 && word[0] == '@')
		return strspn(word + 1, "0123456789abcdef") >= size - 1;
	return isdigit((unsigned char)word[0]) && strspn(word, "0123456789:-+.,TZ_") >= size;
}

/* A time of any style; was it with the month's name? */
static const char *skip_time(const char *text, bool *named)
{
	size_t size;

	while (size = strcspn(text, " "), is_time(text, size)) {
		*named = *named || isalpha((unsigned char)text[0]);
		text = behind(text, size);
	}
	return text;
}

/* "[12345.678901] ", and "[    T1] " behind it. */
static const char *skip_stamp(const char *text)
{
	size_t size;

	while (*text == '[') {
		size = strspn(text + 1, " .0123456789TC");
		if (size == 0 || text[size + 1] != ']')
			break;
		text += size + 2;
		text += *text == ' ';
	}
	return text;
}

/* Behind "[meta sequenceId=\"1\"]"; null: it has no end. */
static const char *skip_element(const char *text)
{
	bool quoted = false;

	while (*++text != '\0')
		if (*text == '"')
			quoted = !quoted;
		else if (quoted && *text == '\\' && text[1] != '\0')
			text++;
		else if (!quoted && *text == ']')
			return text + 1;
	return NULL;
}

/* Behind RFC 5424's structured data, which is the syslog daemon's: elements, or "-" for none; null: neither is
 * there. */
static const char *skip_data(const char *text)
{
	if (*text == '-')
		text++;
	else if (*text != '[')
		return NULL;
	while (text != NULL && *text == '[')
		text = skip_element(text);
	return text != NULL && *text == ' ' ? text + 1 : NULL;
}

/* Behind the kernel's tag, in the ways of syslogd, metalog, RFC 5424 and socklog; null: another's, or
 * none, is there. */
static const char *skip_tag(const char *text)
{
	static const char *const tags[] = {"kernel: ", "kernel[0]: ", "[kernel] "};
	static const char rfc5424[] = "kernel - - ";
	size_t size = strcspn(text, " ");

	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (strncmp(text, tags[i], strlen(tags[i])) == 0)
			return text + strlen(tags[i]);
	if (strncmp(text, rfc5424, strlen(rfc5424)) == 0)
		return skip_data(text + strlen(rfc5424));
	return strncmp(text, "kern.", 5) == 0 && text[size - 1] == ':' ? behind(text, size) : NULL;
}

/* Behind the host's name, and the facility that some syslogs write; as it was where there is none. */
static const char *skip_host(const char *text)
{
	size_t size = strcspn(text, " ");

	for (size_t i = 0; i < size; i++)
		if (!isalnum((unsigned char)text[i]) && strchr("._-:/@", text[i]) == NULL)
			return text;
	if (size == 0 || text[size - 1] == ':')
		return text;
	text = behind(text, size);
	size = strcspn(text, " ");
	return strncmp(text, "kern.", 5) == 0 && text[size - 1] != ':' ? behind(text, size) : text;
}

/* "sshd[123]:" */
static bool is_process(const char *word, size_t size)
{
	size_t at = size - 1;

	if (at == 0 || word[--at] != ']')
		return false;
	while (at > 0 && isdigit((unsigned char)word[at - 1]))
		at--;
	return at > 1 && word[at - 1] == '[' && word[at] != ']';
}

/* May the administrator's rule have put this before the packet? Without a tag before it, it may hold
 * nothing that could be one. */
static bool is_prefix(const char *text, size_t longest, bool tagged)
{
	if (strlen(text) > longest || strpbrk(text, QUOTES) != NULL)
		return false;
	while (*text != '\0') {
		size_t size = strcspn(text, " ");
		if (size > 1 && text[size - 1] == ':' && (!tagged || is_process(text, size)))
			return false;
		text = behind(text, size);
	}
	return true;
}

/* Is what stands before IN= the kernel's, or ulogd's: "Nov 26 12:00:01 gate PREFIX "? Nothing at all is
 * the kernel's bare message, by a rule without a prefix: `journalctl -k -o cat' writes it so. */
static bool is_head(const char *text)
{
	bool named = false;
	const char *start, *host, *tag;

	if (text[0] == '<' && text[1] >= '0' && text[1] <= '7' && text[2] == '>')
		text += 3;
	if (*text == '\0')
		return true;
	start = skip_time(text, &named);
	if (start == text) {
		tag = skip_stamp(text);
		return tag != text && is_prefix(tag, LONGEST_PREFIX, true);
	}
	host = skip_host(start);
	tag = skip_tag(start);
	if (tag == NULL)
		tag = skip_tag(host);
	if (tag != NULL)
		return is_prefix(skip_stamp(tag), LONGEST_PREFIX, true);
	return named && host != start && is_prefix(host, LONGEST_NFLOG_PREFIX, false);
}

/* ---- what it says ---- */

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

/* NAME=VALUE, of the names that there are. LEN comes twice: of the whole, and behind PROTO=UDP of the
 * datagram. */
static bool take_field(struct fields *fields, const char *name, const char *value)
{
	static const char *const others[] = {
	    "PHYSIN",   "PHYSOUT", "MAC",     "MACSRC", "MACDST", "MACPROTO", "VPROTO",
	    "VID",      "TUNNEL",  "TOS",     "PREC",   "TTL",    "ID",       "TC",
	    "HOPLIMIT", "FLOWLBL", "SPT",     "SEQ",    "ACK",    "WINDOW",   "RES",
	    "URGP",     "UID",     "GID",     "MARK",   "TYPE",   "CODE",     "PARAMETER",
	    "GATEWAY",  "MTU",     "POINTER", "SPI",    "LEN"};

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
	return one_of(name, others, sizeof others / sizeof *others);
}

/* "(020405B4)" */
static bool is_options(const char *word)
{
	size_t size;

	if (strcmp(word, "(TRUNCATED)") == 0)
		return true;
	if (word[0] != '(')
		return false;
	size = strspn(word + 1, "0123456789ABCDEF");
	return size > 0 && strcmp(word + 1 + size, ")") == 0;
}

/* Flags of the header, and TCP's; options come as "OPT (0204...)". */
static bool take_flag(struct fields *fields, const char *word)
{
	static const char *const others[] = {"ACK", "RST", "FIN"};
	static const char *const harmless[] = {"CE",  "DF", "PSH", "URG",       "ECE",
					       "CWR", "AE", "OPT", "INCOMPLETE"};

	if (strcmp(word, "SYN") == 0)
		return fields->syn = true;
	if (strcmp(word, "MF") == 0 || strncmp(word, "FRAG:", 5) == 0)
		return fields->fragment = true;
	if (one_of(word, others, sizeof others / sizeof *others))
		return fields->other = true;
	return one_of(word, harmless, sizeof harmless / sizeof *harmless) || is_options(word);
}

static bool take_fields(struct fields *fields, char *text)
{
	char *word, *equal;

	if (!all_of(text, isprint) || strpbrk(text, QUOTES) != NULL)
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
	if (rest == NULL || !is_head(text) || !take_fields(&fields, rest))
		return false;
	memset(sighting, 0, sizeof *sighting);
	*reason = check_transport(&fields);
	if (*reason == PACKET_OK)
		*reason =
		    logline_sighting(sighting, fields.src, fields.dst, fields.proto, fields.dport);
	return true;
}
