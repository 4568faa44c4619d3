/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "token.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "encoding.h"
#include "number.h"

static const char scheme[] = "postern://";

static bool is_alnum(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* One part of a DNS name: 1 to 63 letters, digits, hyphens within; the underscore is in use. */
static bool label_valid(const char *label, size_t length)
{
	if (length < 1 || length > 63 || label[0] == '-' || label[length - 1] == '-')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!is_alnum(label[i]) && label[i] != '-' && label[i] != '_')
			return false;
	return true;
}

bool token_host_valid(const char *host)
{
	struct address address;
	size_t length = strlen(host);
	const char *last = host;

	if (length == 0 || length > 253)
		return false;
	if (address_parse(&address, host) == 0)
		return true;
	while (*host != '\0') {
		size_t label = strcspn(host, ".");
		if (!label_valid(host, label))
			return false;
		last = host;
		host += label;
		if (*host == '.')
			host++; /* one at the very end is the root's */
	}
	/* "192.0.2" is neither: a resolver would make an address of it. */
	return last[strspn(last, "0123456789.")] != '\0';
}

static int set_id(struct token *token, const char *value, struct error *error)
{
	uint8_t bytes[4];

	if (encoding_hex_decode(bytes, sizeof bytes, value) < 0)
		return error_set(error, "must be 8 hex digits");
	token->who.id = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
			(uint32_t)bytes[2] << 8 | bytes[3];
	return token->who.id != 0 ? 0 : error_set(error, "must not be zero");
}

static int set_secret(uint8_t secret[static CRYPTO_KEY], const char *value, struct error *error)
{
	if (encoding_base64_decode(secret, CRYPTO_KEY, value) < 0)
		return error_set(error, "must be 32 bytes as 43 characters of base64url");
	return 0;
}

static int set_key(struct token *token, const char *value, struct error *error)
{
	return set_secret(token->who.key, value, error);
}

static int set_server(struct token *token, const char *value, struct error *error)
{
	return set_secret(token->server, value, error);
}

static int set_ports(struct portset *set, const char *value, struct error *error)
{
	if (*value == '\0')
		return error_set(error, "names no port");
	return portset_parse(set, value, error);
}

static int set_spa(struct token *token, const char *value, struct error *error)
{
	return set_ports(&token->spa, value, error);
}

static int set_sequence(struct token *token, const char *value, struct error *error)
{
	return set_ports(&token->sequence, value, error);
}

static int set_code(struct token *token, const char *value, struct error *error)
{
	return set_ports(&token->code, value, error);
}

static int set_codelen(struct token *token, const char *value, struct error *error)
{
	uint32_t number;

	if (number_parse(&number, value, UINT8_MAX) < 0 || number == 0)
		return error_set(error, "must be a number from 1 to 255");
	token->codelen = (uint8_t)number;
	return 0;
}

static int set_nat(struct token *token, const char *value, struct error *error)
{
	if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
		return error_set(error, "must be 0 or 1");
	token->nat = *value == '1';
	return 0;
}

static const struct field {
	const char *name;
	bool required;
	int (*set)(struct token *token, const char *value, struct error *error);
} fields[] = {
    {"id", true, set_id},
    {"key", true, set_key},
    {"server", true, set_server},
    {"spa", false, set_spa},
    {"seq", false, set_sequence},
    {"code", false, set_code},
    {"codelen", false, set_codelen},
    {"nat", false, set_nat},
};

enum { N_FIELDS = sizeof fields / sizeof fields[0] };

/* A part of the line, which is not changed. */
struct piece {
	const char *at;
	size_t length;
};

/* Cuts what stands before the first mark off the front of rest, and the mark; without a mark,
 * all of it. Was there one? */
static bool cut(struct piece *front, struct piece *rest, char mark)
{
	const char *found = memchr(rest->at, mark, rest->length);

	*front = *rest;
	if (found != NULL)
		front->length = (size_t)(found - rest->at);
	size_t gone = front->length + (found != NULL);
	rest->at += gone;
	rest->length -= gone;
	return found != NULL;
}

/* With a terminator; -1 where it does not fit. */
static int copy(char *text, size_t size, struct piece piece)
{
	if (piece.length >= size)
		return -1;
	memcpy(text, piece.at, piece.length);
	text[piece.length] = '\0';
	return 0;
}

static const struct field *field_of(struct piece name)
{
	for (size_t i = 0; i < N_FIELDS; i++)
		if (strlen(fields[i].name) == name.length &&
		    memcmp(fields[i].name, name.at, name.length) == 0)
			return &fields[i];
	return NULL;
}

static int parse_value(struct token *token, const struct field *field, struct piece piece,
		       struct error *error)
{
	struct error why = {"is longer than any such field"};
	char value[PORTSET_TEXT];
	int result = copy(value, sizeof value, piece);

	if (result == 0)
		result = field->set(token, value, &why);
	crypto_wipe(value, sizeof value); /* it may have been a secret */
	if (result < 0)
		return error_set(error, "the token's %s=: %s; copy the whole token again",
				 field->name, why.text);
	return 0;
}

static int parse_fields(struct token *token, struct piece rest, struct error *error)
{
	unsigned seen = 0;

	while (rest.length > 0) {
		struct piece field, name;
		cut(&field, &rest, '&');
		cut(&name, &field, '=');
		const struct field *known = field_of(name);
		if (known == NULL)
			continue; /* of a later version */
		unsigned bit = 1u << (known - fields);
		if ((seen & bit) != 0)
			return error_set(error, "the token has %s= twice; copy it again",
					 known->name);
		seen |= bit;
		if (parse_value(token, known, field, error) < 0)
			return -1;
	}
	for (size_t i = 0; i < N_FIELDS; i++)
		if (fields[i].required && (seen & 1u << i) == 0)
			return error_set(
			    error,
			    "the token has no %s=; was its end cut off? copy the whole "
			    "line again",
			    fields[i].name);
	return 0;
}

/* gate.example.org, 192.0.2.7 or [2001:db8::7]: what has colons has brackets. */
static bool parse_host(struct token *token, struct piece host)
{
	bool brackets = host.length >= 2 && host.at[0] == '[' && host.at[host.length - 1] == ']';

	if (brackets) {
		host.at++;
		host.length -= 2;
	}
	if (copy(token->host, sizeof token->host, host) < 0 || !token_host_valid(token->host))
		return false;
	return brackets == (strchr(token->host, ':') != NULL);
}

static int parse_whole(struct token *token, struct piece rest, struct error *error)
{
	const size_t scheme_length = sizeof scheme - 1;
	struct piece name, host;

	if (rest.length < scheme_length || memcmp(rest.at, scheme, scheme_length) != 0)
		return error_set(error,
				 "this is no token; one begins with %sNAME@HOST/?id=", scheme);
	rest.at += scheme_length;
	rest.length -= scheme_length;
	if (!cut(&name, &rest, '@') || copy(token->name, sizeof token->name, name) < 0 ||
	    !name_valid(token->name))
		return error_set(error, "the token's name must be 1 to 32 of A-Za-z0-9._- and end "
					"with @");
	if (!cut(&host, &rest, '/') || !parse_host(token, host))
		return error_set(error, "the token's host must be a DNS name, an IPv4 address or "
					"an IPv6 one in brackets, and end with /");
	if (rest.length == 0 || *rest.at != '?')
		return error_set(error, "the token has no fields; after the host comes /?id=");
	rest.at++;
	rest.length--;
	if (parse_fields(token, rest, error) < 0)
		return -1;
	if (token->code.count > 0 && token->codelen > token->code.count)
		return error_set(error, "the token's codelen=%u is more than its code= has ports",
				 token->codelen);
	return 0;
}

static bool is_one_word(struct piece piece, struct error *error)
{
	for (size_t i = 0; i < piece.length; i++) {
		unsigned char c = (unsigned char)piece.at[i];
		if (c > 0x20 && c < 0x7f)
			continue;
		error_set(error, "a token is one line without blanks; copy it again as one");
		return false;
	}
	return true;
}

int token_parse(struct token *token, const char *line, struct error *error)
{
	struct piece piece = {line, strlen(line)};

	while (piece.length > 0 && is_blank(piece.at[piece.length - 1]))
		piece.length--;
	while (piece.length > 0 && is_blank(*piece.at)) {
		piece.at++;
		piece.length--;
	}
	memset(token, 0, sizeof *token);
	token->codelen = TOKEN_CODELEN;
	if (is_one_word(piece, error) && parse_whole(token, piece, error) == 0)
		return 0;
	crypto_wipe(token, sizeof *token);
	return -1;
}

/* A line in the making. The size of the text is such that no token is longer. */
struct line {
	char *text;
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void put(struct line *line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(line->text + line->used, TOKEN_TEXT - line->used, format, arguments);
	va_end(arguments);
	line->used += (size_t)length;
}

/* Straight into the line: a secret leaves no copy elsewhere. */
static void put_secret(struct line *line, const char *name, const uint8_t secret[static CRYPTO_KEY])
{
	put(line, "&%s=", name);
	encoding_base64_encode(line->text + line->used, secret, CRYPTO_KEY);
	line->used += ENCODING_BASE64_TEXT(CRYPTO_KEY) - 1;
}

static void put_ports(struct line *line, const char *name, const struct portset *set)
{
	char ports[PORTSET_TEXT];

	if (set->count == 0)
		return;
	portset_print(ports, set);
	put(line, "&%s=%s", name, ports);
}

size_t token_print(char text[static TOKEN_TEXT], const struct token *token)
{
	bool brackets = strchr(token->host, ':') != NULL;
	struct line line = {.text = text};

	put(&line, "%s%s@%s%s%s/?id=%08x", scheme, token->name, brackets ? "[" : "", token->host,
	    brackets ? "]" : "", token->who.id);
	put_secret(&line, "key", token->who.key);
	put_secret(&line, "server", token->server);
	put_ports(&line, "spa", &token->spa);
	put_ports(&line, "seq", &token->sequence);
	put_ports(&line, "code", &token->code);
	if (token->code.count > 0 || token->codelen != TOKEN_CODELEN)
		put(&line, "&codelen=%u", token->codelen);
	if (token->nat)
		put(&line, "&nat=1");
	return line.used;
}
