/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/entropy.h"

#include <math.h>

double qw_entropy(struct qw_slice data)
{
	uint32_t counts[256] = {0};
	double sum = 0;
	for (size_t i = 0; i < data.len; i++)
		counts[data.data[i]]++;
	for (unsigned i = 0; i < 256; i++) {
		double share = (double)counts[i] / (double)data.len;
		sum -= counts[i] ? share * log2(share) : 0;
	}
	return sum;
}

/* Numbers of rules are short; what is counted is not. */
static bool same(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

static bool holds(const struct qw_op *op, double value)
{
	double a = op->entropy.a;
	switch ((enum qw_compare)op->compare) {
	case QW_CMP_EQ: return same(value, a);
	case QW_CMP_NE: return !same(value, a);
	case QW_CMP_LT: return value < a;
	case QW_CMP_LE: return value <= a;
	case QW_CMP_GT: return value > a;
	case QW_CMP_GE: return value >= a;
	case QW_CMP_BETWEEN: return value > a && value < op->entropy.b;
	case QW_CMP_OUTSIDE: return value <= a || value >= op->entropy.b;
	default: return false;
	}
}

bool qw_entropy_holds(const struct qw_op *op, struct qw_slice data)
{
	size_t from = (uint32_t)op->entropy.offset;
	if (from >= data.len || op->entropy.bytes > data.len - from)
		return false;
	return holds(op, qw_entropy(qw_slice(data.data + from, op->entropy.bytes ? op->entropy.bytes : data.len - from)));
}
