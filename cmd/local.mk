# helper programs shared by several programs (libexec)
