/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/classes.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/file.h"

enum { FILE_MAX = 1 << 20 };

/* The classes that public rules use; names and texts are what EVE readers expect. */
static const struct {
	const char *name, *description;
	uint8_t priority;
} built_in[] = {
	{"not-suspicious", "Not Suspicious Traffic", 3},
	{"unknown", "Unknown Traffic", 3},
	{"bad-unknown", "Potentially Bad Traffic", 2},
	{"attempted-recon", "Attempted Information Leak", 2},
	{"successful-recon-limited", "Information Leak", 2},
	{"successful-recon-largescale", "Large Scale Information Leak", 2},
	{"attempted-dos", "Attempted Denial of Service", 2},
	{"successful-dos", "Denial of Service", 2},
	{"attempted-user", "Attempted User Privilege Gain", 1},
	{"unsuccessful-user", "Unsuccessful User Privilege Gain", 1},
	{"successful-user", "Successful User Privilege Gain", 1},
	{"attempted-admin", "Attempted Administrator Privilege Gain", 1},
	{"successful-admin", "Successful Administrator Privilege Gain", 1},
	{"rpc-portmap-decode", "Decode of an RPC Query", 2},
	{"shellcode-detect", "Executable code was detected", 1},
	{"string-detect", "A suspicious string was detected", 3},
	{"suspicious-filename-detect", "A suspicious filename was detected", 2},
	{"suspicious-login", "An attempted login using a suspicious username was detected", 2},
	{"system-call-detect", "A system call was detected", 2},
	{"tcp-connection", "A TCP connection was detected", 4},
	{"trojan-activity", "A Network Trojan was detected", 1},
	{"unusual-client-port-connection", "A client was using an unusual port", 2},
	{"network-scan", "Detection of a Network Scan", 3},
	{"denial-of-service", "Detection of a Denial of Service Attack", 2},
	{"non-standard-protocol", "Detection of a non-standard protocol or event", 2},
	{"protocol-command-decode", "Generic Protocol Command Decode", 3},
	{"web-application-activity", "access to a potentially vulnerable web application", 2},
	{"web-application-attack", "Web Application Attack", 1},
	{"misc-activity", "Misc activity", 3},
	{"misc-attack", "Misc Attack", 2},
	{"icmp-event", "Generic ICMP event", 3},
	{"inappropriate-content", "Inappropriate Content was Detected", 1},
	{"policy-violation", "Potential Corporate Privacy Violation", 1},
	{"default-login-attempt", "Attempt to login by a default username and password", 2},
	{"targeted-activity", "Targeted Malicious Activity was Detected", 1},
	{"exploit-kit", "Exploit Kit Activity Detected", 1},
	{"external-ip-check", "Device Retrieving External IP Address Detected", 2},
	{"domain-c2", "Domain Observed Used for C2 Detected", 1},
	{"pup-activity", "Possibly Unwanted Program Detected", 2},
	{"credential-theft", "Successful Credential Theft Detected", 1},
	{"social-engineering", "Possible Social Engineering Attempted", 2},
	{"coin-mining", "Crypto Currency Mining Activity Detected", 2},
	{"command-and-control", "Malware Command and Control Activity Detected", 1},
	/* of the rules that ship with the sensor */
	{"ot-control", "Control of an industrial device", 1},
	{"ot-program", "Program or firmware of an industrial device", 1},
	{"ot-access", "Session with an industrial device", 3},
	{"ot-recon", "Search for industrial devices", 2},
};

static enum qw_err add(struct qw_classes *classes, struct qw_word name, struct qw_word description, unsigned priority)
{
	char key[64];
	int fresh;
	if (name.len > sizeof(key))
		return QW_EFORMAT;
	for (size_t i = 0; i < name.len; i++)
		key[i] = (char)(name.at[i] >= 'A' && name.at[i] <= 'Z' ? name.at[i] | 0x20 : name.at[i]);
	uint32_t *row = qw_names_get(&classes->by_name, key, name.len, &fresh);
	if (!row)
		return QW_ENOMEM;
	struct qw_class class = {description.at, description.len, (uint8_t)priority};
	if (!fresh)
		*(struct qw_class *)qw_vector_at(&classes->rows, *row) = class;
	else if ((*row = qw_vector_put(&classes->rows, &class, 1)) == UINT32_MAX)
		return QW_ENOMEM;
	return QW_OK;
}

enum qw_err qw_classes_init(struct qw_classes *classes)
{
	enum qw_err err = QW_OK;
	classes->text = NULL;
	qw_names_init(&classes->by_name);
	qw_vector_init(&classes->rows, sizeof(struct qw_class));
	for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]) && !err; i++)
		err = add(classes, (struct qw_word){built_in[i].name, strlen(built_in[i].name)},
			  (struct qw_word){built_in[i].description, strlen(built_in[i].description)},
			  built_in[i].priority);
	return err;
}

void qw_classes_fini(struct qw_classes *classes)
{
	qw_names_fini(&classes->by_name);
	qw_vector_fini(&classes->rows);
	free(classes->text);
	classes->text = NULL;
}

/* "config classification: name,description,priority" */
static enum qw_err read_line(struct qw_classes *classes, struct qw_word line)
{
	static const char start[] = "config classification:";
	struct qw_word name, description, number;
	uint64_t priority;
	if (line.len < sizeof(start) - 1 || memcmp(line.at, start, sizeof(start) - 1) != 0)
		return QW_EFORMAT;
	struct qw_word rest = {line.at + sizeof(start) - 1, line.len - sizeof(start) + 1};
	if (!qw_word_cut(&rest, ',', &name) || !qw_word_cut(&rest, ',', &description) ||
	    !qw_word_cut(&rest, ',', &number) || name.len == 0 || !qw_word_u64(number, 255, &priority) || priority == 0)
		return QW_EFORMAT;
	return add(classes, name, description, (unsigned)priority);
}

enum qw_err qw_classes_read(struct qw_classes *classes, const char *path, struct qw_diags *diags)
{
	char *text;
	size_t len;
	enum qw_err err = qw_file_read(path, FILE_MAX, &text, &len);
	if (err)
		return err;
	free(classes->text);
	classes->text = text;
	struct qw_word rest = {text, len}, line;
	for (uint32_t number = 1; !err && qw_word_cut(&rest, '\n', &line); number++) {
		if (line.len == 0 || line.at[0] == '#')
			continue;
		err = read_line(classes, line);
		if (err != QW_EFORMAT)
			continue;
		qw_complain(diags, QW_DIAG_ERROR, path, number, 1,
			    "not a class; write \"config classification: name,description,priority\"");
		err = QW_OK;
	}
	return err;
}

const struct qw_class *qw_classes_find(const struct qw_classes *classes, struct qw_word name)
{
	char key[64];
	if (name.len > sizeof(key))
		return NULL;
	for (size_t i = 0; i < name.len; i++)
		key[i] = (char)(name.at[i] >= 'A' && name.at[i] <= 'Z' ? name.at[i] | 0x20 : name.at[i]);
	const uint32_t *row = qw_names_find(&classes->by_name, key, name.len);
	return row ? qw_vector_at(&classes->rows, *row) : NULL;
}
