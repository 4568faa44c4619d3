/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What reads and writes secrets leaves none on the stack. Each is run on a stack of our own, which
 * is then searched for the secrets, as bytes and as text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "build.h"
#include "encoding.h"
#include "keys.h"
#include "token.h"
#include "unit.h"

#define KEY    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define SERVER "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"
#define SINCE  "since=2026-11-23T19:00:00.123Z"
#define TOKEN  "postern://alice@gate.example.org/?id=0011aabb&key=" KEY "&server=" SERVER
#define FILE_  "server=" SERVER " " SINCE "\nalice id=0011aabb key=" KEY " " SINCE "\n"

enum { STACK = 256 * 1024 };

static uint8_t *stack;
static ucontext_t here, there;

static void on_own_stack(void (*function)(void))
{
	memset(stack, 0, STACK);
	assert_int_equal(getcontext(&there), 0);
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = STACK;
	there.uc_link = &here;
	makecontext(&there, function, 0);
	assert_int_equal(swapcontext(&here, &there), 0);
}

/* Eight bytes of it are enough: a register that was put aside holds no more than a few of them. */
static bool piece_left(const void *whole, size_t size)
{
	for (size_t i = 0; i + 8 <= size; i += 8)
		if (memmem(stack, STACK, (const uint8_t *)whole + i, 8) != NULL)
			return true;
	return false;
}

static bool secret_left(void)
{
	uint8_t key_bytes[CRYPTO_KEY], server_bytes[CRYPTO_KEY];

	assert_int_equal(encoding_base64_decode(key_bytes, CRYPTO_KEY, KEY), 0);
	assert_int_equal(encoding_base64_decode(server_bytes, CRYPTO_KEY, SERVER), 0);
	return piece_left(key_bytes, CRYPTO_KEY) || piece_left(server_bytes, CRYPTO_KEY) ||
	       piece_left(KEY, sizeof KEY - 1) || piece_left(SERVER, sizeof SERVER - 1);
}

/* What the functions work on lies outside of that stack. */
static struct token token;
static struct keys keys;
static struct key key;
static struct error error;
static char text[KEYS_LINE];
static uint8_t secret[CRYPTO_KEY];
static uint64_t since;
static int result;

static void careless(void)
{
	volatile char copy[sizeof KEY];

	for (size_t i = 0; i < sizeof KEY; i++)
		copy[i] = KEY[i];
	result = copy[0];
}

static void parse_token(void)
{
	result = token_parse(&token, TOKEN, &error);
}

static void parse_bad_token(void)
{
	result = token_parse(&token, TOKEN "&nat=2", &error) == -1 ? 0 : -1;
}

static void print_token(void)
{
	result = token_print(text, &token) == strlen(TOKEN) ? 0 : -1;
}

static void parse_keys(void)
{
	result = keys_parse(&keys, FILE_, sizeof FILE_ - 1, &error);
}

static void parse_bad_keys(void)
{
	result = keys_parse(&keys, FILE_ FILE_, 2 * sizeof FILE_ - 2, &error) == -1 ? 0 : -1;
}

static void parse_key(void)
{
	result = keys_parse_line("alice id=0011aabb key=" KEY " " SINCE, &key, secret, &since,
				 &error) == KEYS_KEY
		     ? 0
		     : -1;
}

static void parse_server(void)
{
	struct key empty;

	result = keys_parse_line("server=" SERVER " " SINCE, &empty, secret, &since, &error) ==
			 KEYS_SERVER
		     ? 0
		     : -1;
}

static void print_key(void)
{
	result = keys_print_line(text, sizeof text, &key, &error);
}

static void print_server(void)
{
	keys_print_server(text, sizeof text, secret, since);
	result = 0;
}

static void a_copy_would_be_found(void **state)
{
	(void)state;
	on_own_stack(careless);
	assert_true(secret_left());
}

static void check(void (*function)(void))
{
	result = -1;
	on_own_stack(function);
	assert_int_equal(result, 0);
	assert_false(secret_left());
}

static void tokens(void **state)
{
	(void)state;
	check(parse_token);
	check(print_token);
	check(parse_bad_token);
}

static void key_files(void **state)
{
	(void)state;
	check(parse_keys);
	keys_free(&keys);
	check(parse_bad_keys);
	check(parse_key);
	check(print_key);
	keys_key_free(&key);
	check(parse_server);
	check(print_server);
}

static int make_stack(void **state)
{
	(void)state;
	stack = malloc(STACK);
	return stack == NULL ? -1 : 0;
}

static int free_stack(void **state)
{
	(void)state;
	free(stack);
	return 0;
}

int main(void)
{
#ifdef SANITIZERS
	puts("1..0 # SKIP the sanitizers keep the stack elsewhere");
	return 0;
#endif
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_copy_would_be_found),
	    cmocka_unit_test(tokens),
	    cmocka_unit_test(key_files),
	};

	return cmocka_run_group_tests_name("wipe", tests, make_stack, free_stack);
}
