/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/nmea_sentence.h"

#include "sensor/protocol/nmea_number.h"

enum { ADDRESS = 5, CHECK = 2 };

static bool is_capital(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_printable(uint8_t c)
{
	return c >= ' ' && c <= '~';
}

static int digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Cuts "*hh" off the text.  1: it is right, 0: it is wrong, -1: there is none. */
static int take_checksum(struct qw_slice *text)
{
	uint8_t sum = 0;
	const uint8_t *star = text->len ? memrchr(text->data, '*', text->len) : NULL;
	if (!star)
		return -1;
	struct qw_slice digits = qw_slice(star + 1, text->len - (size_t)(star - text->data) - 1);
	text->len = (size_t)(star - text->data);
	for (size_t i = 0; i < text->len; i++)
		sum ^= text->data[i];
	if (digits.len != CHECK)
		return 0;
	int high = digit_of(digits.data[0]), low = digit_of(digits.data[1]);
	return high >= 0 && low >= 0 && (high << 4 | low) == sum;
}

/* The text up to the byte, which goes too; all of it where the byte does not come. */
static struct qw_slice cut(struct qw_slice *text, uint8_t at)
{
	const uint8_t *end = text->len ? memchr(text->data, at, text->len) : NULL;
	struct qw_slice part = qw_slice(text->data, end ? (size_t)(end - text->data) : text->len);
	size_t used = part.len + (end ? 1 : 0);
	*text = qw_slice(text->data + used, text->len - used);
	return part;
}

/* ---- the block of tags */

static void read_tag(struct qw_nmea_tag *tag, struct qw_slice item)
{
	int64_t number;
	if (item.len < 2 || item.data[1] != ':')
		return;
	struct qw_slice value = qw_slice(item.data + 2, item.len - 2);
	switch (item.data[0]) {
	case 's': tag->source = value; break;
	case 'd': tag->destination = value; break;
	case 'g': tag->group = value; break;
	case 't': tag->text = value; break;
	case 'n':
		if (qw_nmea_fixed(value, 0, &number) && number >= 0 && number <= INT16_MAX)
			tag->line = (int32_t)number;
		break;
	case 'c':
		if (qw_nmea_fixed(value, 0, &number) && number >= 0)
			tag->time = number;
		break;
	default: break;
	}
}

static bool take_tags(struct qw_nmea_sentence *sentence, struct qw_slice *line)
{
	struct qw_slice rest = qw_slice(line->data + 1, line->len - 1);
	if (!rest.len || !memchr(rest.data, '\\', rest.len))
		return false;
	struct qw_slice block = cut(&rest, '\\');
	*line = rest;
	if (take_checksum(&block) != 1) {
		sentence->flaws |= QW_NMEA_BAD_TAG;
		return true;
	}
	while (block.len)
		read_tag(&sentence->tag, cut(&block, ','));
	return true;
}

/* ---- the sentence */

static void read_address(struct qw_nmea_sentence *sentence, struct qw_slice address)
{
	for (size_t i = 0; i < address.len; i++)
		if (!is_capital(address.data[i]))
			sentence->flaws |= QW_NMEA_MALFORMED;
	sentence->proprietary = address.len && address.data[0] == 'P';
	size_t talker = sentence->proprietary ? 1 : 2;
	if (address.len < talker || (!sentence->proprietary && address.len != ADDRESS)) {
		sentence->flaws |= QW_NMEA_MALFORMED;
		talker = address.len < talker ? address.len : talker;
	}
	sentence->talker = qw_slice(address.data, talker);
	sentence->formatter = qw_slice(address.data + talker, address.len - talker);
	/* "$CCGPQ,GGA": CC asks GP */
	sentence->query = !sentence->proprietary && address.len == ADDRESS && address.data[ADDRESS - 1] == 'Q' &&
			  sentence->fields == 1 && sentence->field[0].len == 3;
}

static void read_fields(struct qw_nmea_sentence *sentence, struct qw_slice body)
{
	while (body.data && sentence->fields < QW_NMEA_FIELDS_MAX) {
		bool last = !body.len || !memchr(body.data, ',', body.len);
		sentence->field[sentence->fields++] = cut(&body, ',');
		if (last)
			return;
	}
	sentence->cut = body.data != NULL;
}

static void check_bytes(struct qw_nmea_sentence *sentence, struct qw_slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_printable(text.data[i]) || (i && (text.data[i] == '$' || text.data[i] == '!')))
			sentence->flaws |= QW_NMEA_MALFORMED;
}

bool qw_nmea_read(struct qw_nmea_sentence *sentence, struct qw_slice line)
{
	memset(sentence, 0, offsetof(struct qw_nmea_sentence, field));
	sentence->tag.line = -1;
	sentence->tag.time = -1;
	while (line.len && line.data[0] == '\\')
		if (!take_tags(sentence, &line))
			return false;
	if (line.len < 2 || (line.data[0] != '$' && line.data[0] != '!'))
		return false;
	check_bytes(sentence, line);
	if (line.len + 2 > QW_NMEA_LONGEST)
		sentence->flaws |= QW_NMEA_TOO_LONG;
	struct qw_slice text = qw_slice(line.data + 1, line.len - 1);
	int check = take_checksum(&text);
	if (check <= 0)
		sentence->flaws |= check ? QW_NMEA_NO_CHECKSUM : QW_NMEA_BAD_CHECKSUM;
	bool more = text.len && memchr(text.data, ',', text.len);
	struct qw_slice address = cut(&text, ',');
	sentence->body = more ? text : qw_slice(NULL, 0);
	read_fields(sentence, sentence->body);
	read_address(sentence, address);
	return true;
}

/* ---- how sure */

/* IEC 61162-1's formatters, in order. */
static const char formatters[][4] = {
	"AAM", "ABK", "ABM", "ACA", "ACF", "ACG", "ACK", "ACM", "ACN", "ACS", "AGA", "AGL", "AIR", "AKD", "ALA", "ALC",
	"ALF", "ALM", "ALR", "APA", "APB", "ARC", "ASD", "ASN", "AST", "BBM", "BCG", "BCL", "BEC", "BOD", "BWC", "BWR",
	"BWW", "CBR", "CEK", "COP", "CUR", "DBK", "DBS", "DBT", "DCN", "DCR", "DDC", "DLM", "DOR", "DPT", "DSC", "DSE",
	"DSI", "DSR", "DTM", "ECB", "EPV", "ETL", "EVE", "FIR", "FSI", "FSR", "FSS", "GBS", "GDC", "GEN", "GFA", "GGA",
	"GLC", "GLL", "GMP", "GNS", "GRS", "GSA", "GST", "GSV", "GTD", "GXA", "HBT", "HCC", "HCR", "HDG", "HDM", "HDT",
	"HFB", "HMR", "HMS", "HRM", "HSC", "HSS", "HTC", "HTD", "ITS", "LCD", "LR1", "LR2", "LR3", "LRF", "LRI", "LTI",
	"MDA", "MEB", "MLA", "MOB", "MSK", "MSS", "MTW", "MWD", "MWV", "NAK", "NLS", "NRM", "NRX", "NSR", "OLN", "OSD",
	"POS", "PRC", "RLM", "RMA", "RMB", "RMC", "ROR", "ROT", "RPM", "RSA", "RSD", "RTE", "SEL", "SFI", "SID", "SLM",
	"SM1", "SM2", "SM3", "SM4", "SMB", "SMV", "SPW", "SSD", "STN", "TBR", "TBS", "TDS", "TFI", "TFR", "THS", "TLB",
	"TLL", "TPC", "TPR", "TPT", "TRC", "TRD", "TRO", "TRP", "TRS", "TSA", "TSP", "TSR", "TTD", "TTM", "TUT", "TXT",
	"UID", "VBC", "VBW", "VDM", "VDO", "VDR", "VER", "VHW", "VLW", "VPW", "VSD", "VSI", "VTG", "WAT", "WCV", "WDC",
	"WDR", "WNC", "WPL", "XDR", "XTE", "XTR", "ZDA", "ZDL", "ZFO", "ZTG",
};

static bool is_known(struct qw_slice formatter)
{
	size_t low = 0, high = sizeof(formatters) / sizeof(*formatters);
	while (formatter.len == 3 && low < high) {
		size_t middle = (low + high) / 2;
		int order = memcmp(formatter.data, formatters[middle], 3);
		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

bool qw_nmea_is_certain(const struct qw_nmea_sentence *sentence)
{
	if (sentence->flaws & QW_NMEA_MALFORMED || !sentence->body.data)
		return false;
	if (!(sentence->flaws & (QW_NMEA_BAD_CHECKSUM | QW_NMEA_NO_CHECKSUM)))
		return true;
	return is_known(sentence->formatter);
}

bool qw_nmea_may_begin(const uint8_t *data, size_t len)
{
	if (!len || (data[0] != '$' && data[0] != '!' && data[0] != '\\'))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!is_printable(data[i]) || (data[0] != '\\' && i <= 2 && !is_capital(data[i])))
			return false;
	return true;
}
