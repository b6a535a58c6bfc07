/* What a transport says: lines of JSON, or not. */
#include "base/alloc.h"
#include "queue/transport.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = {(const char *)data, size}, line;
	while (span_line(&text, &line)) {
		struct transport_report r;
		if (!transport_report_parse(line, &r))
			continue;
		ENSURE(r.word != TRANSPORT_SETTLED ||
		       (r.address && r.host && r.text &&
			   (r.code == 0 || (r.code >= 100 && r.code <= 999))));
		transport_report_release(&r);
	}
	return 0;
}
