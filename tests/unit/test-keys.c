/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keys.h"
#include "unit.h"

#define SECRET  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define SECRET2 "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"
#define SINCE   "since=2026-11-23T19:00:00.123Z"
#define SERVER  "server=" SECRET2 " " SINCE
#define WHO     "id=0011aabb key=" SECRET " " SINCE
#define FULL                                                                            \
	"alice " WHO " host=gate.example.org open=tcp/22,udp/1194 for=30s max=1h "      \
	"from=192.0.2.0/24,2001:db8::/32 user=alice,root expires=2027-01-01T00:00:00Z " \
	"trigger=1,2 nat code"

static const uint64_t since_ms = 1795460400123;

static enum keys_line parse(const char *line, struct key *key, struct error *error)
{
	uint8_t server[CRYPTO_KEY];
	uint64_t since;

	error->text[0] = '\0';
	return keys_parse_line(line, key, server, &since, error);
}

static void every_field(void **state)
{
	struct error error;
	struct key key;
	struct address address;

	(void)state;
	if (parse(FULL, &key, &error) != KEYS_KEY)
		fail_msg("%s", error.text);
	assert_string_equal(key.name, "alice");
	assert_int_equal(key.who.id, 0x0011aabb);
	for (uint8_t i = 0; i < CRYPTO_KEY; i++)
		assert_int_equal(key.who.key[i], i);
	assert_int_equal(key.since_ms, since_ms);
	assert_int_equal(key.expires_ms, 1798761600000);
	assert_int_equal(key.for_s, 30);
	assert_int_equal(key.max_s, 3600);
	assert_string_equal(key.host, "gate.example.org");
	assert_true(key.nat && key.code);
	assert_int_equal(key.n_doors, 2);
	assert_int_equal(key.doors[1].port, 1194);
	assert_int_equal(key.n_from, 2);
	assert_int_equal(address_parse(&address, "192.0.2.99"), 0);
	assert_true(network_contains(&key.from[0], &address));
	assert_int_equal(key.n_users, 2);
	assert_string_equal(key.users[0], "alice");
	assert_string_equal(key.users[1], "root");
	assert_int_equal(key.n_triggers, 2);
	assert_int_equal(key.triggers[0], 1);
	assert_int_equal(key.triggers[1], 2);
	keys_key_free(&key);
	assert_null(key.doors);
	keys_key_free(&key); /* of an empty one: fine */
}

static void the_least(void **state)
{
	struct error error;
	struct key key;

	(void)state;
	memset(&key, 0xff, sizeof key);
	assert_int_equal(parse("bob " WHO, &key, &error), KEYS_KEY);
	assert_int_equal(key.n_doors + key.n_from + key.n_users + key.n_triggers, 0);
	assert_true(key.doors == NULL && key.from == NULL && key.users == NULL &&
		    key.triggers == NULL && key.host == NULL);
	assert_int_equal(key.for_s + key.max_s + key.expires_ms, 0);
	assert_false(key.nat || key.code);
	keys_key_free(&key);
}

static void prints_what_it_parses(void **state)
{
	static const char *const lines[] = {FULL, "bob " WHO, "bob " WHO " host=2001:db8::7 nat",
					    "bob " WHO " max=2d",
					    "bob " WHO " user=DOMAIN\\bob,b#b,b=b"};
	char line[KEYS_LINE];
	struct error error;
	struct key key;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		if (parse(lines[i], &key, &error) != KEYS_KEY)
			fail_msg("%s", error.text);
		assert_int_equal(keys_print_line(line, sizeof line, &key, &error), 0);
		assert_string_equal(line, lines[i]);
		keys_key_free(&key);
	}
}

static void a_line_that_does_not_fit(void **state)
{
	char small[40], name[256], long_line[2 * KEYS_LINE];
	char *users[KEYS_USERS] = {NULL};
	struct error error;
	struct key key;

	(void)state;
	assert_int_equal(parse("bob " WHO, &key, &error), KEYS_KEY);
	for (size_t size = 1; size < sizeof small; size++)
		assert_int_equal(keys_print_line(small, size, &key, &error), -1);
	assert_int_equal(small[0], 0);
	assert_non_null(strstr(error.text, "bob"));

	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	for (size_t i = 0; i < KEYS_USERS; i++)
		users[i] = name;
	key.users = users;
	key.n_users = KEYS_USERS;
	char host[KEYS_LINE / 2];
	memset(host, 'h', sizeof host - 1);
	host[sizeof host - 1] = '\0';
	key.host = host;
	assert_int_equal(keys_print_line(long_line, sizeof long_line, &key, &error), -1);
	key.host = NULL;
	key.users = NULL;
	keys_key_free(&key);
}

static void server_line(void **state)
{
	uint8_t server[CRYPTO_KEY] = {0};
	char line[KEYS_LINE];
	uint64_t since = 0;
	struct error error;
	struct key key;

	(void)state;
	assert_int_equal(keys_parse_line(SERVER, &key, server, &since, &error), KEYS_SERVER);
	assert_int_equal(server[31], 63);
	assert_int_equal(since, since_ms);
	keys_print_server(line, sizeof line, server, since);
	assert_string_equal(line, SERVER);
	assert_int_equal(keys_parse_line(SINCE "\tserver=" SECRET, &key, server, &since, &error),
			 KEYS_SERVER);
	assert_int_equal(server[31], 31);
	/* another line leaves it alone */
	assert_int_equal(keys_parse_line("bob " WHO, &key, server, &since, &error), KEYS_KEY);
	assert_int_equal(server[31], 31);
	keys_key_free(&key);
}

static void comments_and_blanks(void **state)
{
	static const char *const nothing[] = {"", "  \t", "# a comment", " \t# " WHO, "#"};
	struct error error;
	struct key key;

	(void)state;
	for (size_t i = 0; i < COUNT(nothing); i++)
		assert_int_equal(parse(nothing[i], &key, &error), KEYS_NOTHING);
	assert_int_equal(parse(" \t bob\t" WHO "  nat \t# the gateway", &key, &error), KEYS_KEY);
	assert_true(key.nat);
	keys_key_free(&key);
}

static const struct {
	const char *line, *why;
} wrong[] = {
    {WHO, "begins with the key's NAME"},
    {"b@b " WHO, "begins with the key's NAME"},
    {"-b " WHO, "begins with the key's NAME"},
    {SECRET " " WHO, "begins with the key's NAME"},
    {"bob", "id= is missing"},
    {"bob key=" SECRET " " SINCE, "id= is missing"},
    {"bob id=0011aabb " SINCE, "key= is missing"},
    {"bob id=0011aabb key=" SECRET, "since= is missing"},
    {"bob id=00000000 key=" SECRET " " SINCE, "id=: must not be zero"},
    {"bob id=0011aabbc key=" SECRET " " SINCE, "id=: must be 8 hex digits"},
    {"bob id=0011aabb key=" SECRET "= " SINCE, "key=: must be 32 bytes"},
    {"bob id=0011aabb key=A" SECRET " " SINCE, "key=: must be 32 bytes"},
    {"bob id=0011aabb " SECRET " " SINCE, "a word that is no field"},
    {"bob id=0011aabb " SECRET "= " SINCE, "a word that is no field"},
    {"bob id=0011aabb ke:y=" SECRET " " SINCE, "a word that is no field"},
    {"bob " WHO " colour=red", "unknown field colour="},
    {"bob " WHO " server=" SECRET, "unknown field server="},
    {"bob " WHO " Nat", "a word that is no field"},
    {"bob " WHO " nat=1", "nat takes no value"},
    {"bob " WHO " for", "for needs =VALUE"},
    {"bob " WHO " id=0011aabc", "id is there twice"},
    {"bob " WHO " nat nat", "nat is there twice"},
    {"bob " WHO " for=1s for=2s", "for is there twice"},
    {"bob " WHO " code", "code requires nat"},
    {"bob " WHO " for=1h max=1m", "max= is less than for="},
    {"bob " WHO " for=0", "for=: must be 1s at least"},
    {"bob " WHO " max=0s", "max=: must be 1s at least"},
    {"bob " WHO " for=1y", "for=: \"1y\" is no span"},
    {"bob " WHO " expires=tomorrow", "expires=: \"tomorrow\" is no moment"},
    {"bob " WHO " expires=2023-02-29", "expires=: \"2023-02-29\" is no date"},
    {"bob " WHO " expires=1970-01-01", "expires=: must be after"},
    {"bob " WHO " host=[::1]", "host=: must be"},
    {"bob " WHO " host=", "host=: must be"},
    {"bob " WHO " open=", "open=: \"\" is no door"},
    {"bob " WHO " open=tcp/22,", "open=: \"\" is no door"},
    {"bob " WHO " open=tcp/22,tpc/23", "open=: \"tpc/23\" is no door"},
    {"bob " WHO " open=tcp/22,udp/1,tcp/22", "open=: has tcp/22 twice"},
    {"bob " WHO " from=192.0.2.1/24", "from=: \"192.0.2.1/24\" has bits"},
    {"bob " WHO " from=10.0.0.0/8,,", "from=: \"\" is no network"},
    {"bob " WHO " from=10.0.0.0/8,10.0.0.0/8", "from=: has 10.0.0.0/8 twice"},
    {"bob " WHO " user=", "user=: has an empty"},
    {"bob " WHO " user=a,,b", "user=: has an empty"},
    {"bob " WHO " user=a\rb", "user=: has an empty"},
    {"bob " WHO " user=a,b,a", "user=: has a twice"},
    {"bob " WHO " trigger=0", "trigger=: \"0\" is no number"},
    {"bob " WHO " trigger=65536", "trigger=: \"65536\" is no number"},
    {"bob " WHO " trigger=1,1", "trigger=: has 1 twice"},
    {"server=" SECRET, "since= is missing"},
    {SINCE, "server= is missing"},
    {"server=" SECRET "x " SINCE, "server=: must be 32 bytes"},
    {SERVER " nat", "a word that is no field"},
    {SERVER " id=0011aabb", "unknown field id="},
};

/* No error repeats a part of a secret, and nothing of the key stays. */
static void refuses_says_why_and_wipes(void **state)
{
	static const uint8_t nothing[sizeof(struct key)];
	struct error error;
	struct key key;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		memset(&key, 0xff, sizeof key);
		assert_int_equal(parse(wrong[i].line, &key, &error), KEYS_ERROR);
		if (strstr(error.text, wrong[i].why) == NULL)
			fail_msg("\"%s\": %s", wrong[i].line, error.text);
		assert_null(strstr(error.text, "AAECAwQF"));
		assert_null(strstr(error.text, "ICEiIyQl"));
		assert_memory_equal(&key, nothing, sizeof nothing);
	}
}

/* "FIELD=" and n items, which format makes of 1, 2, ... */
static void list_line(char *line, const char *field, const char *format, unsigned n)
{
	line += sprintf(line, "bob %s %s=", WHO, field);
	for (unsigned i = 1; i <= n; i++) {
		line += sprintf(line, "%s", i > 1 ? "," : "");
		line += strcmp(format, "tcp") == 0 ? sprintf(line, "tcp/%u", i)
			: strcmp(format, "net") == 0
			    ? sprintf(line, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:%x", 0xf000 + i)
			    : sprintf(line, "%u", i);
	}
}

static void lists_are_bounded(void **state)
{
	static const struct {
		const char *field, *format;
		unsigned most;
	} lists[] = {{"open", "tcp", KEYS_DOORS},
		     {"from", "net", KEYS_NETWORKS},
		     {"user", "", KEYS_USERS},
		     {"trigger", "", KEYS_TRIGGERS}};
	char line[KEYS_LINE], printed[KEYS_LINE];
	struct error error;
	struct key key;

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		list_line(line, lists[i].field, lists[i].format, lists[i].most);
		assert_int_equal(parse(line, &key, &error), KEYS_KEY);
		assert_int_equal(keys_print_line(printed, sizeof printed, &key, &error), 0);
		assert_string_equal(printed, line);
		keys_key_free(&key);
		list_line(line, lists[i].field, lists[i].format, lists[i].most + 1);
		assert_int_equal(parse(line, &key, &error), KEYS_ERROR);
		assert_non_null(strstr(error.text, "is the most"));
	}
}

static void lines_are_bounded(void **state)
{
	char line[KEYS_LINE + 1];
	struct error error;
	struct key key;

	(void)state;
	memset(line, ' ', sizeof line);
	memcpy(line, "bob " WHO, sizeof "bob " WHO - 1);
	line[KEYS_LINE - 1] = '\0';
	assert_int_equal(parse(line, &key, &error), KEYS_KEY);
	keys_key_free(&key);
	line[KEYS_LINE - 1] = ' ';
	line[KEYS_LINE] = '\0';
	assert_int_equal(parse(line, &key, &error), KEYS_ERROR);
	assert_non_null(strstr(error.text, "longer than 8191"));
}

static void whole_file(void **state)
{
	static const char text[] = "# keys of gate\r\n"
				   "\n" SERVER "\r\n"
				   "alice " WHO "\r\n"
				   "  # old\n"
				   "bob id=ffffffff key=" SECRET2 " " SINCE " nat"; /* no end */
	char before[sizeof text];
	struct error error;
	struct keys keys;

	(void)state;
	memcpy(before, text, sizeof text);
	if (keys_parse(&keys, text, sizeof text - 1, &error) < 0)
		fail_msg("%s", error.text);
	assert_memory_equal(text, before, sizeof text);
	assert_true(keys.has_server);
	assert_int_equal(keys.server[31], 63);
	assert_int_equal(keys.since_ms, since_ms);
	assert_int_equal(keys.count, 2);
	assert_int_equal(keys.list[0].line, 4);
	assert_int_equal(keys.list[1].line, 6);
	assert_ptr_equal(keys_find(&keys, 0x0011aabb), &keys.list[0]);
	assert_ptr_equal(keys_find(&keys, 0xffffffff), &keys.list[1]);
	assert_null(keys_find(&keys, 0));
	assert_null(keys_find(&keys, 0x0011aabc));
	keys_free(&keys);
	assert_null(keys_find(&keys, 0x0011aabb));
	keys_free(&keys); /* of an empty one: fine */
}

static void an_empty_file_is_fine(void **state)
{
	static const char *const texts[] = {"", "\n\n", "# nothing yet\n"};
	struct error error;
	struct keys keys;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_int_equal(keys_parse(&keys, texts[i], strlen(texts[i]), &error), 0);
		assert_false(keys.has_server);
		assert_int_equal(keys.count, 0);
		assert_null(keys_find(&keys, 1));
		keys_free(&keys);
	}
}

#define KEY_LINE(name, id) name " id=" id " key=" SECRET " " SINCE

static void files_refused(void **state)
{
	static const struct {
		const char *text;
		size_t size; /* 0: to the terminator */
		const char *why;
	} files[] = {
	    {"\n" KEY_LINE("a", "00000001") "\n" SERVER "\n", 0, "line 2: a key before the server"},
	    {SERVER "\n" SERVER "\n", 0, "line 2: a second server line"},
	    {SERVER "\n" KEY_LINE("a", "00000001") "\n" SERVER "\n", 0, "line 3: a second server"},
	    {SERVER "\n" KEY_LINE("a", "00000001") "\n#\n" KEY_LINE("b", "00000001"), 0,
	     "line 4: id=00000001 is that of line 2 too"},
	    {SERVER "\n" KEY_LINE("a", "00000001") "\n" KEY_LINE("a", "00000002"), 0,
	     "line 3: the name a is that of line 2 too"},
	    {SERVER "\n" KEY_LINE("a", "00000001") "\n" KEY_LINE("b", "00000003") "\n" KEY_LINE(
		 "a", "00000002") " expires=2027-01-01\n" KEY_LINE("a", "00000004"),
	     0, "line 5: the name a is that of line 2 too"},
	    {SERVER "\n\n" KEY_LINE("a", "0000001"), 0, "line 3: id=: must be 8 hex"},
	    {SERVER "\n# \0\n", sizeof SERVER + 4, "line 2: a NUL byte"},
	    {SERVER "\0", sizeof SERVER, "line 1: a NUL byte"},
	};
	static const struct keys nothing;
	struct error error;
	struct keys keys;

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		size_t size = files[i].size != 0 ? files[i].size : strlen(files[i].text);
		memset(&keys, 0xff, sizeof keys);
		assert_int_equal(keys_parse(&keys, files[i].text, size, &error), -1);
		if (strncmp(error.text, files[i].why, strlen(files[i].why)) != 0)
			fail_msg("%s", error.text);
		assert_memory_equal(&keys, &nothing, sizeof keys);
	}
}

static void a_name_twice_while_one_ends(void **state)
{
	static const char text[] = SERVER "\n" KEY_LINE("a", "00000001") " expires=2027-01-01\n" //
	    KEY_LINE("a", "00000002") "\n" KEY_LINE("a", "00000003") " expires=2027-01-01\n";
	struct error error;
	struct keys keys;

	(void)state;
	if (keys_parse(&keys, text, sizeof text - 1, &error) < 0)
		fail_msg("%s", error.text);
	assert_int_equal(keys.count, 3);
	keys_free(&keys);
}

/* Every allocation fails in its turn: no leak, nothing left, and the error says what it was. */
static unsigned allocations, failing;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
	return ++allocations == failing ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return ++allocations == failing ? NULL : __real_calloc(count, size);
}

char *__wrap_strdup(const char *text)
{
	return ++allocations == failing ? NULL : __real_strdup(text);
}

static void without_memory(void **state)
{
	static const char text[] = SERVER "\n" FULL "\n";
	static const struct keys nothing;
	struct error error;
	struct keys keys;
	int result = -1;
	unsigned at;

	(void)state;
	for (at = 1; result < 0; at++) {
		allocations = 0;
		failing = at;
		result = keys_parse(&keys, text, sizeof text - 1, &error);
		failing = 0;
		if (result == 0)
			break;
		assert_non_null(strstr(error.text, "out of memory"));
		assert_memory_equal(&keys, &nothing, sizeof keys);
	}
	assert_in_range(at, 5, 20); /* list, index, the lists of the key, the names */
	keys_free(&keys);
}

enum { MANY = 100000 };

static uint32_t nth_id(uint32_t i)
{
	return (i + 1) * 2654435761u; /* an odd factor: all of them differ, none is 0 */
}

static char *many_lines(size_t *size)
{
	char *text = malloc(MANY * 256), *at = text;

	assert_non_null(text);
	at += sprintf(at, "%s\n", SERVER);
	for (uint32_t i = 0; i < MANY; i++)
		at +=
		    sprintf(at,
			    "client-%u id=%08x key=%s %s host=gate.example.org open=tcp/22 for=30s "
			    "max=1h from=192.0.2.0/24 user=user%u nat\n",
			    i, nth_id(i), SECRET, SINCE, i);
	*size = (size_t)(at - text);
	return text;
}

static double seconds_of(const struct timespec *from, const struct timespec *to)
{
	return (double)(to->tv_sec - from->tv_sec) + (double)(to->tv_nsec - from->tv_nsec) / 1e9;
}

static void a_hundred_thousand(void **state)
{
	struct timespec start, parsed, found;
	struct error error;
	struct keys keys;
	size_t size;
	char *text = many_lines(&size);

	(void)state;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	if (keys_parse(&keys, text, size, &error) < 0)
		fail_msg("%s", error.text);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &parsed);
	assert_int_equal(keys.count, MANY);
	for (uint32_t i = 0; i < MANY; i++) {
		const struct key *key = keys_find(&keys, nth_id(i));
		if (key != &keys.list[i] || key->line != i + 2)
			fail_msg("key %u is not found", i);
		if (keys_find(&keys, nth_id(MANY + i)) != NULL)
			fail_msg("id %u is nobody's", nth_id(MANY + i));
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &found);
	print_message("# %d keys of %zu bytes: parsed in %.3f s, %d look-ups in %.3f s\n", MANY,
		      size, seconds_of(&start, &parsed), 2 * MANY, seconds_of(&parsed, &found));
	assert_true(seconds_of(&start, &parsed) < 20); /* quadratic would be minutes */
	keys_free(&keys);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_field),
	    cmocka_unit_test(the_least),
	    cmocka_unit_test(prints_what_it_parses),
	    cmocka_unit_test(a_line_that_does_not_fit),
	    cmocka_unit_test(server_line),
	    cmocka_unit_test(comments_and_blanks),
	    cmocka_unit_test(refuses_says_why_and_wipes),
	    cmocka_unit_test(lists_are_bounded),
	    cmocka_unit_test(lines_are_bounded),
	    cmocka_unit_test(whole_file),
	    cmocka_unit_test(an_empty_file_is_fine),
	    cmocka_unit_test(files_refused),
	    cmocka_unit_test(a_name_twice_while_one_ends),
	    cmocka_unit_test(without_memory),
	    cmocka_unit_test(a_hundred_thousand),
	};

	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
