/* SPDX-License-Identifier: Apache-2.0 */
/* numbers - byte_test, byte_jump, byte_extract, byte_math. */
#include "rules/signature/inspect.h"

#include <string.h>

#include "rules/signature/words.h"

enum { TEXT_MAX = 23 };

static unsigned digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - (unsigned)'0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10 : 99;
}

static bool text_number(const uint8_t *at, unsigned width, unsigned base, uint64_t *out)
{
	uint64_t value = 0;
	unsigned i = 0, digits = 0;
	while (i < width && (at[i] == ' ' || at[i] == '\t'))
		i++;
	if (base == 16 && i + 1 < width && at[i] == '0' && (at[i + 1] | 0x20) == 'x')
		i += 2;
	for (; i < width; i++, digits++) {
		unsigned digit = digit_of(at[i]);
		if (digit >= base || value > (UINT64_MAX - digit) / base)
			break;
		value = value * base + digit;
	}
	*out = value;
	return digits > 0;
}

static uint64_t binary_number(const uint8_t *at, unsigned width, bool little)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < width; i++)
		value = value << 8 | at[little ? width - 1 - i : i];
	return value;
}

static bool is_little(const struct qw_inspection *run, const struct qw_op *op)
{
	const struct qw_subject *subject = run->subject;
	struct qw_slice order;
	uint64_t little;
	if (!(op->flags & QW_OP_DCE))
		return op->flags & QW_OP_LITTLE;
	if (!subject->buffer(subject->ctx, QW_BUFFER_DCE_ORDER, 0, &order) || order.len != sizeof(little))
		return false;
	memcpy(&little, order.data, sizeof(little));
	return little;
}

/* The number that an option is about, and where it begins; width 0 reads nothing and is 0. */
static bool read_number(const struct qw_inspection *run, const struct qw_op *op, struct qw_slice data, int64_t at,
			int64_t *place, unsigned *width, uint64_t *out)
{
	int64_t size = (int64_t)data.len;
	int64_t wide = qw_value_of(run, op, QW_VAR_WIDTH, op->bytes.width);
	bool text = op->flags & QW_OP_TEXT;
	*place = (op->flags & QW_OP_RELATIVE ? at : 0) + qw_value_of(run, op, QW_VAR_OFFSET, op->bytes.offset);
	if (*place < 0 || wide < 0 || wide > (text ? TEXT_MAX : 8) || *place > size - wide)
		return false;
	if (text && wide == 0) /* as many digits as there are */
		wide = size - *place < TEXT_MAX ? size - *place : TEXT_MAX;
	*width = (unsigned)wide;
	if (text && !text_number(data.data + *place, *width, op->bytes.base, out))
		return false;
	if (!text)
		*out = binary_number(data.data + *place, *width, is_little(run, op));
	if (op->bytes.mask)
		*out = (*out & op->bytes.mask) >> __builtin_ctzll(op->bytes.mask);
	return true;
}

static uint64_t operand(const struct qw_inspection *run, const struct qw_op *op)
{
	return op->vars & QW_VAR_VALUE ? run->vars[op->bytes.value % QW_RULE_VARS_MAX] : op->bytes.value;
}

bool qw_byte_test(struct qw_inspection *run, const struct qw_op *op, struct qw_slice data, int64_t *at)
{
	int64_t place;
	unsigned width;
	uint64_t value;
	if (!read_number(run, op, data, *at, &place, &width, &value))
		return false;
	return qw_compare(op->compare, value, operand(run, op), 0) != !!(op->flags & QW_OP_NEGATED);
}

bool qw_byte_jump(struct qw_inspection *run, const struct qw_op *op, struct qw_slice data, int64_t *at)
{
	int64_t place, size = (int64_t)data.len;
	unsigned width;
	uint64_t value;
	if (!read_number(run, op, data, *at, &place, &width, &value) || value > UINT32_MAX)
		return false;
	int64_t jump = (int64_t)(value * op->bytes.multiplier);
	if (op->flags & QW_OP_ALIGN)
		jump = (jump + 3) & ~INT64_C(3);
	jump += op->bytes.post;
	if (op->flags & QW_OP_FROM_END)
		jump += size;
	else if (!(op->flags & QW_OP_FROM_BEGINNING))
		jump += place + width;
	if (jump < 0 || jump >= size)
		return false;
	*at = jump;
	return true;
}

bool qw_byte_extract(struct qw_inspection *run, const struct qw_op *op, struct qw_slice data, int64_t *at)
{
	int64_t place;
	unsigned width;
	uint64_t value;
	if (!read_number(run, op, data, *at, &place, &width, &value))
		return false;
	value *= op->bytes.multiplier;
	uint64_t align = op->bytes.value;
	if (align && value % align)
		value += align - value % align;
	run->vars[op->result % QW_RULE_VARS_MAX] = value;
	*at = place + width;
	return true;
}

bool qw_byte_math(struct qw_inspection *run, const struct qw_op *op, struct qw_slice data, int64_t *at)
{
	int64_t place;
	unsigned width;
	uint64_t value, by = operand(run, op);
	if (!read_number(run, op, data, *at, &place, &width, &value))
		return false;
	switch ((enum qw_math)op->compare) {
	case QW_MATH_ADD: value += by; break;
	case QW_MATH_SUBTRACT: value -= by; break;
	case QW_MATH_MULTIPLY: value *= by; break;
	case QW_MATH_DIVIDE:
		if (by == 0)
			return false;
		value /= by;
		break;
	case QW_MATH_SHIFT_LEFT: value = by < 64 ? value << by : 0; break;
	case QW_MATH_SHIFT_RIGHT: value = by < 64 ? value >> by : 0; break;
	}
	run->vars[op->result % QW_RULE_VARS_MAX] = value;
	*at = place + width;
	return true;
}
