#!/bin/bash
# Starts and stops a real S3 server for the tests: one Ceph monitor, one OSD and a RADOS Gateway, on loopback only.
#
#   ceph.sh start FOLDER [PORT]     makes a fresh cluster in FOLDER, prints "endpoint access-key secret-key"
#   ceph.sh stop FOLDER             stops it and waits until it is gone
#   ceph.sh drop FOLDER             kills it, whose data nobody wants any more
#   ceph.sh again FOLDER            starts a stopped cluster on the data it had
#   ceph.sh gateway FOLDER          starts the gateway alone, that ended before its cluster
#
# Needs: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-mgr ceph-common
# CEPH_STORE: memstore (default, RAM only) or bluestore (a file; what survives `again`).
set -euo pipefail

action=${1:?start, stop, drop, again or gateway}
folder=$(realpath -m "${2:?a folder for the cluster}")
conf=$folder/ceph.conf
access_key=skrytka-test
secret_key=not-a-secret-only-for-tests

# Ceph wants to leave root for an account of its own, which could not enter a test's folder.
as_root=()
[ "$(id -u)" = 0 ] && as_root=(--setuser root --setgroup root)

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

write_conf() { # fsid, monitor port, gateway port
    cat >"$conf" <<CONF
[global]
fsid = $1
mon host = [v1:127.0.0.1:$2]
mon initial members = a
public network = 127.0.0.0/8
# Nobody else reaches this loopback cluster, and tickets would need a keyring for every client.
auth cluster required = none
auth service required = none
auth client required = none
keyring = $folder/keyring
run dir = $folder/run
pid file = $folder/run/\$name.pid
admin socket = $folder/run/\$name.asok
log file = $folder/log/\$name.log
# One OSD is the whole cluster.
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
# A nearly full test machine is no reason to refuse writes.
mon data avail crit = 1
mon data avail warn = 2
[mon]
mon data = $folder/mon
[osd]
osd data = $folder/osd
osd objectstore = ${CEPH_STORE:-memstore}
memstore device bytes = 8589934592
bluestore block size = 21474836480
osd memory target = 939524096
# With authentication off these two would fail and stop the OSD ("wrong fsid"); it is placed by hand below.
osd crush update on start = false
osd class update on start = false
[client.rgw]
# Without tcp_nodelay every GET waits 40 ms for an acknowledgement.
rgw frontends = beast endpoint=127.0.0.1:$3 tcp_nodelay=1
rgw crypt require ssl = false
CONF
}

launch() {
    ceph-mon -c "$conf" -i a "${as_root[@]}"
    ceph-osd -c "$conf" -i 0 "${as_root[@]}" >/dev/null
}

serve() { # waits until the gateway answers
    radosgw -c "$conf" -n client.rgw "${as_root[@]}"
    for _ in $(seq 240); do
        (exec 3<>"/dev/tcp/127.0.0.1/$(cat "$folder/port")") 2>/dev/null && return
        sleep 0.25
    done
    echo "the gateway did not answer; see $folder/log" >&2
    exit 1
}

endpoint() {
    echo "127.0.0.1:$(cat "$folder/port") $access_key $secret_key"
}

start() {
    local fsid osd port=${1:-$(free_port)} monitor_port
    monitor_port=$(free_port)
    rm -rf "$folder"
    mkdir -p "$folder"/{mon,osd,run,log}
    echo "$port" >"$folder/port"
    fsid=$(cat /proc/sys/kernel/random/uuid)
    osd=$(cat /proc/sys/kernel/random/uuid)
    write_conf "$fsid" "$monitor_port" "$port"
    {
        ceph-authtool --create-keyring "$folder/keyring" --gen-key -n mon. --cap mon 'allow *'
        ceph-authtool "$folder/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *'
        monmaptool --create --addv a "[v1:127.0.0.1:$monitor_port]" --fsid "$fsid" "$folder/monmap"
        ceph-mon -c "$conf" -i a --mkfs --monmap "$folder/monmap" --keyring "$folder/keyring" "${as_root[@]}"
        ceph-mon -c "$conf" -i a "${as_root[@]}"
        ceph -c "$conf" --connect-timeout 20 osd new "$osd"
        ceph-osd -c "$conf" -i 0 --mkfs --osd-uuid "$osd" "${as_root[@]}"
        ceph-osd -c "$conf" -i 0 "${as_root[@]}"
        ceph -c "$conf" --connect-timeout 20 osd crush add osd.0 1.0 root=default host=localhost
    } >"$folder/log/setup.log" 2>&1
    serve
    radosgw-admin -c "$conf" user create --uid=test --display-name=test \
        --access-key="$access_key" --secret-key="$secret_key" >>"$folder/log/setup.log" 2>&1
    endpoint
}

stop() { # in this order, and waiting: the next start would find the OSD's files locked
    local name pid
    for name in client.rgw osd.0 mon.a; do
        pid=$(cat "$folder/run/$name.pid" 2>/dev/null) || continue
        kill "$pid" 2>/dev/null || continue
        for _ in $(seq 100); do
            kill -0 "$pid" 2>/dev/null || continue 2
            sleep 0.1
        done
        kill -9 "$pid" 2>/dev/null || true
    done
}

drop() {
    cat "$folder"/run/*.pid 2>/dev/null | xargs -r kill -9 2>/dev/null || true
    rm -rf "$folder"
}

case $action in
start) start "${3:-}" ;;
stop) stop ;;
drop) drop ;;
again) launch && serve && endpoint ;;
gateway) serve ;;
*) echo "unknown: $action" >&2 && exit 2 ;;
esac
