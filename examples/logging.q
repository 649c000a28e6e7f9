/ A script for the command line (server_args = /home/kdb/logging.q -q) that sends output to files of this process,
/ then loads the database.
system "1 /var/log/kdb/kdbtaq.",(string .z.i),".out"
system "2 /var/log/kdb/kdbtaq.",(string .z.i),".err"
\l /home/kdb/taq
