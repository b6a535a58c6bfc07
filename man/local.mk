# surat(7), surat-config(5), surat-queue(5), surat-deviations(7)
dist_man_MANS += man/surat.7
