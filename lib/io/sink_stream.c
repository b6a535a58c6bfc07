#include "io/sink.h"
#include "io/stream.h"

/* A stream's errors are sticky and told at its flush; one that is broken already is not fed a whole message first. */
static int stream_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct stream *to = ((struct sink_stream *)sink)->stream;
	stream_write(to, bytes);
	return to->err.code ? err_copy(e, &to->err) : 0;
}

void sink_stream_init(struct sink_stream *s, struct stream *to)
{
	*s = (struct sink_stream){.sink = {.put = stream_put}, .stream = to};
}
