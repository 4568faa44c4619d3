# SPDX-License-Identifier: GPL-2.0-or-later
# host.sh: what the tests of posternctl's look at a host share, on top of lib.sh: an /etc of their own
# that programs may change, hosts with rules of each kind, and what rules there are.
# shellcheck shell=sh disable=SC3043,SC2034,SC2154
. "${srcdir:-.}/tests/system/lib.sh"

# host_begin SCRIPT [ARGUMENT…]: for root alone, who alone can read which rules there are.
host_begin()
{
	need ip nsenter iptables-legacy ip6tables-legacy iptables-nft ip6tables-nft nft python3
	[ "$(id -u)" = 0 ] || skip_all 'only root can read which rules there are'
	in_namespaces "$@"
	is_root || skip_all 'only root can read which rules there are'
}

# own FOLDER: it is as it was, but what is written to it goes to $T.
own()
{
	mkdir -p "$T/own$1" "$T/own.work$1"
	mount -t overlay -o "lowerdir=$1,upperdir=$T/own$1,workdir=$T/own.work$1" overlay "$1" 2>/dev/null ||
		skip_all "this system mounts no overlay, and $1 is not to be written to"
}

# own_etc: with the users that these namespaces have
own_etc()
{
	local file
	own /etc
	for file in passwd group shadow gshadow; do
		[ ! -e "$T/$file" ] || cp -p "$T/$file" "/etc/$file"
	done
}

# iptables_is legacy|nft FOLDER: "iptables" is of this kind, by links in there
iptables_is()
{
	local name
	mkdir -p "$2"
	for name in iptables ip6tables iptables-save ip6tables-save iptables-restore ip6tables-restore; do
		ln -sf "$(command -v "$(echo "$name" | sed "s/tables/tables-$1/")")" "$2/$name"
	done
}

# as_of MANAGER: packages are installed by this one here, as far as it can be seen, whatever this is
masked=
as_of()
{
	local program path
	# shellcheck disable=SC2086 # a list
	[ -z "$masked" ] || umount $masked
	masked=
	rm -rf "$T/manager"
	mkdir "$T/manager"
	case $PATH in "$T/manager:"*) hash -r ;; *) PATH=$T/manager:$PATH ;; esac
	for program in apt-get dnf pacman apk zypper; do
		[ "$program" != "$1" ] && path=$(command -v "$program") || continue
		path=$(readlink -f "$path")
		mount --bind /dev/null "$path" || bail "$program can't be hidden"
		masked="$masked $path"
	done
	command -v "$1" >/dev/null || printf '#!/bin/sh\nexit 1\n' >"$T/manager/$1"
	chmod -R 755 "$T/manager"
}

# installed_by MANAGER COMMAND…: packages are this one's, as far as it can be seen. What it would fetch is not
# here: a program of its name writes down what it is told, and does this instead.
installed_by()
{
	local manager="$1"
	shift
	as_of "$manager"
	printf '#!/bin/sh\necho "${0##*/} $*" >>"%s"\n%s\n' "$T/installed" "$*" >"$T/manager/$manager"
	chmod 755 "$T/manager/$manager"
	: >"$T/installed"
}

# own_loader: what loads iptables' files on Debian at the start, as far as it can be seen, whatever this is
# here, and nothing else that makes rules then. Nothing starts it. Needs own_etc.
loader_parts=/usr/share/netfilter-persistent/plugins.d
loader_units=/usr/lib/systemd/system
own_loader()
{
	as_of apt-get
	mkdir -p /etc/iptables
	: >/etc/iptables/rules.v4
	has_systemd || { loader_script; return 0; }
	own /usr/share
	own "$loader_units"
	mkdir -p "$loader_parts"
	loader_there
	systemctl -q enable netfilter-persistent || bail 'systemctl enable'
	systemctl -q disable firewalld nftables 2>/dev/null
	! [ -e /etc/ufw/ufw.conf ] || sed -i 's/^ENABLED=.*/ENABLED=no/' /etc/ufw/ufw.conf
}

# loader_script: a script of the administrator's loads them, where no systemd is
loader_script()
{
	mkdir -p /etc/local.d
	printf '#!/bin/sh\n# %s\n%s\n' loader '/etc/iptables/rules.v4 /etc/iptables/rules.v6 /etc/iptables/ipsets /etc/nftables.conf' \
		>/etc/local.d/loader.start
	chmod +x /etc/local.d/loader.start
}

has_systemd()
{
	command -v systemctl >/dev/null && [ -d "$loader_units" ]
}

# loader_there: its packages are installed
loader_there()
{
	touch "$loader_parts/10-ipset" "$loader_parts/15-ip4tables" "$loader_parts/25-ip6tables"
	printf '[Service]\nType=oneshot\nExecStart=%s\n[Install]\nWantedBy=multi-user.target\n' \
		'/usr/sbin/netfilter-persistent start' >"$loader_units/netfilter-persistent.service"
}

# iptables_host legacy|nft: a firewall as many have it, with fail2ban's chain and a blocklist
iptables_host()
{
	local command
	for command in "iptables-$1" "ip6tables-$1"; do
		server "$command" -P INPUT DROP
		server "$command" -N f2b-sshd
		server "$command" -A f2b-sshd -j RETURN
		server "$command" -A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
		server "$command" -A INPUT -i lo -j ACCEPT
		server "$command" -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
		server "$command" -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
		server "$command" -A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT
	done
	server "iptables-$1" -I INPUT 4 -s 203.0.113.0/24 -j DROP
	server "ip6tables-$1" -I INPUT 4 -p ipv6-icmp -j ACCEPT
	server "iptables-$1" -t mangle -S >/dev/null # a table, once looked at, is there
	server "ip6tables-$1" -t mangle -S >/dev/null
}

nft_host()
{
	server nft -f - <<-'END'
	table inet filter {
		set bad { type ipv4_addr; flags interval; elements = { 203.0.113.0/24 }; }
		chain input {
			type filter hook input priority filter; policy drop;
			ct state vmap { established : accept, related : accept, invalid : drop }
			iif "lo" accept
			ip saddr @bad drop
			meta l4proto ipv6-icmp accept
			tcp dport { 22, 8080 } accept
		}
	}
	END
}

# Its last words are for one family each, and nft shows no condition that says so.
rejecting_host()
{
	nft_host
	server nft -f - <<-'END'
	add rule inet filter input log prefix "reject: " reject with icmp type port-unreachable comment "reject"
	add rule inet filter input reject with icmpv6 type port-unreachable
	END
}

# two_tables_host: of nftables, too, but a table for each family, as they are translated from iptables
two_tables_host()
{
	server nft -f - <<-'END'
	table ip fw {
		set bad { type ipv4_addr; flags interval; elements = { 203.0.113.0/24 }; }
		chain input {
			type filter hook input priority filter; policy drop;
			ct state established,related counter accept
			iifname "lo" counter accept
			ip saddr @bad drop
			tcp dport { 22, 8080 } counter accept
		}
	}
	table ip6 fw {
		chain input {
			type filter hook input priority filter; policy drop;
			ct state established,related counter accept
			iifname "lo" counter accept
			meta l4proto ipv6-icmp accept
			tcp dport { 22, 8080 } counter accept
		}
	}
	END
}

ufw_host()
{
	server ufw --force enable >/dev/null && server ufw allow 22/tcp >/dev/null &&
		server ufw allow 8080/tcp >/dev/null && server ufw reload >/dev/null
}

# firewalld_host BACKEND: firewalld makes its rules, by iptables or nftables. What systemd would do to start it
# anew does a "systemctl" of our own, with a message bus that only these namespaces see.
firewalld_host()
{
	mkdir -p /run/dbus "$T/bin"
	mountpoint -q /var/log || mount -t tmpfs tmpfs /var/log
	sed -i "s/^FirewallBackend=.*/FirewallBackend=$1/" /etc/firewalld/firewalld.conf
	cat >"$T/bin/systemctl" <<-'END'
	#!/bin/sh
	[ "$1 $2" = 'restart firewalld' ] || exit 1
	if [ -e "$T/firewalld.pid" ]; then
		kill "$(cat "$T/firewalld.pid")"
		while [ -e "/proc/$(cat "$T/firewalld.pid")/exe" ]; do sleep 0.1; done
	fi
	firewalld --nofork --nopid </dev/null >>"$T/firewalld.log" 2>&1 &
	echo $! >"$T/firewalld.pid"
	for try in $(seq 60); do
		! firewall-cmd --state >/dev/null 2>&1 || exit 0
		sleep 0.5
	done
	exit 1
	END
	chmod 755 "$T/bin/systemctl"
	PATH=$T/bin:$PATH
	spawn server dbus.log dbus-daemon --system --nofork
	wait_until 30 [ -S /run/dbus/system_bus_socket ] || bail 'no message bus'
	server systemctl restart firewalld || bail 'firewalld did not start'
	children="$children $(cat "$T/firewalld.pid")"
}

# without "PROGRAM…" COMMAND…: on a server that lacks these programs
without()
{
	local missing=$1
	shift
	server unshare -m sh -c 'for program in $1; do
		mount --bind /dev/null "$(readlink -f "$(command -v "$program")")" || exit 127
	done
	shift
	exec "$@"' sh "$missing" "$@"
}

# rules: all there are.
rules()
{
	server iptables-legacy-save
	server ip6tables-legacy-save
	server iptables-nft-save
	server ip6tables-nft-save
	server nft list ruleset
	! command -v ipset >/dev/null || server ipset list -n
	! command -v ufw >/dev/null || cat /etc/ufw/before.rules /etc/ufw/before6.rules /etc/ufw/before.init
	! command -v ufw >/dev/null || stat -c '%n %a %U' /etc/ufw/*.init /etc/ufw/*.rules
}

# rules_now NAME: into $T/rules.NAME, but not how many packets they have seen
rules_now()
{
	rules 2>/dev/null | sed -e '/^#/d' -e 's/\[[0-9]*:[0-9]*\]//' \
		-e 's/packets [0-9]* bytes [0-9]*//' >"$T/rules.$1"
}

# fw VERB [ARGUMENT…]: posternctl firewall, on the server
fw()
{
	server "$builddir/client/posternctl" firewall "$@" -f "$conf"
}
