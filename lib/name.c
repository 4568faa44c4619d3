/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "name.h"

#include <string.h>

bool name_valid(const char *name)
{
	static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					 "0123456789._-";
	size_t length = strnlen(name, NAME_SIZE);

	if (length == 0 || length == NAME_SIZE || name[0] == '-' ||
	    strspn(name, characters) != length)
		return false;
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}
