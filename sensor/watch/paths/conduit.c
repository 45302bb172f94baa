/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/paths/conduit.h"

#include <string.h>

#include "quaywatch/app.h"
#include "sensor/watch/phrase.h"

static const char other[] = "other";

static enum qw_err fail(enum qw_err err, const char **why, const char *text)
{
	*why = text;
	return err;
}

/* ---- zones */

static bool same(const char *name, const char *word, size_t len)
{
	return strlen(name) == len && memcmp(name, word, len) == 0;
}

/* False: there is none of that name. */
static bool find_name(const struct qw_zones *zones, const char *word, size_t len, uint8_t *zone)
{
	*zone = QW_ZONE_OTHER;
	if (same(other, word, len))
		return true;
	for (size_t i = 0; i < zones->count; i++) {
		if (same(zones->name[i], word, len)) {
			*zone = (uint8_t)i;
			return true;
		}
	}
	return false;
}

static enum qw_err add_net(struct qw_zones *zones, struct qw_phrase *phrase, const char **why)
{
	const char *word;
	size_t len;

	if (zones->net_count == QW_ZONE_NETS_MAX)
		return fail(QW_ELIMIT, why, "no more than 512 networks are taken");
	if (!qw_phrase_word(phrase, ",", &word, &len) || !qw_prefix_parse(word, len, &zones->net[zones->net_count].prefix))
		return fail(QW_EFORMAT, why, "a network is written 10.2.0.0/16, several with commas between");
	zones->net[zones->net_count++].zone = (uint8_t)zones->count;
	return QW_OK;
}

/* All or none. */
static enum qw_err add_nets(struct qw_zones *zones, struct qw_phrase *phrase, const char **why)
{
	size_t before = zones->net_count;
	enum qw_err err;

	do
		err = add_net(zones, phrase, why);
	while (err == QW_OK && qw_phrase_mark(phrase, ","));
	if (err == QW_OK && !qw_phrase_is_over(phrase))
		err = fail(QW_EFORMAT, why, "between networks there are commas");
	if (err != QW_OK)
		zones->net_count = before;
	return err;
}

enum qw_err qw_zones_add(struct qw_zones *zones, const char *text, size_t len, const char **why)
{
	struct qw_phrase phrase = qw_phrase(text, len);
	const char *word;
	size_t word_len;
	uint8_t there;

	if (zones->count == QW_ZONES_MAX)
		return fail(QW_ELIMIT, why, "no more than 64 zones are taken");
	if (!qw_phrase_word(&phrase, ":", &word, &word_len) || word_len >= QW_ZONE_NAME_MAX || !qw_phrase_mark(&phrase, ":"))
		return fail(QW_EFORMAT, why, "a zone begins with its name, of up to 31 letters, and a colon");
	if (find_name(zones, word, word_len, &there))
		return fail(QW_EFORMAT, why, "the name is taken; list all networks of a zone in one line");
	enum qw_err err = add_nets(zones, &phrase, why);
	if (err != QW_OK)
		return err;
	memcpy(zones->name[zones->count], word, word_len);
	zones->name[zones->count][word_len] = '\0';
	zones->count++;
	return QW_OK;
}

unsigned qw_zones_find(const struct qw_zones *zones, const struct qw_address *address)
{
	unsigned found = QW_ZONE_OTHER;
	int bits = -1;

	for (size_t i = 0; i < zones->net_count; i++) {
		if (zones->net[i].prefix.bits > bits && qw_prefix_holds(&zones->net[i].prefix, address)) {
			bits = zones->net[i].prefix.bits;
			found = zones->net[i].zone;
		}
	}
	return found;
}

const char *qw_zones_name(const struct qw_zones *zones, unsigned zone)
{
	return zone < zones->count ? zones->name[zone] : other;
}

/* ---- conduits */

static bool take_transport(struct qw_phrase *phrase, uint8_t *proto)
{
	enum { TCP = 6, UDP = 17 };
	const char *word;
	size_t len;

	if (!qw_phrase_mark(phrase, "/"))
		return true;
	if (!qw_phrase_word(phrase, ",", &word, &len))
		return false;
	*proto = same("tcp", word, len) ? TCP : same("udp", word, len) ? UDP : 0;
	return *proto != 0;
}

static bool take_name(struct qw_phrase *phrase, struct qw_service *service)
{
	const char *word;
	size_t len;

	if (!qw_phrase_word(phrase, ",", &word, &len))
		return false;
	if (same("any", word, len))
		return true;
	enum qw_app app = qw_app_parse(word, len);
	service->app = (uint8_t)app;
	return app > QW_APP_FAILED && app < QW_APP_COUNT;
}

static bool take_service(struct qw_phrase *phrase, struct qw_service *service)
{
	uint64_t port;

	if (qw_phrase_is_over(phrase) || *phrase->at < '0' || *phrase->at > '9')
		return take_name(phrase, service);
	if (!qw_phrase_number(phrase, UINT16_MAX, &port) || port == 0)
		return false;
	service->port = (uint16_t)port;
	return take_transport(phrase, &service->proto);
}

static enum qw_err take_zone(const struct qw_zones *zones, struct qw_phrase *phrase, uint8_t *zone, const char **why)
{
	const char *word;
	size_t len;

	if (!qw_phrase_word(phrase, ":", &word, &len))
		return fail(QW_EFORMAT, why, "a conduit is written \"office -> yard: rdp, 44818, 123/udp\"");
	if (!find_name(zones, word, len, zone))
		return fail(QW_EFORMAT, why, "there is no zone of that name in watch.zones");
	return QW_OK;
}

static enum qw_err add_service(struct qw_zones *zones, struct qw_phrase *phrase, struct qw_service service, const char **why)
{
	if (zones->service_count == QW_SERVICES_MAX)
		return fail(QW_ELIMIT, why, "no more than 1024 services are taken");
	if (!take_service(phrase, &service))
		return fail(QW_EFORMAT, why, "a service is a protocol (rdp), a port (44818, 123/udp), or any");
	zones->service[zones->service_count++] = service;
	return QW_OK;
}

/* All or none. */
static enum qw_err add_services(struct qw_zones *zones, struct qw_phrase *phrase, struct qw_service service, const char **why)
{
	size_t before = zones->service_count;
	enum qw_err err;

	do
		err = add_service(zones, phrase, service, why);
	while (err == QW_OK && qw_phrase_mark(phrase, ","));
	if (err == QW_OK && !qw_phrase_is_over(phrase))
		err = fail(QW_EFORMAT, why, "between services there are commas");
	if (err != QW_OK)
		zones->service_count = before;
	return err;
}

enum qw_err qw_zones_allow(struct qw_zones *zones, const char *text, size_t len, const char **why)
{
	struct qw_phrase phrase = qw_phrase(text, len);
	struct qw_service service = {0};
	enum qw_err err = take_zone(zones, &phrase, &service.from, why);

	if (err == QW_OK && !qw_phrase_mark(&phrase, "->"))
		err = fail(QW_EFORMAT, why, "between two zones there is an arrow with blanks around it: ->");
	if (err == QW_OK)
		err = take_zone(zones, &phrase, &service.to, why);
	if (err == QW_OK && !qw_phrase_mark(&phrase, ":"))
		err = fail(QW_EFORMAT, why, "behind the zones there is a colon, then services");
	return err == QW_OK ? add_services(zones, &phrase, service, why) : err;
}

static bool fits(const struct qw_service *allowed, const struct qw_service *service)
{
	return allowed->from == service->from && allowed->to == service->to && (!allowed->app || allowed->app == service->app) &&
	       (!allowed->proto || allowed->proto == service->proto) && (!allowed->port || allowed->port == service->port);
}

bool qw_zones_is_allowed(const struct qw_zones *zones, const struct qw_service *service)
{
	for (size_t i = 0; i < zones->service_count; i++)
		if (fits(&zones->service[i], service))
			return true;
	return false;
}
