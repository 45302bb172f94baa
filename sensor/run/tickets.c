/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/tickets.h"

#include <string.h>

uint32_t qw_tickets_add(struct qw_tickets *tickets, const struct qw_receipt *receipt)
{
	bool full = tickets->count == QW_TICKETS_MAX;
	struct qw_ticket *ticket = &tickets->row[full ? tickets->count - 1 : tickets->count++];
	struct qw_time began = full ? ticket->began : qw_time_monotonic();

	tickets->joined += full;
	*ticket = (struct qw_ticket){.number = ++tickets->last, .receipt = *receipt, .began = began};
	return ticket->number;
}

uint32_t qw_tickets_number(struct qw_tickets *tickets)
{
	return ++tickets->last;
}

void qw_tickets_built(struct qw_tickets *tickets, uint32_t through, uint32_t generation)
{
	for (unsigned i = 0; i < tickets->count; i++)
		if (tickets->row[i].number <= through && tickets->row[i].generation == 0)
			tickets->row[i].generation = generation;
}

struct qw_ticket *qw_tickets_due(struct qw_tickets *tickets, uint32_t adopted)
{
	struct qw_ticket *first = &tickets->row[0];

	return tickets->count && first->generation && first->generation <= adopted ? first : NULL;
}

void qw_tickets_done(struct qw_tickets *tickets)
{
	tickets->count--;
	memmove(tickets->row, tickets->row + 1, tickets->count * sizeof(tickets->row[0]));
}
