/* mail-compose --spec: any bytes are options or one error that names the file. */
#include "../../cmd/mail-compose/options.h"
#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct options o = options_default;
	struct err e = ERR_INIT;
	int fd = memfd_create("spec", 0);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return 0;
	o.spec = str_printf("/proc/self/fd/%d", fd);
	if (full_read_spec(&o, &e) < 0)
		ENSURE(e.code && e.text[0]);
	cli_value_release(&program, &o);
	free(o.lint_message);
	free(o.text);
	free(o.html_text);
	close(fd);
	return 0;
}
