#include "base/clock.h"
#include "base/intl.h"
#include "fetch/take.h"
#include "io/child.h"

int fetch_may_go_on(const struct fetch_job *job, struct err *e)
{
	if (signals_stop())
		return err_set(e, EX_TEMPFAIL, _("stopped by a signal"));
	if (job->deadline_ms && clock_mono_ms() > job->deadline_ms)
		return err_set(e, EX_TEMPFAIL, _("the deadline has passed"));
	return 0;
}

static const char *folder_of(const struct fetch_session *s, const char *folder)
{
	if (s->server->pop3)
		return "INBOX";
	return folder ? folder : s->server->folder ? s->server->folder : "INBOX";
}

int fetch_get(struct fetch_session *s, const char *folder, const struct fetch_job *job,
    struct fetch_result *result, struct err *e)
{
	struct records records = {0};
	struct take t;
	uint32_t validity = 0;
	folder = folder_of(s, folder);
	*result = (struct fetch_result){0};
	if (!s->server->pop3) {
		bool look_only = job->delete_after_s < 0 || job->out || job->look_only;
		if (imap_client_select(&s->imap, folder, look_only, e) < 0)
			return -1;
		validity = s->imap.mailbox.uidvalidity;
	}
	if (records_open(&records, job->state, s->server->key, folder, validity, e) < 0)
		return -1;
	/* two runs at once would both deliver what is new */
	if (!job->out && !job->look_only && state_lock(job->state, records.folder, e) < 0) {
		records_release(&records);
		return err_prefix(e, "%s: ", folder);
	}
	take_open(&t, job, &records, result);
	int r = s->server->pop3 ? fetch_get_pop3(s, &t, e) : fetch_get_imap(s, folder, &t, e);
	struct err second = ERR_INIT;
	/* what came whole is kept, and known, whatever came after */
	if (r < 0 && take_settle(&t, &second) == 0)
		records_flush(&records, &second);
	take_release(&t);
	records_release(&records);
	return r;
}
