/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/capture/gate.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

enum qw_err qw_gate_close(int fd)
{
	struct sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
	struct sock_fprog program = {1, nothing};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0 ? QW_OK : qw_err_from_errno(errno);
}

enum qw_err qw_gate_open(int fd)
{
	int unused = 0;

	return setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused)) == 0 ? QW_OK : qw_err_from_errno(errno);
}

enum qw_err qw_gate_join(int fd, uint16_t group)
{
	int option = group | PACKET_FANOUT_HASH << 16;

	return setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &option, sizeof(option)) == 0 ? QW_OK : qw_err_from_errno(errno);
}

void qw_gate_count(int fd, uint64_t *received, uint64_t *dropped)
{
	struct tpacket_stats_v3 counted;
	socklen_t len = sizeof(counted);

	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &counted, &len) != 0)
		return;
	*received += counted.tp_packets; /* the drops are among them */
	*dropped += counted.tp_drops;
}
