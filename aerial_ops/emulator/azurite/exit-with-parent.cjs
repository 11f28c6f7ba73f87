// Ends the program when its standard input closes, as it does when the process that holds the other end dies, however it dies.
process.stdin.resume();
process.stdin.on("end", () => process.kill(process.pid, "SIGTERM"));
