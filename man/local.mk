# what is no program
dist_man_MANS += man/surat.7 man/surat-deviations.7 man/surat-config.5
dist_man_MANS += man/mail-mx.1
dist_man_MANS += man/mail-queue.1 man/surat-queue.5
dist_man_MANS += man/mail-read.1
dist_man_MANS += man/mail-send.1
dist_man_MANS += man/mail-deliver.1
dist_man_MANS += man/mail-compose.1
dist_man_MANS += man/mail-fetch.1
dist_man_MANS += man/mail-sign.1 man/mail-verify.1
dist_man_MANS += man/mail-login.1
