# SPDX-License-Identifier: GPL-2.0-or-later
# drive.sh: to talk to a program that takes a command a line, and answers each by a line.
# shellcheck shell=sh disable=SC3043,SC2034,SC2154

# talk_to LOG PROGRAM [ARGUMENT…]: starts it on the server. $driver is the process.
talk_to()
{
	local talk_log="$1"
	shift
	mkfifo "$T/in" "$T/out"
	nsenter --net=/run/netns/server -- "$@" <"$T/in" >"$T/out" 2>"$T/$talk_log" &
	driver=$!
	children="${children:-} $driver"
	exec 3>"$T/in" 4<"$T/out"
	rm "$T/in" "$T/out"
}

# say COMMAND…: gives it one; its answer is $said.
say()
{
	echo "$*" >&3
	read -r said <&4 || bail "the program ended at: $*"
}

# hold_lock: somebody else has the xtables lock, for longer than anyone waits; $holder.
hold_lock()
{
	(
		exec 9>"$XTABLES_LOCKFILE"
		flock 9
		echo held >"$T/held"
		exec sleep 60
	) &
	holder=$!
	children="$children $holder"
	wait_until 30 test -s "$T/held" || bail 'no lock'
	rm "$T/held"
}

# hang_up [SIGNAL]: ends it; what it wrote stays.
hang_up()
{
	exec 3>&- 4<&-
	end "$driver" "${1:-KILL}"
}
