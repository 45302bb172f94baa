/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/unpack.h"

#include <brotli/decode.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "sensor/protocol/store.h"

enum {
	LAYERS_MAX = 3,
	OUT_BYTES = 4096,
	BOMB_BYTES = 1 << 20, /* before that any growth is allowed */
	BOMB_RATIO = 512,
	ZLIB_WRAPPED = 15,
	ZLIB_RAW = -15,
	GZIP_WRAPPED = 15 + 16,
	GZIP_MAGIC = 0x1f,
	GZIP_MAGIC_2 = 0x8b,
	GZIP_HEAD = 10,  /* bytes, where no name or the like follows */
	HEAD_MAX = 256,  /* bytes that are kept as long as nothing came out */
};

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_DEFLATE, PACKING_BROTLI };

/* BETWEEN: a member of gzip has ended, and nothing came behind it so far. */
enum stage { STAGE_NEW, STAGE_RUNS, STAGE_BETWEEN, STAGE_PLAIN, STAGE_ENDED, STAGE_FAILED };

struct layer {
	enum packing packing;
	enum stage stage;
	uint64_t in, out;
	bool full, lost; /* head: no more fits; something did not */
	bool retried;    /* without its gzip header */
	bool starved;    /* there was no room: that says nothing of the data */
	uint16_t head_len;
	uint8_t head[HEAD_MAX]; /* how it began */
	z_stream zlib;
	BrotliDecoderState *brotli;
};

/* layer[0] is the outermost, the one that was put on last. */
struct qw_unpack {
	void *state;
	unsigned layers;
	bool given_up;
	struct layer layer[LAYERS_MAX];
};

/* One call's way through the layers. */
struct passage {
	struct qw_unpack *unpack;
	const struct qw_unpack_sink *sink;
};

/* ---- memory */

static voidpf zlib_take(voidpf state, uInt items, uInt size)
{
	return qw_parser_take(state, (size_t)items * size);
}

static void zlib_give(voidpf state, voidpf memory)
{
	qw_parser_give(state, memory);
}

static void *brotli_take(void *state, size_t size)
{
	return qw_parser_take(state, size);
}

static void brotli_give(void *state, void *memory)
{
	if (memory)
		qw_parser_give(state, memory);
}

static void layer_fini(struct layer *layer)
{
	if (layer->packing == PACKING_BROTLI && layer->brotli)
		BrotliDecoderDestroyInstance(layer->brotli);
	else if (layer->stage == STAGE_RUNS || layer->stage == STAGE_BETWEEN)
		inflateEnd(&layer->zlib);
	layer->brotli = NULL;
}

void qw_unpack_free(void *state, struct qw_unpack *unpack)
{
	if (!unpack)
		return;
	for (unsigned i = 0; i < unpack->layers; i++)
		layer_fini(&unpack->layer[i]);
	qw_parser_give(state, unpack);
}

/* ---- what is announced */

static enum packing packing_of(struct qw_slice name)
{
	static const struct {
		const char *name;
		enum packing packing;
	} names[] = {{"gzip", PACKING_GZIP},	   {"x-gzip", PACKING_GZIP}, {"deflate", PACKING_DEFLATE},
		     {"x-deflate", PACKING_DEFLATE}, {"br", PACKING_BROTLI}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == name.len && strncasecmp(names[i].name, (const char *)name.data, name.len) == 0)
			return names[i].packing;
	return PACKING_NONE;
}

static bool is_between(uint8_t c)
{
	return c == ',' || c == ' ' || c == '\t';
}

/* Packings in the order in which they come off; returns how many, of which LAYERS_MAX are in *out. */
static unsigned read_encodings(struct qw_slice value, enum packing *out)
{
	unsigned count = 0;
	size_t end = value.len;

	while (end > 0) {
		size_t at = end;
		while (at > 0 && !is_between(value.data[at - 1]))
			at--;
		enum packing packing = packing_of(qw_slice(value.data + at, end - at));
		if (packing != PACKING_NONE && count < LAYERS_MAX)
			out[count] = packing;
		count += packing != PACKING_NONE;
		end = at ? at - 1 : 0;
	}
	return count;
}

struct qw_unpack *qw_unpack_new(void *state, struct qw_slice encodings)
{
	enum packing packings[LAYERS_MAX];
	unsigned count = read_encodings(encodings, packings);
	struct qw_unpack *unpack = count ? qw_parser_take(state, sizeof(*unpack)) : NULL;

	if (!unpack)
		return NULL;
	memset(unpack, 0, sizeof(*unpack));
	unpack->state = state;
	unpack->layers = count < LAYERS_MAX ? count : LAYERS_MAX;
	if (count > LAYERS_MAX)
		qw_parser_cut(state); /* what comes out is packed still */
	for (unsigned i = 0; i < unpack->layers; i++)
		unpack->layer[i].packing = packings[i];
	return unpack;
}

/* ---- one layer */

static void hand_on(const struct passage *passage, unsigned depth, const uint8_t *data, size_t len);

static void begin_zlib(const struct passage *passage, struct layer *layer, int bits)
{
	memset(&layer->zlib, 0, sizeof(layer->zlib));
	layer->zlib.zalloc = zlib_take;
	layer->zlib.zfree = zlib_give;
	layer->zlib.opaque = passage->unpack->state;
	layer->stage = inflateInit2(&layer->zlib, bits) == Z_OK ? STAGE_RUNS : STAGE_FAILED;
}

/* RFC 1950: what begins so is zlib's; HTTP's deflate is that, and many servers' is raw. */
static int bits_of(const struct layer *layer)
{
	bool wrapped = (layer->head[0] & 0x0f) == 8 && (layer->head[0] << 8 | layer->head[1]) % 31 == 0;

	if (layer->packing == PACKING_GZIP)
		return GZIP_WRAPPED;
	return wrapped ? ZLIB_WRAPPED : ZLIB_RAW;
}

static bool is_bomb(const struct layer *layer)
{
	return layer->out > BOMB_BYTES && layer->out / BOMB_RATIO > layer->in;
}

/* A member of gzip may follow another; what else follows is nobody's. */
static void end_member(struct layer *layer)
{
	bool more = layer->zlib.avail_in > 0, another = !more || layer->zlib.next_in[0] == GZIP_MAGIC;

	if (layer->packing == PACKING_GZIP && !layer->retried && another && inflateReset(&layer->zlib) == Z_OK) {
		layer->stage = more ? STAGE_RUNS : STAGE_BETWEEN;
		return;
	}
	inflateEnd(&layer->zlib);
	layer->stage = STAGE_ENDED;
}

/* The member ended where a piece did; now the next piece is here. */
static void go_on(struct layer *layer, const uint8_t *data)
{
	layer->stage = data[0] == GZIP_MAGIC ? STAGE_RUNS : STAGE_ENDED;
	if (layer->stage == STAGE_ENDED)
		inflateEnd(&layer->zlib);
}

/* False: this is not what zlib reads; it has ended. */
static bool run_zlib(const struct passage *passage, unsigned depth, const uint8_t *data, size_t len)
{
	struct layer *layer = &passage->unpack->layer[depth];
	uint8_t out[OUT_BYTES];

	layer->zlib.next_in = (Bytef *)(uintptr_t)data;
	layer->zlib.avail_in = (uInt)len;
	do {
		layer->zlib.next_out = out;
		layer->zlib.avail_out = sizeof(out);
		int result = inflate(&layer->zlib, Z_NO_FLUSH);
		size_t made = sizeof(out) - layer->zlib.avail_out;
		layer->out += made;
		layer->starved |= result == Z_MEM_ERROR;
		if (made)
			hand_on(passage, depth + 1, out, made);
		if (result == Z_STREAM_END)
			end_member(layer);
		else if (result == Z_BUF_ERROR)
			return true;
		else if (result != Z_OK || is_bomb(layer))
			inflateEnd(&layer->zlib), layer->stage = STAGE_FAILED;
	} while (layer->stage == STAGE_RUNS && (layer->zlib.avail_in || layer->zlib.avail_out == 0));
	return layer->stage != STAGE_FAILED;
}

static bool is_gzip(const struct layer *layer)
{
	return layer->packing == PACKING_GZIP && layer->head[0] == GZIP_MAGIC && layer->head[1] == GZIP_MAGIC_2;
}

/* gzip that zlib refuses for its header: clients that do not look at all of that unpack it. */
static bool retry_raw(const struct passage *passage, unsigned depth, const uint8_t *rest, size_t len)
{
	struct layer *layer = &passage->unpack->layer[depth];

	if (!is_gzip(layer) || layer->retried)
		return false;
	layer->retried = true;
	begin_zlib(passage, layer, ZLIB_RAW);
	if (layer->stage == STAGE_RUNS && !run_zlib(passage, depth, layer->head + GZIP_HEAD, layer->head_len - GZIP_HEAD))
		return false;
	return layer->stage != STAGE_RUNS || len == 0 || run_zlib(passage, depth, rest, len);
}

/* It was not packed as announced.  What came so far is in the head, and behind it the rest. */
static void recover(const struct passage *passage, unsigned depth, const uint8_t *rest, size_t len)
{
	struct layer *layer = &passage->unpack->layer[depth];

	if (layer->starved || layer->out || layer->lost || retry_raw(passage, depth, rest, len) || layer->out)
		return; /* it broke off, goes on, or nobody knows */
	layer->stage = STAGE_PLAIN;
	hand_on(passage, depth + 1, layer->head, layer->head_len);
	if (len)
		hand_on(passage, depth + 1, rest, len);
}

/* Keeps what fits while nothing came out; returns how much that was. */
static size_t remember(struct layer *layer, const uint8_t *data, size_t len)
{
	size_t room = HEAD_MAX - (size_t)layer->head_len, part = len < room ? len : room;

	if (layer->out)
		return 0;
	layer->lost |= layer->full;
	layer->full |= part < len;
	memcpy(layer->head + layer->head_len, data, part);
	layer->head_len = (uint16_t)(layer->head_len + part);
	return part;
}

/* The two first bytes tell how it goes on; gzip waits for all of its header. */
static bool may_begin(const struct layer *layer)
{
	return layer->head_len >= 2 && (!is_gzip(layer) || layer->head_len > GZIP_HEAD);
}

static void feed_zlib(const struct passage *passage, unsigned depth, const uint8_t *data, size_t len)
{
	struct layer *layer = &passage->unpack->layer[depth];

	if (layer->stage == STAGE_BETWEEN && len)
		go_on(layer, data);
	if (layer->stage != STAGE_NEW && layer->stage != STAGE_RUNS)
		return;
	size_t kept = remember(layer, data, len);
	if (layer->stage == STAGE_NEW) {
		if (!may_begin(layer))
			return;
		begin_zlib(passage, layer, bits_of(layer));
		if (layer->stage != STAGE_RUNS)
			return;
		data += kept;
		len -= kept;
		if (!run_zlib(passage, depth, layer->head, layer->head_len)) {
			recover(passage, depth, data, len);
			return;
		}
		kept = 0;
	}
	if (layer->stage == STAGE_RUNS && len && !run_zlib(passage, depth, data, len))
		recover(passage, depth, data + kept, len - kept);
}

static bool is_starved(const BrotliDecoderState *brotli)
{
	BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(brotli);

	return code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES && code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES;
}

/* What it holds back; it may hold some whatever it asked for. */
static void drain_brotli(const struct passage *passage, unsigned depth)
{
	struct layer *layer = &passage->unpack->layer[depth];

	while (!is_bomb(layer) && BrotliDecoderHasMoreOutput(layer->brotli)) {
		size_t made = OUT_BYTES;
		const uint8_t *out = BrotliDecoderTakeOutput(layer->brotli, &made);
		layer->out += made;
		hand_on(passage, depth + 1, out, made);
	}
}

/* False: it is not what brotli reads. */
static bool run_brotli(const struct passage *passage, unsigned depth, const uint8_t *data, size_t len)
{
	struct layer *layer = &passage->unpack->layer[depth];
	BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;

	while (layer->stage == STAGE_RUNS && result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
		size_t none = 0;
		result = BrotliDecoderDecompressStream(layer->brotli, &len, &data, &none, NULL, NULL);
		layer->starved |= is_starved(layer->brotli);
		drain_brotli(passage, depth);
		if (result == BROTLI_DECODER_RESULT_ERROR || is_bomb(layer))
			layer->stage = STAGE_FAILED;
		else if (result == BROTLI_DECODER_RESULT_SUCCESS)
			layer->stage = STAGE_ENDED;
	}
	return layer->stage != STAGE_FAILED;
}

static void feed_brotli(const struct passage *passage, unsigned depth, const uint8_t *data, size_t len)
{
	struct layer *layer = &passage->unpack->layer[depth];

	if (layer->stage == STAGE_NEW) {
		layer->brotli = BrotliDecoderCreateInstance(brotli_take, brotli_give, passage->unpack->state);
		layer->stage = layer->brotli ? STAGE_RUNS : STAGE_FAILED;
	}
	if (layer->stage != STAGE_RUNS)
		return;
	size_t kept = remember(layer, data, len);
	if (!run_brotli(passage, depth, data, len))
		recover(passage, depth, data + kept, len - kept);
}

static void hand_on(const struct passage *passage, unsigned depth, const uint8_t *data, size_t len)
{
	if (depth == passage->unpack->layers) {
		passage->sink->put(passage->sink->ctx, data, len);
		return;
	}
	struct layer *layer = &passage->unpack->layer[depth];
	layer->in += len;
	if (layer->stage == STAGE_PLAIN)
		hand_on(passage, depth + 1, data, len);
	else if (layer->packing == PACKING_BROTLI)
		feed_brotli(passage, depth, data, len);
	else
		feed_zlib(passage, depth, data, len);
}

bool qw_unpack_feed(void *state, struct qw_unpack *unpack, const uint8_t *data, size_t len,
		    const struct qw_unpack_sink *sink)
{
	const struct passage passage = {unpack, sink};

	if (len && !unpack->given_up)
		hand_on(&passage, 0, data, len);
	for (unsigned i = 0; i < unpack->layers && !unpack->given_up; i++) {
		if (unpack->layer[i].stage != STAGE_FAILED)
			continue;
		unpack->given_up = true;
		qw_parser_cut(state);
	}
	return !unpack->given_up;
}
