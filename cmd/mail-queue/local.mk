# cmd/mail-queue
bin_PROGRAMS += mail-queue
mail_queue_SOURCES = cmd/mail-queue/add.c cmd/mail-queue/all_users.c cmd/mail-queue/change.c cmd/mail-queue/check.c cmd/mail-queue/list.c \
	cmd/mail-queue/mail_queue.h cmd/mail-queue/main.c cmd/mail-queue/move.c cmd/mail-queue/record.c cmd/mail-queue/run.c \
	cmd/mail-queue/select.c cmd/mail-queue/stats.c
mail_queue_LDADD = $(FLOOR_6) $(LIBS_ALL)
dist_schema_DATA += cmd/mail-queue/mail-queue.json

TESTS += tests/cmd/queue.t tests/cmd/queue-move.t tests/cmd/queue-run.t tests/cmd/queue-states.t \
	tests/fault/queue-add.t tests/fault/queue-fail.t tests/fault/queue-kill.t tests/fault/queue-move.t
EXTRA_DIST += tests/fault/syscalls tests/fault/power tests/cmd/queue.sh tests/fault/queue.sh
