# SPDX-License-Identifier: GPL-2.0-or-later
# restart.sh: for each kind of host, what was open before the host was started again, though a saved ruleset
# holds it, is not open after; and what has knocked before does not open again.
# shellcheck shell=sh disable=SC3043,SC2034,SC2154
. "$srcdir/tests/vm/lib.sh"

# before_restart KIND BACKEND order|cut: an hour's grant, saved with all other rules by what will load them
# again; then the host is started again, in order or as if the power had failed
before_restart()
{
	local kind="$1" backend="$2"
	host_as_new "$kind"
	echo 'clock { window = "1h" }' >>"$conf" # so that it is not the time that refuses
	[ "$backend" != nft ] || { nft flush ruleset; nft_host; }
	posternctl firewall install --backend "$backend" --yes >"$T/install.log" 2>&1 || {
		sed 's/^/# /' "$T/install.log"
		bail 'no rules'
	}
	start_posternd
	knock_py client send -t "$T/alice.token" --to 192.0.2.1 --for 3600 --save "$kept/knock" >"$T/knock.log" 2>&1
	try "$backend: a knock opens for an hour" opens client
	cp "$T/alice.token" "$kept/"
	save_rules "$backend"
	try "$backend: the saved rules hold the grant" grep -h -r 192.0.2.2 "$kept/saved"
	try "$backend: the doctor finds that the next start will do" ! finds 'warning: next-boot'
	systemctl -q disable netfilter-persistent nftables
	fault "$backend: what loads them is not enabled" 'warning: next-boot: .* is not enabled'
	cat /proc/sys/kernel/random/boot_id >"$kept/boot"
	knock_py stranger make -t "$T/alice.token" --from 192.0.2.3 --for 3600 >"$kept/late"
	sync
	knock_py stranger again --hex "$(cat "$kept/late")" --to 192.0.2.1
	try "$backend: another opens just before" opens stranger
	echo "$3" >/run/postern-vm/restart
	finish
}

# save_rules BACKEND: for Debian's netfilter-persistent, or nftables.service. A copy for us.
save_rules()
{
	rm -rf "$kept/saved"
	mkdir "$kept/saved"
	systemctl -q disable netfilter-persistent nftables
	if [ "$1" = nft ]; then
		{ echo 'flush ruleset'; nft list ruleset; } >/etc/nftables.conf
		systemctl -q enable nftables
		cp /etc/nftables.conf "$kept/saved/"
	else
		netfilter-persistent save >"$T/save.log" 2>&1
		systemctl -q enable netfilter-persistent
		cp /etc/iptables/* "$kept/saved/"
	fi
}

# loader_of BACKEND: the unit that loads its rules
loader_of()
{
	case $1 in
	nft) echo nftables ;;
	*) echo netfilter-persistent ;;
	esac
}

# active_since UNIT: in microseconds, since the kernel's start
active_since()
{
	systemctl show -p ActiveEnterTimestampMonotonic --value "$1"
}

# after_restart BACKEND
after_restart()
{
	local backend="$1"
	join_clients
	cp "$kept/alice.token" "$T/"
	try "$backend: the host has been started again" ! grep -q -F "$(cat /proc/sys/kernel/random/boot_id)" "$kept/boot"
	try "$backend: the daemon works" works posternd
	note "$(awk '{ print "up for", $1, "s" }' /proc/uptime), and posternd for $(ps -o etimes= -p "$(main_pid)") s"
	try "$backend: ... since before there was a network" [ "$(active_since posternd)" -lt "$(active_since network-pre.target)" ]
	try "$backend: ... and after the saved rules were loaded" [ "$(active_since posternd)" -gt "$(active_since "$(loader_of "$backend")")" ]
	is "$backend: ... and nothing waits in a circle" "$(journalctl -q -b -o cat | grep -c 'ordering cycle')" 0
	try "$backend: the saved rules are loaded" loaded "$backend"
	try "$backend: nothing is open" reaches client 192.0.2.1 silent
	is "$backend: ... or granted" "$(posternctl grants --json)" '[]'
	is "$backend: ... or left in the rules" "$(rules 2>/dev/null | grep -c -F -e 192.0.2.2 -e 192.0.2.3; ipset save | grep -c 192.0.2)" "0
0"
	again client 192.0.2.2 knock "$backend: the same knock"
	again stranger 192.0.2.3 late "$backend: the one just before"
	knock_opens "$backend, started again"
	unloaded "$backend"
	finish
}

# unloaded BACKEND: what is saved was not loaded this time; by the remedy, what loads it at the start does so now
unloaded()
{
	local unit
	unit=$(loader_of "$1")
	systemctl stop posternd
	no_rules
	finds 'wrong: rules: .* is not loaded' >"$T/found"
	is "$1: the rules are not loaded: what does that" "$remedy" "systemctl restart $unit"
	fault "$1: ... now" 'wrong: rules: .* is not loaded'
	try "$1: ... they are there" loaded "$1"
	systemctl start posternd
	knock_opens "$1, loaded again"
}

# again PLACE ADDRESS FILE NAME: what has opened does not open once more
again()
{
	knock_py "$1" again --hex "$(cat "$kept/$3")" --to 192.0.2.1
	try "$4 is refused" logged "event=refused .*addr=$2 .*reason=replay"
	try "$4 ... and opens nothing" stays_shut "$1"
}

# loaded BACKEND: what leads to Postern's rules
loaded()
{
	case $1 in
	nft) nft list chain inet filter input | grep -i postern ;;
	iptc) iptables-legacy -S INPUT | grep POSTERN-IN ;;
	ipset) iptables-nft -S INPUT | grep POSTERN-IN ;;
	esac
}
