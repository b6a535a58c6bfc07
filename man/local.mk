# surat(7), surat-config(5), surat-queue(5), surat-deviations(7)
