#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Does the matrix find a sensor that is careless?  tests/evasion/mutate.sh [NAME…]
#
# In a copy of the tree, makes one mistake after another (each a line of the list below: name, file, what perl replaces),
# builds, and plays the matrix, which must fail: the mistake is killed.  One that survives, or a line that fits the code no
# more, makes the status 1.  A few minutes; QW_MUTATE_BUILD keeps copy and build from one time to the next.
set -uo pipefail

source=$(cd "$(dirname "$0")/../.." && pwd)
work=${QW_MUTATE_BUILD:-}
if [[ -z $work ]]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
fi
readonly source work tree=$work/tree build=$work/build

mutants() {
	cat <<'LIST'
one version of a stream	sensor/detect/versions.c	s/(void qw_inspect_differs\(.*?\n\{)/$1\n\tif (conflict)\n\t\treturn;/s; s/\telse\n\t\tlook_at_retransmission\(inspector, current\);//
retransmissions not compared	sensor/detect/versions.c	s/if \(at == stretch\.len\)\n\t\t\treturn;/return;/
contradictions that wait not told	sensor/flow/assemble.c	s/if \(push->sink->differs\)/if (push->sink->differs && !conflict)/
no waiting for a hole	sensor/flow/assemble.c	s/return qw_seq_before\(end->next, seq\) \? hold\(push, seq\) : take_in_order\(push, seq\);/if (qw_seq_before(end->next, seq)) { end->next = seq; }\n\treturn take_in_order(push, seq);/; s/static enum qw_stream_result hold\(/__attribute__((unused)) $&/
what is ahead is dropped	sensor/flow/assemble.c	s/return qw_seq_before\(end->next, seq\) \? hold\(push, seq\)/return qw_seq_before(end->next, seq) ? QW_STREAM_OLD/; s/static enum qw_stream_result hold\(/__attribute__((unused)) $&/
every reset is believed	sensor/flow/stream.c	s/(if \(flow->tcp_state == QW_TCP_RESET\) \{)/$1\n\t\tif (flow)\n\t\t\treturn QW_STREAM_OLD;/
every FIN is believed	sensor/flow/assemble.c	s/if \(!qw_seq_before\(end->next - 1, seq \+ push->packet->payload_len\)\)\n\t\treturn false;/return false;/
a SYN ends what lives	sensor/flow/stream.c	s/return doubtful \? QW_STREAM_AGAIN : call_anew\(push\);/(void)doubtful;\n\treturn QW_STREAM_AGAIN;/; s/static enum qw_stream_result call_anew\(/__attribute__((unused)) $&/
data of a SYN not looked at	sensor/flow/stream.c	s/(push->flow->tcp_state = QW_TCP_SYN_SENT;\n\tlearn_syn\(push\);\n\treturn )qw_assemble_packet\(push, push->packet->tcp_seq \+ 1\)/$1QW_STREAM_TAKEN/
no windows: acknowledgements of anything	sensor/flow/stream.c	s/(static bool is_astray\(.*?\n\{)/$1\n\tif (push)\n\t\treturn false;/s
ports are not used again	sensor/run/engine.c	s/if \(result == QW_STREAM_AGAIN\) \{/if (result == QW_STREAM_AGAIN \&\& !*flow) {/
a pattern lies in one segment	sensor/detect/inspect_stream.c	s/(const uint8_t \*byte;)?size_t keep = len < QW_PREFILTER_TAIL_MAX \? len : QW_PREFILTER_TAIL_MAX;/size_t keep = len < QW_PREFILTER_TAIL_MAX ? 0 : 0;/
checksums ignored	sensor/decode/transport.c	s/(static bool sum_right\(.*?\n\{)/$1\n\tif (walk)\n\t\treturn true;/s
urgent bytes always in line	sensor/detect/versions.c	s/look_without_urgent\(inspector, current, urgent\);/(void)urgent;/; s/static void look_without_urgent/__attribute__((unused)) $&/
no connection from its middle	sensor/flow/stream.c	s/learn_both\(push\);/(void)push;/; s/static void learn_both/__attribute__((unused)) $&/
no defragmentation	sensor/flow/defrag.c	s/if \(!qw_fragment_read\(fragment, &part\)\) \{/if (!qw_fragment_read(fragment, \&part) || part.more) {/
one version of fragments	sensor/flow/defrag.c	s/if \(defrag->ambiguous\)/if (defrag->ambiguous \&\& !fragment)/
the first fragment always wins, unsaid	sensor/flow/defrag.c	s/if \(part->at < gram->reach && qw_pieces_differ\(/if (fragment->version == 0 \&\& qw_pieces_differ(/
what was whole is forgotten	sensor/flow/defrag.c	s/if \(before\)\n\t\tcompare_done/if (before \&\& !index)\n\t\tcompare_done/; s/REMEMBERED_FOR = 2/REMEMBERED_FOR = 0/
late fragments unsaid	sensor/flow/defrag.c	s/FORGOTTEN_AFTER = 15/FORGOTTEN_AFTER = 1500/
no fragments in fragments	sensor/run/engine.c	s/if \(depth == QW_DEFRAG_WHOLES\) \{/if (depth == 1) {/
depth unsaid	sensor/run/engine.c	s/(static void alarm_layers\(.*?\n\{)/$1\n\tif (deepest)\n\t\treturn;/s
two VLAN tags	sensor/decode/tag.c	s/if \(walk->vlan_count >= VLAN_USUAL\)/if (walk->vlan_count >= 2)\n\t\treturn QW_STEP_OTHER;\n\tif (walk->vlan_count >= VLAN_USUAL)/
four labels	sensor/decode/tag.c	s/(walk->ether_type = QW_ETHER_MPLS;)/$1\n\tunsigned labels = 0;/; s/while \(!\(entry & 0x100\)\)/while (!(entry \& 0x100) \&\& ++labels < 4)/
IPv6 without destination options	sensor/decode/ipv6.c	s/case DESTINATION: return 2;/case DESTINATION: return 0;/
IP in IP not followed	sensor/decode/transport.c	s/case QW_PROTO_IPIP:/case 254:/
no VXLAN	sensor/decode/udptunnel.c	s/4789/4780/
chunks not taken apart	sensor/protocol/http.c	s/(static int on_response_body\(htp_tx_data_t \*data\)\n\{)/$1\n\tif (data->tx->response_transfer_coding == HTP_CODING_CHUNKED)\n\t\treturn HTP_OK;/
bodies not unpacked	sensor/protocol/unpack.c	s/unsigned count = read_encodings\(encodings, packings\);/unsigned count = read_encodings(encodings, packings) * 0;/
gzip's first member alone	sensor/protocol/unpack.c	s/&& another &&/\&\& another \&\& !more \&\& more \&\&/
what is not packed is lost	sensor/protocol/unpack.c	s/layer->stage = STAGE_PLAIN;/return;/
paths as they are sent	sensor/protocol/http.c	s/HTP_SERVER_IDS/HTP_SERVER_MINIMAL/
paths without overlong UTF-8	sensor/protocol/http.c	s/HTP_SERVER_IDS/HTP_SERVER_GENERIC/
a raw path that is decoded	sensor/protocol/http_known.c	s/struct qw_slice raw = slice_of\(tx->request_uri\);/struct qw_slice raw = slice_of(tx->parsed_uri ? tx->parsed_uri->path : NULL);/
a hello lies in one record	sensor/protocol/tls.c	s/(side->type = header\[0\];)/$1\n\tqw_store_free(call->tls, \&side->messages);/
a DNS message a segment	sensor/protocol/dns_message.c	s/if \(\+\+pointers > POINTERS_MAX\)/if (++pointers > 0)/
SMB in the order it comes	sensor/protocol/smb_transfer.c	s/if \(transfer->jumps >= JUMPS_MAX \|\|/if (transfer->jumps < JUMPS_MAX ||/
one command a message	sensor/protocol/smb2.c	s/next >= HEAD && next < left \? next : left/left/
chains of SMB 1 not followed	sensor/protocol/smb1.c	s/CHAIN_MAX = 16/CHAIN_MAX = 1/
what is written over unseen	sensor/protocol/smb_transfer.c	s/if \(old && !transfer->done\)/if (old \&\& transfer->done)/
a call lies in one fragment	sensor/protocol/dcerpc.c	s/if \(!\(pdu->flags & FLAG_LAST\)\)\n\t\treturn;/if (!(pdu->flags \& FLAG_LAST)) {\n\t\tqw_store_free(run->state, \&call->stub[!request]);\n\t\treturn;\n\t}/
one call at a time	sensor/protocol/dcerpc.c	s/rpc->call\[i\]\.used && rpc->call\[i\]\.id == id/i == 0 \&\& rpc->call[i].used/
little-endian calls alone	sensor/protocol/dcerpc.c	s/bool little = at\[4\] & 0x10;/bool little = true;/
a PDU lies in one write	sensor/protocol/smb_file.c	s/(bool called = file->kind != QW_SMB_FILE_DISK &&) pipe_data\(call, file, way, data\);/$1 pipe_data(call, file, way, data);\n\tif (file->rpc \&\& last)\n\t\tqw_dcerpc_lose(call->smb, file->rpc, way);/
LIST
}

# 0: the matrix passes; 125: it does not build; 124: it hangs; else it fails.
play() {
	ninja -C "$build" tests/evasion/evasion_matrix >"$work/log" 2>&1 || return 125
	timeout 300 "$build/tests/evasion/evasion_matrix" >"$work/log" 2>&1
}

copy() {
	mkdir -p "$tree"
	(cd "$source" && git ls-files -z | while IFS= read -r -d '' file; do
		cmp -s "$file" "$tree/$file" || cp --parents "$file" "$tree"
	done)
	[[ -f $build/build.ninja ]] || meson setup "$build" "$tree" --buildtype=plain -Doptimization=1 -Dwerror=false >"$work/log" 2>&1
}

if ! copy || ! play; then
	tail -20 "$work/log" >&2
	echo "mutate: the matrix fails, or does not build, before anything was changed" >&2
	exit 1
fi
survived=0
count=0
while IFS=$'\t' read -r name file change; do
	if (($#)) && [[ " $* " != *" $name "* ]]; then
		continue
	fi
	count=$((count + 1))
	cp "$tree/$file" "$work/before"
	perl -0pi -e "$change" "$tree/$file"
	if cmp -s "$tree/$file" "$work/before"; then
		verdict="does not fit the code any more: mend its line in tests/evasion/mutate.sh"
		survived=$((survived + 1))
	else
		play
		case $? in
		0) verdict=SURVIVED && survived=$((survived + 1)) ;;
		125) verdict="does not build: mend its line in tests/evasion/mutate.sh" && survived=$((survived + 1)) ;;
		124) verdict="TIMED OUT: the machine is too busy, or it hangs" && survived=$((survived + 1)) ;;
		*) verdict="killed: $(grep -c '^missed' "$work/log") named misses, $(grep -c '^alerts without cause' "$work/log") false, first $(sed -n 's/^missed: \([^,]*\).*/\1/p; s/^alerts without cause: \([^,]*\).*/\1/p' "$work/log" | head -1)" ;;
		esac
	fi
	printf '%-40s %s\n' "$name" "$verdict"
	cp "$work/before" "$tree/$file"
done < <(mutants)
echo "$count mutants, $survived survived"
exit $((survived > 0))
