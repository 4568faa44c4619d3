# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh: what the system tests share. A test is a shell script that prints TAP:
#
#	#!/bin/sh
#	. "${srcdir:-.}/tests/system/lib.sh"
#	need iptables-legacy ip6tables-legacy python3
#	in_namespaces "$0" "$@"         # from here on: own users, network, mounts, processes, /run
#	make_net client stranger        # and "server"; 192.0.2.1, .2, .3; 2001:db8::1, ::2, ::3
#	server_rules
#	start_posternd
#	try 'the door is shut' reaches client 192.0.2.1 silent
#	finish
#
# Everything lives in namespaces that end with the script, and below $T, which is on a tmpfs of
# theirs; so nothing is left behind, however the script ends.
# shellcheck shell=sh disable=SC3043,SC2034,SC2154
# (`local`: dash, bash, busybox and ksh have it; variables: scripts and make set or use them.)

LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
srcdir=$(cd "${srcdir:-.}" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
PYTHONDONTWRITEBYTECODE=1
export srcdir builddir PYTHONDONTWRITEBYTECODE
tests_run=0
tests_failed=0

### TAP

# ok NAME, not_ok NAME, skip NAME REASON: one result each.
ok()
{
	tests_run=$((tests_run + 1))
	printf 'ok %d - %s\n' "$tests_run" "$1"
}

not_ok()
{
	tests_run=$((tests_run + 1))
	tests_failed=$((tests_failed + 1))
	printf 'not ok %d - %s\n' "$tests_run" "$1"
}

skip()
{
	tests_run=$((tests_run + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tests_run" "$1" "$2"
}

# note TEXT…: for the reader of the log.
note()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

# skip_all REASON: nothing of this script can run here.
skip_all()
{
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

# bail REASON: the script cannot go on; that is a failure.
bail()
{
	printf 'Bail out! %s\n' "$1"
	show_logs
	exit 1
}

# try NAME [!] COMMAND…: ok where the command does (with ! does not) succeed; its output is shown
# where it did not go as it should.
try()
{
	local name="$1" want=0 got=0
	shift
	if [ "$1" = ! ]; then
		want=1
		shift
	fi
	"$@" >"$T/try.out" 2>&1 || got=1
	if [ "$got" = "$want" ]; then
		ok "$name"
		return
	fi
	not_ok "$name"
	sed 's/^/# /' "$T/try.out"
}

# is NAME GOT EXPECTED: both are the same text.
is()
{
	if [ "$2" = "$3" ]; then
		ok "$1"
		return
	fi
	not_ok "$1"
	note "got:      $2"
	note "expected: $3"
}

# finish: the plan, which is what has run; the last thing that a script does.
finish()
{
	printf '1..%d\n' "$tests_run"
	[ "$tests_failed" = 0 ] || show_logs
	exit $((tests_failed != 0))
}

# show_logs: what the programs said, for whoever reads a failure.
show_logs()
{
	local file
	for file in "${T:-/nonexistent}"/*.log; do
		[ -s "$file" ] || continue
		note "--- ${file##*/}"
		tail -n 40 "$file" | sed 's/^/# /'
	done
}

### Waiting

# now_ms: milliseconds that never step, in steps of 10.
now_ms()
{
	local uptime rest
	read -r uptime rest </proc/uptime
	echo "${uptime%.*}${uptime#*.}0"
}

# wait_until SECONDS COMMAND…: tries it until it succeeds; false if it has not by then.
wait_until()
{
	local end=$(($(now_ms) + $1 * 1000))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ "$(now_ms)" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# alive PID: it runs, and is not a zombie.
alive()
{
	[ -r "/proc/$1/stat" ] || return 1
	case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in
	'' | [ZX]*) return 1 ;;
	esac
}

# gone PID: the opposite, for wait_until.
gone()
{
	! alive "$1"
}

# end PID [SIGNAL]: ends it and waits until it is gone; by KILL where it does not listen.
end()
{
	kill "-${2:-TERM}" "$1" 2>/dev/null || return 0
	wait_until 10 gone "$1" || kill -KILL "$1" 2>/dev/null
	wait_until 30 gone "$1"
}

### What the machine must have

# need PROGRAM…: skips the script, naming the first that is missing.
need()
{
	local program
	for program; do
		command -v "$program" >/dev/null || skip_all "$program is not installed"
	done
}

# is_root: are we really root, and not only within a user namespace of our own?
is_root()
{
	[ "${postern_root:-$(id -u)}" = 0 ]
}

# in_namespaces SCRIPT [ARGUMENT…]: starts the script again in namespaces of its own: processes,
# mounts, network, and, without root, users (where the one user there is becomes "root").
in_namespaces()
{
	local users=''
	exec 2>&1 # one stream: of two, the one is written into the other's lines in the log
	if [ "${postern_inside:-}" != yes ]; then
		postern_root=$(id -u)
		postern_inside=yes
		export postern_root postern_inside
		[ "$postern_root" = 0 ] || users=--map-root-user
		# shellcheck disable=SC2086 # no user namespace: no argument
		unshare $users --net --mount --pid --fork --kill-child --mount-proc true 2>/dev/null ||
			skip_all 'this system lets this user make no namespaces'
		# shellcheck disable=SC2086
		exec unshare $users --net --mount --pid --fork --kill-child --mount-proc \
			/bin/sh "$@"
	fi
	T=/run/postern-test
	mount -t tmpfs -o mode=755 tmpfs /run || bail 'no /run of its own'
	mkdir "$T" /run/netns
	XTABLES_LOCKFILE=$T/xtables.lock
	TMPDIR=$T
	HOME=$T/home
	mkdir -m 700 "$HOME"
	export T XTABLES_LOCKFILE TMPDIR HOME
	# A script that ends early must not look like one that was content with fewer tests.
	trap 'finished=$?; end_all; exit $finished' EXIT
	trap 'exit 1' HUP INT TERM
	ip link set lo up
	make_users
}

# make_users: the system users that an installation has (as root: without, there is but one), and a
# person, "alice", who may log in; in copies of /etc/passwd and its like that only these namespaces see.
make_users()
{
	local file
	user_capture=root user_auth=root user_firewall=root
	for file in passwd group shadow gshadow; do
		[ -r "/etc/$file" ] || continue
		grep -v -e '^postern' -e '^alice:' -e '^sshd:' "/etc/$file" >"$T/$file"
		chmod --reference="/etc/$file" "$T/$file"
	done
	add_user alice 64805 "$T/alice" /bin/sh
	if is_root; then
		user_capture=postern-capture user_auth=postern-auth user_firewall=postern-firewall
		add_user postern-capture 64801 /nonexistent /usr/sbin/nologin
		add_user postern-auth 64802 /nonexistent /usr/sbin/nologin
		add_user postern-firewall 64803 /nonexistent /usr/sbin/nologin
		add_user sshd 64804 /run/sshd /usr/sbin/nologin
		echo 'postern:x:64800:' >>"$T/group"
	fi
	for file in passwd group shadow gshadow; do
		[ ! -e "$T/$file" ] || mount --bind "$T/$file" "/etc/$file" || bail "no /etc/$file of its own"
	done
}

# add_user NAME UID HOME SHELL
add_user()
{
	echo "$1:x:$2:$2::$3:$4" >>"$T/passwd"
	echo "$1:x:$2:" >>"$T/group"
	[ ! -e "$T/shadow" ] || echo "$1:*:19000:0:99999:7:::" >>"$T/shadow"
	[ ! -e "$T/gshadow" ] || echo "$1:!::" >>"$T/gshadow"
}

### Networks

# on PLACE COMMAND…: runs it in that network namespace.
on()
{
	local place="$1"
	shift
	nsenter "--net=/run/netns/$place" -- "$@"
}

server()
{
	on server "$@"
}

client()
{
	on client "$@"
}

stranger()
{
	on stranger "$@"
}

# spawn PLACE LOG COMMAND…: starts it there in the background. $pid is the process itself.
spawn()
{
	local place="$1" log="$2"
	shift 2
	nsenter "--net=/run/netns/$place" -- "$@" </dev/null >>"$T/$log" 2>&1 &
	pid=$!
	children="${children:-} $pid"
}

# end_all: whatever still runs. The end of the namespace would do it as well, but by KILL.
end_all()
{
	local child
	for child in ${children:-}; do
		kill "$child" 2>/dev/null
	done
	children=
}

# make_net NAME…: a namespace "server" with 192.0.2.1 and 2001:db8::1, and one a name, with .2 and
# ::2, .3 and ::3…, each joined to it by a cable of its own. All of them are public addresses.
make_net()
{
	local name number=1
	make_place server
	for name; do
		number=$((number + 1))
		join_place "$name" "$number"
	done
}

# join_place NAME NUMBER: a namespace that is joined to the server so
join_place()
{
	make_place "$1"
	ip -n server link add "$1" type veth peer name eth0 netns "$1" || bail 'no veth'
	ip -n server address add 192.0.2.1 peer "192.0.2.$2/32" dev "$1"
	ip -n server address add 2001:db8::1/128 dev "$1" nodad
	ip -n "$1" address add "192.0.2.$2/24" dev eth0
	ip -n "$1" address add "2001:db8::$2/64" dev eth0 nodad
	ip -n server link set "$1" up
	ip -n "$1" link set eth0 up
	ip -n server -6 route add "2001:db8::$2/128" dev "$1"
	ip -n "$1" route add default via 192.0.2.1
	wait_until 30 link_is_up "$1" || bail "no link to $1"
}

link_is_up()
{
	ip -n server link show "$1" | grep -q 'state UP' && ip -n "$1" link show eth0 | grep -q 'state UP'
}

# make_place NAME: a network namespace without duplicate address detection (which takes a second)
# and without reverse path filters (so that addresses can be forged).
make_place()
{
	ip netns add "$1" || bail "no network namespace $1"
	# shellcheck disable=SC2016
	on "$1" sh -c 'cd /proc/sys/net || exit
		for file in ipv6/conf/all/accept_dad ipv6/conf/default/accept_dad \
			ipv4/conf/all/rp_filter ipv4/conf/default/rp_filter; do
			[ ! -e "$file" ] || echo 0 >"$file"
		done' || bail 'cannot set up the network namespace'
	ip -n "$1" link set lo up
}

# add_address NAME ADDRESS: one more for a client, and the server's way to it.
add_address()
{
	case $2 in
	*:*)
		ip -n "$1" address add "$2/128" dev eth0 nodad
		ip -n server -6 route add "$2/128" dev "$1"
		;;
	*)
		ip -n "$1" address add "$2/32" dev eth0
		ip -n server route add "$2/32" dev "$1"
		;;
	esac
}

# reach NAME ADDRESS PORT [FROM]: what that client finds there: open, refused or silent.
reach()
{
	local place="$1"
	shift
	on "$place" python3 "$srcdir/tests/system/net.py" reach "$@"
}

# reaches NAME ADDRESS FOUND [FROM [PORT]]: the client finds this there, on port 22 or that one.
reaches()
{
	local found
	found=$(reach "$1" "$2" "${5:-22}" "${4:-}") || return 1
	echo "found $found"
	[ "$found" = "$3" ]
}

### The firewall of the server

# both_tables ARGUMENT…: iptables-legacy and ip6tables-legacy, on the server.
both_tables()
{
	server iptables-legacy -w 5 "$@" && server ip6tables-legacy -w 5 "$@"
}

# server_rules: everything is dropped and logged, but what belongs to a connection, and what
# Postern's chain has marked. Below a rate each packet is handed on at once (group 5), above it in
# batches (group 6).
server_rules()
{
	{
		both_tables -t mangle -N POSTERN &&
			both_tables -t mangle -A INPUT -m conntrack --ctstate NEW -j POSTERN &&
			both_tables -P INPUT DROP &&
			both_tables -A INPUT -i lo -j ACCEPT &&
			both_tables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT &&
			server ip6tables-legacy -A INPUT -p ipv6-icmp -j ACCEPT &&
			both_tables -A INPUT -m mark --mark 0x10000/0x10000 -j ACCEPT &&
			both_tables -N SLOW &&
			both_tables -A SLOW -j NFLOG --nflog-group 5 --nflog-threshold 1 &&
			both_tables -A SLOW -j DROP &&
			both_tables -A INPUT -m limit --limit 1000/second --limit-burst 1000 -j SLOW &&
			both_tables -A INPUT -j NFLOG --nflog-group 6 --nflog-threshold 64
	} >"$T/rules.log" 2>&1 || bail 'the firewall rules were refused'
}

### A real sshd

# start_sshd [LINE…]: OpenSSH's, on the server's port 22, with these lines in its configuration; alice's
# key, $T/alice.key, may log in. Without root it runs as alice in a user namespace in which she is the
# only user.
start_sshd()
{
	local sshd
	sshd=$(command -v sshd) || bail 'no sshd'
	mkdir -m 755 /run/sshd "$T/alice" "$T/alice/.ssh"
	ssh-keygen -q -t ed25519 -N '' -f "$T/host.key" || bail 'no ssh key'
	ssh-keygen -q -t ed25519 -N '' -f "$T/alice.key" || bail 'no ssh key'
	cp "$T/alice.key.pub" "$T/alice/.ssh/authorized_keys"
	echo "192.0.2.1,2001:db8::1 $(cut -d' ' -f1,2 "$T/host.key.pub")" >"$T/known_hosts"
	cat >"$T/sshd_config" <<-END
	HostKey $T/host.key
	PidFile none
	UsePAM no
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	UseDNS no
	END
	printf '%s\n' "$@" >>"$T/sshd_config"
	if is_root; then
		chown -R alice: "$T/alice"
		spawn server sshd.log "$sshd" -D -e -f "$T/sshd_config"
	else
		on server sh -c 'echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start'
		spawn server sshd.log unshare --user --map-user=64805 --map-group=64805 \
			"$sshd" -D -e -f "$T/sshd_config"
	fi
	wait_until 10 grep -q 'listening on :: port 22' "$T/sshd.log" ||
		wait_until 30 grep -q 'listening on' "$T/sshd.log" || bail 'sshd did not start'
}

# login PLACE ADDRESS COMMAND…: as alice, by ssh
login()
{
	local place="$1" address="$2"
	shift 2
	on "$place" ssh -F none -i "$T/alice.key" -o IdentitiesOnly=yes -o BatchMode=yes \
		-o ConnectTimeout=3 -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$T/known_hosts" \
		"alice@$address" "$@"
}

### The programs

# Tests change what they need of this before write_conf or start_posternd.
conf_source='source nflog { group = { 5, 6 } }'
conf_ports='ports { spa = "53,443,20480-32767" sequence = "20480-32767" code = "1000-1255" }'
conf_doors='doors = { "tcp/22", "tcp/80", "udp/53" }'
conf_grant='grant { default = "30s" max = "1h" }'
conf_firewall='firewall iptc { table = "mangle" chain = "POSTERN" mark = 0x10000 }'
conf_more=''

# write_conf: makes $conf of these, once a test has said what it wants to be different.
write_conf()
{
	conf=$T/postern.conf
	cat >"$conf" <<-END
	$conf_source
	$conf_ports
	$conf_doors
	$conf_grant
	$conf_firewall
	users { capture = "$user_capture" auth = "$user_auth" firewall = "$user_firewall" }
	state = "$T/state"
	keys = "$T/keys"
	control = "$T/control.sock"
	$conf_more
	END
}

# make_state: the folders that an installation makes.
make_state()
{
	[ -d "$T/state" ] || mkdir -m 700 "$T/state"
	chown "$user_auth:" "$T/state"
	[ -d "$T/libexec" ] && return
	mkdir "$T/libexec"
	for program in capture auth firewall; do
		cp "$builddir/daemon/$program/postern-$program" "$T/libexec/" || bail 'not built'
	done
}

# write_keys [LINE…]: a key file with these keys, all older than any record; or, without a line,
# with alice alone, who may open tcp/22. Their secrets are fixed: only tests know them.
key_server=c2VydmVyLXNlY3JldC1vZi10aGUtc3lzdGVtLXRlc3Q
key_alice='alice id=0a11ce01 key=YWxpY2Utc2VjcmV0LW9mLXRoZS1zeXN0ZW0tdGVzdC4'
write_keys()
{
	(
		umask 077
		echo "server=$key_server since=2020-01-01T00:00:00.000Z" >"$T/keys.new"
		[ $# != 0 ] || set -- "$key_alice since=2020-01-01T00:00:00.000Z host=192.0.2.1 open=tcp/22"
		printf '%s\n' "$@" >>"$T/keys.new"
	)
	mv "$T/keys.new" "$T/keys"
}

# opens PLACE [ADDRESS]: its port 22 opens for that place
opens()
{
	wait_until 30 reaches "$1" "${2:-192.0.2.1}" open
}

# shuts PLACE SECONDS [ADDRESS]: within that time it is no longer
shuts()
{
	wait_until "$2" reaches "$1" "${3:-192.0.2.1}" silent
}

# open_until NAME UNTIL [ADDRESS]: a result: the client finds port 22 open half a second before that time
# (in seconds since 1970), and shut just after it.
open_until()
{
	local found
	found=$(client python3 "$srcdir/tests/system/net.py" at "${3:-192.0.2.1}" 22 $(($2 - 1)).5 "$2.1")
	case $found in
	*late*) skip "$1" 'this machine was too slow to look in time' ;;
	*) is "$1" "$found" 'open silent' ;;
	esac
}

# open_for PLACE SINCE: waits until its port 22 is shut; milliseconds from SINCE (of now_ms) until it was
# last found open
open_for()
{
	local last
	last=$(on "$1" python3 "$srcdir/tests/system/net.py" last_open 192.0.2.1 22) || return 1
	echo "$((last - $2))"
}

# stays_shut PLACE [ADDRESS]: it is not, for a second
stays_shut()
{
	sleep 1
	reaches "$1" "${2:-192.0.2.1}" silent
}

# start_posternd [ARGUMENT…]: writes what is missing, starts it on the server, and waits until it
# works. $posternd is its process; what it says is in $T/posternd.log.
start_posternd()
{
	[ -e "$T/postern.conf" ] || write_conf
	[ -e "$T/keys" ] || write_keys
	make_state
	[ ! -e "$T/posternd.log" ] || cat "$T/posternd.log" >>"$T/posternd.earlier.log"
	: >"$T/posternd.log"
	spawn server posternd.log "$builddir/daemon/posternd" -n -f "$conf" -l "$T/libexec" \
		-p "$T/posternd.pid" "$@"
	posternd=$pid
	wait_until 30 posternd_works || bail 'posternd did not start'
}

posternd_works()
{
	alive "$posternd" && grep -q 'event=started' "$T/posternd.log"
}

# stop_posternd [SIGNAL]: ends it and its children.
stop_posternd()
{
	local child all
	all=$(children_of "$posternd")
	end "$posternd" "${1:-TERM}"
	for child in $all; do
		wait_until 30 gone "$child" || bail "process $child outlived posternd"
	done
}

# children_of PID: the processes that it started.
children_of()
{
	cat "/proc/$1/task/$1/children" 2>/dev/null
}

# part NAME: the process of posternd's that is called so: capture, auth, firewall.
part()
{
	local child
	for child in $(children_of "$posternd"); do
		case $(tr '\0' ' ' <"/proc/$child/cmdline" 2>/dev/null) in
		*"postern-$1"*)
			echo "$child"
			return
			;;
		esac
	done
	return 1
}

# logged PATTERN: posternd or a child of its has said so, or soon does.
logged()
{
	wait_until 30 said "$1"
}

# said PATTERN: it has by now; for `try ... ! said`, which is not to wait.
said()
{
	grep -e "$1" "$T/posternd.log"
}

# start_listener: something on the server's port 22
start_listener()
{
	spawn server listener.log python3 "$srcdir/tests/system/net.py" listen 22
	wait_until 30 grep -q listening "$T/listener.log" || bail 'no listener'
}

# starts NUMBER: it has begun to work so many times (a reload, or a death, makes one more).
starts()
{
	[ "$(grep -c 'event=started' "$T/posternd.log")" -ge "$1" ]
}

# reload: SIGHUP, and waits until what is new is in force.
reload()
{
	local before
	before=$(grep -c 'event=started' "$T/posternd.log")
	kill -HUP "$posternd"
	wait_until 30 starts $((before + 1))
}

### Keys and knocks

# ctl ARGUMENT…: posternctl, with the configuration of this test.
ctl()
{
	"$builddir/client/posternctl" "$@" -f "$conf"
}

# add_key NAME [OPTION…]: a key as an administrator makes one; its token is in $T/NAME.token. The
# first of all also makes the record, so that none has to wait. A running posternd needs a reload.
add_key()
{
	local name="$1"
	shift
	[ -e "$T/postern.conf" ] || write_conf
	make_state
	(umask 077 && ctl key add "$name" --host 192.0.2.1 "$@" >"$T/$name.token" 2>"$T/add.log") ||
		bail "no key $name"
}

# knock_py PLACE ARGUMENT…: the knock as tests/knock.py makes it, which shares no line with ours.
knock_py()
{
	local place="$1"
	shift
	on "$place" timeout 20 python3 "$srcdir/tests/knock.py" "$@"
}

# knock PLACE KEY ADDRESS [ARGUMENT…]: sends one.
knock()
{
	local place="$1" token="$T/$2.token" to="$3"
	shift 3
	knock_py "$place" send -t "$token" --to "$to" "$@"
}

# count_log PATTERN: in how many lines posternd or a child of its has said so.
count_log()
{
	grep -c -e "$1" "$T/posternd.log"
}

# logs NUMBER PATTERN: it comes to that number of lines, and is not more.
logs()
{
	local number="$1" pattern="$2"
	wait_until 30 log_has "$number" "$pattern"
	[ "$(count_log "$pattern")" = "$number" ] || {
		echo "$(count_log "$pattern") lines with $pattern"
		return 1
	}
}

log_has()
{
	[ "$(count_log "$2")" -ge "$1" ]
}

# on_record: waits until what has been opened is on record, which it is a moment after it is told: all is
# where a while brings no commit more.
on_record()
{
	local before=none now=''
	while [ "$now" != "$before" ]; do
		before=$now
		sleep 0.2
		now=$(ctl status | awk '$1 == "commits" { print $2 }')
	done
}

# last_until: when the grant that was opened last ends, in seconds since 1970.
last_until()
{
	date -d "$(sed -n 's/.*event=opened.* until=\([^ ]*\) .*/\1/p' "$T/posternd.log" | tail -n 1)" +%s
}
