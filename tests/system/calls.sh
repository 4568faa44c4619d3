# SPDX-License-Identifier: GPL-2.0-or-later
# calls.sh: a posternd in whose processes calls can be made to fail, on the keys of kills.py.
# shellcheck shell=sh disable=SC3043,SC2154

# faulty_parts: the processes, linked with faulty.c, in $T/faulty; their keys, and who is knocked for.
faulty_parts()
{
	local part
	mkdir "$T/faulty"
	for part in capture auth firewall; do
		cp "$builddir/tests/system/faulty-$part" "$T/faulty/postern-$part" || bail 'not built'
	done
	(umask 077 && python3 "$srcdir/tests/system/kills.py" keys 200 >"$T/keys")
	add_key alice --open tcp/80 # and so the record
	spawn server listen.log python3 "$srcdir/tests/system/net.py" listen 80
	wait_until 30 grep -q listening "$T/listen.log" || bail 'no listener'
}

# calls BACKEND: each fault of that table in calls.py is a result
calls()
{
	local result name
	: >"$T/posternd.log"
	client python3 "$srcdir/tests/system/calls.py" "$1" "$T/posternd.log" "$T/control.sock" "$T/faulty" \
		"$builddir/daemon/posternd" -n -f "$conf" -l "$T/faulty" -p "$T/posternd.pid" \
		>"$T/calls.txt" 2>"$T/calls.log"
	is "$1: all were tried" "$? $(cat "$T/calls.log")" '0 '
	while read -r result name; do
		[ "$result" != seed ] || { note "SEED=$name"; continue; }
		try "$1: $name" [ "$result" = good ]
	done <"$T/calls.txt"
}
