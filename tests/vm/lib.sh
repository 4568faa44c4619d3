# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh: what the steps share that run in the virtual machine, on top of those that tests in namespaces
# share. Here the host itself is the server, with Postern as it was installed, sshd, and systemd; who
# knocks is in a namespace. A step begins with host_as_new, and leaves what it likes.
# shellcheck shell=sh disable=SC3043,SC2034,SC2154,SC2317
. "$srcdir/tests/system/host.sh"
T=/run/postern-vm/work
rm -rf "$T"
mkdir -p "$T"
conf=/etc/postern/postern.conf
kept=/var/lib/postern-vm # lives on over a restart
HOME=/root
export HOME

server()
{
	"$@"
}

ctl()
{
	posternctl "$@"
}

### The host

# join_clients: the client's and a stranger's namespace, as after each start they are gone
join_clients()
{
	[ ! -e /run/netns/client ] || return 0
	mkdir -p /run/netns
	ip netns attach server 1
	join_place client 2
	join_place stranger 3
}

no_rules()
{
	local command table
	for command in iptables-legacy ip6tables-legacy; do
		"$command" -P INPUT ACCEPT
		for table in filter mangle raw; do
			"$command" -t "$table" -F
			"$command" -t "$table" -X
		done
	done
	nft flush ruleset
	ipset destroy
}

# host_as_new KIND: no daemon, no grant, nothing that loads rules, no rule but those that hosts of this kind have, which commands
# called iptables make: legacy or nft; and a key that may open ssh
host_as_new()
{
	local command
	systemctl -q disable --now posternd >/dev/null 2>&1
	systemctl -q reset-failed posternd >/dev/null 2>&1
	systemctl -q disable --now netfilter-persistent nftables firewalld >/dev/null 2>&1
	no_rules
	for command in iptables ip6tables; do
		update-alternatives --set "$command" "/usr/sbin/$command-$1" >/dev/null
	done
	rm -rf /etc/iptables /var/lib/postern /etc/postern/keys /root/.config/postern /etc/modprobe.d/vm.conf
	mkdir /etc/iptables
	cp /usr/src/postern/contrib/examples/postern.conf "$conf"
	join_clients
	echo '127.0.0.1 localhost gate
192.0.2.1 gate.example.org
2001:db8::1 gate.example.org' >/etc/hosts
	add_key alice --open tcp/22
	on client postern add "$T/alice.token" >"$T/add.log" 2>&1 || bail 'alice could not be enrolled'
	iptables_host "$1"
}

# add_key NAME [OPTION…]: as README says; its token is in $T/NAME.token
add_key()
{
	local name="$1"
	shift
	(umask 077 && posternctl key add "$name" --host gate.example.org "$@" >"$T/$name.token" 2>"$T/add.log") || {
		note "$(cat "$T/add.log")"
		bail "no key $name"
	}
}

# install_rules: Postern's own, as README says
install_rules()
{
	posternctl firewall install --yes >"$T/install.log" 2>&1 || {
		sed 's/^/# /' "$T/install.log"
		bail 'the rules could not be installed'
	}
}

### The daemon, by its unit

# start_posternd: it works once that is done (Type=notify)
start_posternd()
{
	systemctl enable --now posternd >"$T/start.log" 2>&1
}

# works UNIT: or does so soon. What begins before the network multi-user.target does not wait for.
works()
{
	wait_until 120 eval '[ "$(systemctl is-active '"$1"')" = active ]'
}

main_pid()
{
	systemctl show -p MainPID --value posternd
}

# is_another PID: posternd works, and is not that process
is_another()
{
	[ "$(main_pid)" != "$1" ] && [ "$(main_pid)" != 0 ] && systemctl is-active posternd
}

# said PATTERN: it or a child of its has said so since this step began
said()
{
	journalctl -q -u posternd -o cat --since "@$began" | grep -e "$1"
}
began=$(date +%s)

# mark: what was said until now does not count any more
mark()
{
	sleep 1.1
	began=$(date +%s)
}

### Knocks

# knocks [PLACE [OPTION…]]: by the client itself
knocks()
{
	local place="${1:-client}"
	[ $# = 0 ] || shift
	on "$place" postern open alice "$@"
}

# knock_opens NAME [PLACE]: two results, over both families; then all is shut again
knock_opens()
{
	local place="${2:-client}"
	ctl close all >/dev/null 2>&1
	try "$1: shut" shuts "$place" 5
	knocks "$place" >"$T/knock.log" 2>&1
	try "$1: a knock opens" opens "$place"
	try "$1: ... over IPv6, too" opens "$place" 2001:db8::1
	ctl close all >/dev/null 2>&1
}

### The doctor

# finds PATTERN: it finds this (a pattern for "level: check: finding"); the remedy is in $remedy then
finds()
{
	posternctl doctor >"$T/doctor" 2>&1
	remedy=$(grep -A 1 -e "^$1" "$T/doctor" | sed -n 's/^    //p' | head -n 1)
	grep -e "^$1" "$T/doctor" || {
		cat "$T/doctor"
		return 1
	}
}

# heals: the remedy, as it was printed, with a yes for who asks
heals()
{
	echo "remedy: $remedy"
	yes yes | timeout "${healing:-120}" sh -c "$remedy"
}

# fault NAME PATTERN: what was done to the host just now is found, healed, gone
fault()
{
	try "$1: the doctor names it" finds "$2"
	note "$(grep -A 1 -e "^$2" "$T/doctor")"
	[ -n "$remedy" ] || remedy=false
	try "$1: ... its remedy runs" heals
	try "$1: ... and is one" wait_until "${patience:-1}" not_found "$2"
}

not_found()
{
	! finds "$1"
}

# restarts_by_remedy: the doctor's, once this step has ended; the next one sees what came of it
restarts_by_remedy()
{
	cat /proc/sys/kernel/random/boot_id >"$kept/boot"
	printf '%s\n' "$remedy" >/run/postern-vm/restart
}

# restarted
restarted()
{
	! cmp -s /proc/sys/kernel/random/boot_id "$kept/boot"
}

# unload MODULE…: it was there, and is not any more
unload()
{
	local module
	for module; do
		[ ! -e "/sys/module/$module" ] || rmmod "$module" || return
	done
}
