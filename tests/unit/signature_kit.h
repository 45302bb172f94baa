/* SPDX-License-Identifier: Apache-2.0 */
/* signature_kit - rules from a text, and a subject made of literals. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "quaywatch/signatures.h"

struct kit {
	struct qw_signature_builder *builder;
	struct qw_signatures *set;
	struct qw_diags diags;
	struct qw_signature_options options;
};

static const char *kit_variable(void *ctx, const char *name)
{
	static const char *const rows[][2] = {
	    {"HOME_NET", "[192.168.0.0/16,10.0.0.0/8,172.16.0.0/12]"},
	    {"EXTERNAL_NET", "!$HOME_NET"},
	    {"HTTP_PORTS", "80"},
	    {"SHELLCODE_PORTS", "!80"},
	    {"ORACLE_PORTS", "1521"},
	    {"SSH_PORTS", "22"},
	    {"DNP3_PORTS", "20000"},
	    {"MODBUS_PORTS", "502"},
	    {"FTP_PORTS", "21"},
	    {"FILE_DATA_PORTS", "[$HTTP_PORTS,110,143]"},
	    {"HTTP_SERVERS", "$HOME_NET"},
	    {"SMTP_SERVERS", "$HOME_NET"},
	    {"SQL_SERVERS", "$HOME_NET"},
	    {"DNS_SERVERS", "$HOME_NET"},
	    {"TELNET_SERVERS", "$HOME_NET"},
	    {"AIM_SERVERS", "$EXTERNAL_NET"},
	    {"DC_SERVERS", "$HOME_NET"},
	    {"DNP3_SERVER", "$HOME_NET"},
	    {"DNP3_CLIENT", "$HOME_NET"},
	    {"MODBUS_SERVER", "$HOME_NET"},
	    {"MODBUS_CLIENT", "$HOME_NET"},
	    {"ENIP_SERVER", "$HOME_NET"},
	    {"ENIP_CLIENT", "$HOME_NET"},
	    {"LOOP", "[1.1.1.1,$POOL]"},
	    {"POOL", "$LOOP"},
	    {"BACNET_CLIENT", "$HOME_NET"},
	    {"BACNET_SERVER", "$HOME_NET"},
	    {"MODICON_CLIENT", "$HOME_NET"},
	    {"FINS_CLIENT", "$HOME_NET"},
	    {"FINS_SERVER", "$HOME_NET"},
	    {"S7_CLIENT", "$HOME_NET"},
	    {"S7_SERVER", "$HOME_NET"},
	};
	(void)ctx;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i][0], name) == 0)
			return rows[i][1];
	return NULL;
}

static inline void kit_begin(struct kit *kit)
{
	memset(kit, 0, sizeof(*kit));
	kit->options.variable = kit_variable;
	qw_diags_init(&kit->diags);
	assert_int_equal(qw_signature_builder_new(&kit->builder, &kit->options), QW_OK);
}

static inline void kit_read(struct kit *kit, const char *text)
{
	assert_int_equal(qw_signature_builder_read(kit->builder, "t.rules", text, strlen(text), &kit->diags), QW_OK);
}

static inline void kit_open(struct kit *kit)
{
	int fd;
	assert_int_equal(qw_signature_builder_finish(kit->builder, &fd, &kit->diags), QW_OK);
	assert_int_equal(qw_signatures_open(&kit->set, fd), QW_OK);
	close(fd);
}

static inline void kit_end(struct kit *kit)
{
	qw_signatures_close(kit->set);
	qw_signature_builder_free(kit->builder);
	qw_diags_fini(&kit->diags);
}

/* One rule, which must be understood. */
static inline void kit_one(struct kit *kit, const char *text)
{
	kit_begin(kit);
	kit_read(kit, text);
	if (kit->diags.errors)
		print_message("%s\n  %u:%u: %s\n", text, kit->diags.rows[0].line, kit->diags.rows[0].column,
			      kit->diags.rows[0].text);
	assert_int_equal(kit->diags.errors, 0);
	kit_open(kit);
}

/* ---- what is looked into */

enum { VALUES_MAX = 8 };

struct value {
	enum qw_buffer buffer;
	const char *text;
	size_t len; /* 0: strlen */
};

struct scene {
	struct qw_facts facts;
	struct value values[VALUES_MAX];
};

static inline bool scene_buffer(void *ctx, enum qw_buffer buffer, unsigned index, struct qw_slice *out)
{
	const struct scene *scene = ctx;
	for (unsigned i = 0; i < VALUES_MAX && scene->values[i].text; i++) {
		const struct value *value = &scene->values[i];
		if (value->buffer != buffer || index-- > 0)
			continue;
		*out = qw_slice(value->text, value->len ? value->len : strlen(value->text));
		return true;
	}
	return false;
}

static inline bool scene_confirms(struct kit *kit, struct scene *scene, uint32_t number)
{
	struct qw_subject subject = {&scene->facts, scene_buffer, scene};
	return qw_signatures_confirm(kit->set, number, &subject);
}

/* As a sensor does it: candidates of the packet and of each buffer, each confirmed; is this rule among them? */
static inline bool scene_fires(struct kit *kit, struct scene *scene, uint32_t number)
{
	uint32_t out[64];
	size_t count = qw_signatures_of_packet(kit->set, &scene->facts, out, 64);
	bool named = false;
	for (size_t i = 0; i < count; i++)
		named |= out[i] == number;
	for (unsigned i = 0; i < VALUES_MAX && scene->values[i].text; i++) {
		const struct value *value = &scene->values[i];
		count = qw_signatures_scan(kit->set, value->buffer, &scene->facts, (const uint8_t *)value->text,
					   value->len ? value->len : strlen(value->text), 0, out, 64);
		for (size_t j = 0; j < count; j++)
			named |= out[j] == number;
	}
	bool confirmed = scene_confirms(kit, scene, number);
	/* A rule that would be confirmed must have been named: else the prefilter loses it. */
	if (confirmed && !named)
		fail_msg("rule %u fits, but was not named", number);
	return named && confirmed;
}

static inline struct scene scene_tcp(void)
{
	static const uint8_t client[4] = {192, 168, 1, 2}, server[4] = {198, 51, 100, 7};
	static const uint8_t ip[20] = {0x45, 0, 0, 40, 1, 2, 0x40, 0, 64, 6};
	static const uint8_t tcp[24] = {0,    1,    0, 2, 0, 0, 0, 9, 0, 0, 0, 8,
					0x60, 0x18, 1, 0, 0, 0, 0, 0, 2, 4, 5, 0xb4};
	return (struct scene){
	    .facts = {.src = qw_address_v4(client),
		      .dst = qw_address_v4(server),
		      .sport = 40000,
		      .dport = 80,
		      .proto = 6,
		      .tcp_flags = 0x18,
		      .ttl = 64,
		      .tcp_window = 256,
		      .ip_id = 258,
		      .tcp_seq = 9,
		      .tcp_ack = 8,
		      .ether_type = 0x800,
		      .flags = QW_FACT_PACKET | QW_FACT_FLOW | QW_FACT_TO_SERVER | QW_FACT_ESTABLISHED,
		      .network_header = {ip, sizeof(ip)},
		      .transport_header = {tcp, sizeof(tcp)}}};
}

/* A scene whose payload is this text. */
static inline struct scene scene_payload(const char *data, size_t len)
{
	struct scene scene = scene_tcp();
	scene.values[0] = (struct value){QW_BUFFER_PAYLOAD, data, len};
	scene.facts.payload_len = (uint32_t)(len ? len : strlen(data));
	return scene;
}
